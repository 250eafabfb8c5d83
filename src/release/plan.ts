/** Plans: what a release would change, in words too, and the file that carries a plan to a later `deploy --plan`. */
import { GantryError, type ErrorCode } from '../errors.ts';
import type { Change, ChangeKind } from '../engines/engine.ts';
import { canonical, digest, releaseId } from '../stack/names.ts';
import type { MigrationRecord, ReleaseRef, Sets } from '../stack/stack.ts';
import { versionsUsed } from './steps/secrets.ts';
import { bothSets, engineContext, platformContext, type EngineInput, type Work } from './work.ts';

/** `plan --out FILE`. */
export interface PlanFile {
  readonly format: 1;
  /** Version of Gantry that wrote it. */
  readonly gantry: string;
  readonly app: string;
  readonly environment: string;
  /** The release that served when it was made. */
  readonly live: string | null;
  /** Digest over what would run: app, environment, content. */
  readonly wanted: string;
  readonly changes: readonly Change[];
}

/** What a plan is made from: by the step of a release, and by the command without one. */
export type PlanInput = EngineInput & Pick<Work, 'target' | 'engines' | 'platform' | 'folder' | 'live' | 'stored' | 'content'>;

/** What is to be released. The final versions of the secrets are not known yet: those of now stand for them. */
export async function wanted(input: PlanInput): Promise<ReleaseRef> {
  return input.stored ?? newRelease({ ...input, secrets: await presentVersions(input) });
}

/** What would change, stack by stack. */
export async function planned(input: PlanInput, release?: ReleaseRef): Promise<readonly Change[]> {
  const next = release ?? (await wanted(input));
  const sets = { ...bothSets({ live: input.live, next: undefined }), next };
  const context = engineContext(input, sets);
  const changes: Change[] = [];
  for (const stack of input.target.compile(sets)) changes.push(...(await input.engines[stack.engine].plan(stack, context)).changes);
  return [...changes, ...settingsChanges(changes, input.live, next)];
}

async function presentVersions(input: PlanInput): Promise<Record<string, number>> {
  return versionsUsed(input.app, input.platform.secrets(platformContext(input)));
}

/** The release as it is known so far. */
export function newRelease(
  work: Pick<Work, 'app' | 'env' | 'content' | 'secrets' | 'migrations'>,
  counts: Readonly<Record<string, number>> = {},
): ReleaseRef {
  const { app, env, content, secrets, migrations } = work;
  const id = releaseId({ app, env, content, secrets });
  return { id, app, env, content, secrets, counts, ...(migrations === undefined ? {} : { migrations }) };
}

/** A release differs although nothing that runs does: a smoke check, or how long it bakes. */
function settingsChanges(changes: readonly Change[], live: ReleaseRef | undefined, next: ReleaseRef): Change[] {
  if (live === undefined || live.id === next.id || !isEmpty(changes)) return [];
  const { app, env } = next;
  const services = Object.values(app.services).flatMap((service) =>
    differing(live.app.services[service.name] ?? {}, service, service.name),
  );
  const fields = [
    ...differing({ ...live.app, services: {}, resources: {} }, { ...app, services: {}, resources: {} }),
    ...services,
    ...differing(live.env, env, env.name),
  ];
  return [{ kind: 'update', subject: 'app/settings', detail: fields.join(', '), downtime: false, dataLoss: false }];
}

/** Names of the fields that are not equal. */
function differing(before: object, after: object, prefix?: string): string[] {
  const [old, young] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = [...new Set([...old.keys(), ...young.keys()])].filter((key) => canonical(old.get(key)) !== canonical(young.get(key)));
  return prefix === undefined ? keys : keys.map((key) => `${prefix}.${key}`);
}

/** Whether a release would change nothing. */
export function isEmpty(changes: readonly Change[]): boolean {
  return changes.every(({ kind }) => kind === 'unchanged');
}

const signs: Readonly<Record<ChangeKind, string>> = {
  create: '+',
  update: '~',
  replace: '-+',
  delete: '-',
  unchanged: ' ',
  unknown: '?',
};

/** One line for each change: `~ service/backend  content 7a3f.. -> 2c91..`. */
export function changeLines(changes: readonly Change[]): string[] {
  const shown = changes.filter(({ kind }) => kind !== 'unchanged');
  const width = Math.max(0, ...shown.map(({ subject }) => subject.length));
  return shown.map(({ kind, subject, detail, downtime, dataLoss }) => {
    const cost = [...(downtime ? ['downtime'] : []), ...(dataLoss ? ['data loss'] : [])].join(', ');
    return `${signs[kind]} ${subject.padEnd(width)}  ${[detail, cost].filter(Boolean).join('  ')}`.trimEnd();
  });
}

/** Whether data would be gone: by what the engines would do, or by a migration. */
export function losesData(changes: readonly Change[], harm: readonly { readonly effect: string }[]): boolean {
  return changes.some(({ dataLoss }) => dataLoss) || harm.some(({ effect }) => effect === 'irreversible');
}

