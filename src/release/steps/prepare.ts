/** Steps before anything outside this machine changes, and the last one before the new content is used: build, plan, confirm, push. */
import { GantryError } from '../../errors.ts';
import type { ContentRef } from '../../stack/stack.ts';
import { changeLines, changesText, planMismatch, planned } from '../plan.ts';
import { judgedHarm, judgeSchema } from '../schema.ts';
import { losesData } from '../request.ts';
import { buildContext, type Question, type Work } from '../work.ts';
import { guardPlan } from './guard.ts';

/** Builds every service that has a source; equal content is not built twice. A rollback has its content already. */
export async function build(work: Work): Promise<string> {
  if (work.stored !== undefined) return 'kept content';
  const context = buildContext(work);
  const services = Object.values(work.app.services).filter((service) => service.image === undefined);
  const entries: [string, ContentRef][] = [];
  for (const service of services) entries.push([service.name, await work.builder.build(service, context)]);
  work.content = Object.fromEntries(entries);
  return entries.map(([name, { address }]) => `${name} ${address.slice(0, 8)}`).join('  ');
}

/** Says what will change. The final versions of the secrets are not known yet: those of now stand for them. */
export async function plan(work: Work): Promise<string> {
  work.changes = await planned(work);
  refuseOtherPlan(work);
  const schema = await judgeSchema(work);
  const summary = changesText(work.changes, judgedHarm(work));
  await work.journal.note('plan', { summary, changes: work.changes.filter(({ kind }) => kind !== 'unchanged') });
  await guardPlan(work);
  return [summary, ...changeLines(work.changes), ...schema].join('\n');
}

/** A plan that a person approved holds only for what it was made of. @throws GantryError GR6001, GR6002 */
function refuseOtherPlan(work: Work): void {
  const { plan: file } = work.request;
  if (file === undefined) return;
  const problem = planMismatch(file, work, work.version);
  if (problem !== undefined) throw new GantryError(problem.code, problem.message, { fix: problem.fix });
}

/** Nothing outside this machine changes before somebody has said yes to what needs one. @throws GantryError GR1005 */
export async function confirm(work: Work): Promise<string> {
  const { operation, confirmed } = work.request;
  const open = work.questions.filter(({ id }) => !confirmed.includes(id) && !(confirmed.includes('yes') && !losesData.has(id)));
  if (open.length === 0 || operation === 'up' || operation === 'watch') return work.questions.map(({ id }) => id).join(', ');
  throw new GantryError('GR1005', `${open.length === 1 ? 'one thing has' : `${open.length} things have`} to be confirmed`, {
    where: work.env.name,
    lines: open.map(asLine),
    fix: `Answer on a terminal, or say yes beforehand: ${open.map(({ id }) => `--confirm ${id}`).join(' ')}`,
  });
}

/** `G23: changing "name" forces a new database.` Whoever asks a person reads the id back from here. */
function asLine({ id, text }: Question): string {
  return `${id}: ${text}`;
}

/** Takes the content to where it will run; places that run what lies here have nothing to do. */
export async function push(work: Work): Promise<string> {
  const { push: carry } = work.builder;
  if (carry === undefined || work.stored !== undefined) return '';
  const context = buildContext(work);
  const pushed: string[] = [];
  for (const content of Object.values(work.content)) pushed.push(await carry(content, context));
  return pushed.map((digest) => digest.slice(0, 15)).join('  ');
}
