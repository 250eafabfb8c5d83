/** The first step that judges: what the target cannot do, secrets without a value, and the guardrails. */
import { featuresUsed } from '../../app/features.ts';
import { GantryError } from '../../errors.ts';
import { blockedBy, guardLine, judge, type Judgement } from '../../guard/judge.ts';
import { guardContext } from '../guarding.ts';
import { platformContext, type Work } from '../work.ts';

/** Refuses what the target cannot do, secrets without a value, and what a guardrail blocks; collects what has to be confirmed. */
export async function guard(work: Work): Promise<string> {
  refuseUnsupported(work);
  const set = new Set((await work.platform.secrets(platformContext(work)).list()).map(({ name }) => name));
  const missing = userSecrets(work).filter(({ name }) => !set.has(name));
  const [first] = missing;
  if (first === undefined) return guardrails(work);
  const names = missing.map(({ name }) => name).join(', ');
  throw new GantryError('GR1002', `no value for ${names}`, {
    where: first.where,
    fix: `Give it a value: gantry secret set ${work.env.name} ${first.name}`,
  });
}

function refuseUnsupported(work: Work): void {
  const supports = work.target.supports(work.app, work.env);
  for (const { feature, path } of featuresUsed(work.app, work.env)) {
    const support = supports[feature];
    if (support.level === 'no')
      throw new GantryError('GR1003', `${path}: ${support.reason}`, { where: `${work.env.name} (${work.target.name})` });
  }
}

function userSecrets(work: Work): { readonly name: string; readonly where: string }[] {
  const services = Object.values(work.app.services).flatMap((service) =>
    service.secrets.map((name) => ({ name, where: `services.${service.name}.secrets` })),
  );
  const external = Object.values(work.app.resources).flatMap(({ name, external: secret }) =>
    secret === undefined ? [] : [{ name: secret, where: `resources.${name}.external` }],
  );
  return [...services, ...external];
}

/** What is known before anything is built. What a rollback goes to was judged when it was released. */
async function guardrails(work: Work): Promise<string> {
  if (work.stored !== undefined) return 'judged when it was released';
  const context = await guardContext(work);
  const judged = await judge(context, work.request.allow, ['files']);
  const source = context.purpose === 'deploy' ? await context.source() : undefined;
  await note(work, judged, source === undefined ? {} : { source });
  return verdict(work, judged);
}

/** What could only be judged once everything was built and planned. @throws GantryError GR1007 */
export async function guardPlan(work: Work): Promise<void> {
  const judged = await judge(await guardContext(work), work.request.allow, work.stored === undefined ? ['built', 'plan'] : ['plan']);
  if (judged.findings.length > 0 || judged.allowed.length > 0) await note(work, judged, {});
  verdict(work, judged);
}

async function note(work: Work, { rules, findings, allowed }: Judgement, more: Readonly<Record<string, unknown>>): Promise<void> {
  await work.journal.note('guard', { rules, findings, allowed, ...more });
}

function verdict(work: Work, judged: Judgement): string {
  work.questions = [...work.questions, ...judged.questions];
  if (judged.blocked.length > 0) throw blockedBy(judged.blocked, work.env.name);
  return guardLine(judged);
}