/**
 * `~ 2 changed  0 replaced  0 destroyed  no downtime, no data loss`
 * @param harm new migrations that take something from the version which serves; of their data only the author knows
 */
export function changesText(changes: readonly Change[], harm: readonly MigrationRecord[] = []): string {
  if (isEmpty(changes)) return 'nothing would change';
  const number = (kind: ChangeKind): number => changes.filter((change) => change.kind === kind).length;
  const cost = (lost: boolean, noun: string): string => (lost ? noun : `no ${noun}`);
  const counted = [
    ...(number('create') > 0 ? [`+ ${number('create')} created`] : []),
    `~ ${number('update')} changed`,
    `${number('replace')} replaced`,
    `${number('delete')} destroyed`,
    ...(number('unknown') > 0 ? [`${number('unknown')} unknown`] : []),
  ];
  const downtime = changes.some((change) => change.downtime);
  const loss = losesData(changes, harm);
  const data = harm.length > 0 && !loss ? 'schema changes' : cost(loss, 'data loss');
  return `${counted.join('  ')}  ${cost(downtime, 'downtime')}, ${data}`;
}

/** The files of every stack as the engines write them, by stack and path; secrets are references in them. */
export function renderedFiles(work: Work, sets: Sets): Record<string, Readonly<Record<string, string>>> {
  const { content } = engineContext(work, sets);
  return Object.fromEntries(
    work.target.compile(sets).map((stack) => [stack.id, work.engines[stack.engine].render(stack, content)] as const),
  );
}

/** Digest over what would run. Versions of secrets are left out: they are fixed late, and what depends on them is in `changes`. */
export function wantedDigest({ app, env, content }: Pick<ReleaseRef, 'app' | 'env' | 'content'>): string {
  return digest(canonical({ app, env, content }));
}

export function planFile(work: Pick<Work, 'app' | 'env' | 'content' | 'live' | 'version' | 'changes'>): PlanFile {
  return {
    format: 1,
    gantry: work.version,
    app: work.app.name,
    environment: work.env.name,
    live: work.live?.id ?? null,
    wanted: wantedDigest(work),
    changes: work.changes,
  };
}

/** As it lies in a file: with a digest, so that an edited plan is told from an approved one. */
export function writtenPlan(plan: PlanFile): string {
  return `${JSON.stringify({ ...plan, digest: digest(canonical(plan)) }, null, 2)}\n`;
}

/** @throws GantryError GR6001 (another version's format), GR6003 (no plan, or changed since) */
export function parsedPlan(text: string, where: string): PlanFile {
  const refuse = (message: string): GantryError => new GantryError('GR6003', message, { where, exitCode: 2 });
  const found = parsedJson(text);
  if (typeof found !== 'object' || found === null || !('digest' in found) || !('gantry' in found)) throw refuse('this is not a plan');
  const { digest: sum, ...plan } = found;
  if (sum !== digest(canonical(plan))) throw refuse('the plan was changed after it was made');
  if ((plan as Partial<PlanFile>).format === 1) return plan as unknown as PlanFile;
  throw new GantryError('GR6001', `the plan was made by Gantry ${String(plan.gantry)}, in a format that this one does not read`, { where });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Mismatch {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** Of another app, environment or version; known without looking at what runs. */
export function foreignPlan(file: PlanFile, { app, env }: Pick<Work, 'app' | 'env'>, version: string): Mismatch | undefined {
  const foreign = (message: string): Mismatch => ({ code: 'GR6001', message, fix: newPlanText(env) });
  if (file.app !== app.name) return foreign(`the plan is for the app ${file.app}, not ${app.name}`);
  if (file.environment !== env.name) return foreign(`the plan is for ${file.environment}, not ${env.name}`);
  if (file.gantry !== version) return foreign(`the plan was made by Gantry ${file.gantry}; this is ${version}`);
  return undefined;
}

function newPlanText({ name }: Pick<Work['env'], 'name'>): string {
  return `Make a new one: gantry plan ${name} --out FILE`;
}

/** Why a plan must not be carried out here and now; undefined when it may be. */
export function planMismatch(
  file: PlanFile,
  work: Pick<Work, 'app' | 'env' | 'content' | 'live' | 'changes'>,
  version: string,
): Mismatch | undefined {
  const stale = (message: string): Mismatch => ({ code: 'GR6002', message, fix: newPlanText(work.env) });
  const foreign = foreignPlan(file, work, version);
  if (foreign !== undefined) return foreign;
  if (file.live !== (work.live?.id ?? null))
    return stale(`the plan was made when ${named(file.live)} served; now ${named(work.live?.id ?? null)} does`);
  if (file.wanted !== wantedDigest(work)) return stale('the files have changed since the plan was made');
  if (canonical(file.changes) !== canonical(work.changes)) return stale('what would change has changed since the plan was made');
  return undefined;
}

function named(release: string | null): string {
  return release === null ? 'nothing' : `release ${release}`;
}
