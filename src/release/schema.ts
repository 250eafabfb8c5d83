/** What a release does to the schema of its databases, and what a way back finds there. Databases are never taken back. */
import { join } from 'node:path';
import type { Service } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { isUnsaidHarm, type Assessed } from '../guard/migrations/assess.ts';
import { serviceMigrations, type ServiceMigrations } from '../guard/migrations/service.ts';
import type { MigrationRecord, ReleaseRef, SchemaEffect } from '../stack/stack.ts';
import type { StoredEvent } from './journal.ts';
import type { Tools, Work } from './work.ts';

type ByService = Readonly<Record<string, readonly MigrationRecord[]>>;

/** What is known of a release's migrations before they run, and how far they have got. */
export interface SchemaChange {
  /** Those that the release which serves does not have. */
  readonly added: ByService;
  /** Services that migrate without saying where their files are. */
  readonly unknown: readonly string[];
  /** How many migrations the database has that a rollback's release does not. */
  readonly stay: number;
  ran: 'no' | 'begun' | 'done';
}

/** What the release that serves has; undefined when nothing serves. Services are left out where nobody knows. */
export async function liveMigrations({
  live,
  app,
  builder,
  cacheDir,
}: Pick<Work, 'live' | 'app' | 'builder' | 'cacheDir'>): Promise<ByService | undefined> {
  return live === undefined ? undefined : recordsIn(live, Object.values(app.services), { builder, cacheDir });
}

/** A release of before migrations were recorded says it by its content, where that lies here. */
async function recordsIn(ref: ReleaseRef, services: readonly Service[], tools: Pick<Tools, 'builder' | 'cacheDir'>): Promise<ByService> {
  const entries = await Promise.all(
    services.map(async (service): Promise<[string, readonly MigrationRecord[]][]> => {
      const recorded = ref.migrations?.[service.name];
      if (recorded !== undefined) return [[service.name, recorded]];
      const content = ref.content[service.name];
      const folder = content === undefined ? undefined : tools.builder.folder?.(content, tools);
      const found = folder === undefined ? undefined : await serviceMigrations(service, folder, 'none');
      return found === undefined || found.records.length === 0 ? [] : [[service.name, found.records]];
    }),
  );
  return Object.fromEntries(entries.flat());
}

/**
 * Judges the migrations of the content that was built, records them in the release, and asks what has to be asked.
 * @returns what is worth a line of the plan
 */
export async function judgeSchema(work: Work): Promise<string[]> {
  if (work.stored !== undefined) return judgeWayBack(work, work.stored);
  const { known, unknown } = await migrationsOf(work);
  work.migrations = Object.fromEntries(known.map(({ service, records }) => [service, records]));
  const added = Object.fromEntries(known.map((one) => [one.service, recordsOfAdded(one, () => true)]));
  work.schema = { added, unknown, stay: 0, ran: 'no' };
  if (work.live === undefined) return [];
  const passed = work.request.allow.some(({ id }) => id === 'G27');
  const worse = known.flatMap((one) => recordsOfAdded(one, (file) => !passed || !isUnsaidHarm(file))).filter(isWorse);
  const gone = known.flatMap((one) => one.gone).filter(isWorse);
  const [contract, final] = [worse.filter(({ effect }) => effect === 'contract'), worse.filter(({ effect }) => effect === 'irreversible')];
  ask(work, 'schema', [
    ...(contract.length === 0 ? [] : [breakingText(contract, work.live.id)]),
    ...(gone.length === 0 ? [] : [goneText(gone)]),
  ]);
  ask(work, 'irreversible', final.length === 0 ? [] : [breakingText(final, work.live.id), 'A rollback to before it is refused.']);
  return schemaLines(judgedHarm(work));
}

type Migrating = Pick<Work, 'app' | 'live' | 'builder' | 'content' | 'cacheDir' | 'folder'>;

/** The new migrations that take something from the version which serves. A rollback runs none, and the first release harms nobody. */
export async function schemaHarm(input: Migrating): Promise<readonly MigrationRecord[]> {
  if (input.live === undefined) return [];
  const { known } = await migrationsOf(input);
  return known.flatMap((one) => recordsOfAdded(one, () => true)).filter(isWorse);
}

/** The same of a release under way, once its plan was judged. */
export function judgedHarm({ live, schema }: Pick<Work, 'live' | 'schema'>): readonly MigrationRecord[] {
  return live === undefined
    ? []
    : Object.values(schema?.added ?? {})
        .flat()
        .filter(isWorse);
}

interface Known {
  readonly known: readonly ServiceMigrations[];
  readonly unknown: readonly string[];
}

async function migrationsOf(work: Migrating): Promise<Known> {
  const released = await liveMigrations(work);
  const known: ServiceMigrations[] = [];
  const unknown: string[] = [];
  for (const service of Object.values(work.app.services).filter(({ migrate }) => migrate !== undefined)) {
    const before = released === undefined ? 'none' : (released[service.name] ?? 'unknown');
    const found = service.image === undefined ? await serviceMigrations(service, folderOf(work, service), before) : undefined;
    if (found === undefined) unknown.push(service.name);
    else known.push(found);
  }
  return { known, unknown };
}

function folderOf({ builder, content, cacheDir, folder }: Migrating, service: Service): string {
  const built = content[service.name];
  const kept = built === undefined ? undefined : builder.folder?.(built, { cacheDir });
  return kept ?? join(folder, service.build?.context ?? '.');
}

function recordsOfAdded({ added, records }: ServiceMigrations, counts: (file: Assessed) => boolean): MigrationRecord[] {
  const names = new Set(added.filter(counts).map(({ name }) => name));
  return records.filter(({ name }) => names.has(name));
}

function isWorse({ effect }: MigrationRecord): boolean {
  return effect !== 'expand';
}

/** One question for all of a kind. What G27 stops at has been answered by whoever let that pass. */
function ask(work: Work, id: 'schema' | 'irreversible', texts: readonly string[]): void {
  if (texts.length > 0) work.questions = [...work.questions, { id, text: texts.join(' ') }];
}

function breakingText(worse: readonly MigrationRecord[], live: string): string {
  return `${reasonsText(worse)}. Release ${live} runs beside the new one until the bake has ended, and is what a rollback goes to.`;
}

function goneText(gone: readonly MigrationRecord[]): string {
  const names = gone.map(({ name, effect }) => `${name} (${effect})`).join(', ');
  return `The database has ${names}, which this content does not: it may be older than what serves.`;
}

const reasonsShown = 5;

function reasonsText(records: readonly MigrationRecord[]): string {
  return reasonsOf(records).join('; ');
}

/** For a plan: `schema  migrations/0042.sql:3 drops the column owner of tasks (contract)` */
export function schemaLines(records: readonly MigrationRecord[]): string[] {
  return reasonsOf(records).map((reason) => `schema  ${reason}`);
}

/** `migrations/0042.sql:3 drops the column owner of tasks (contract)` */
function reasonsOf(records: readonly MigrationRecord[]): string[] {
  const reasons = records.flatMap(({ reasons, effect, name }) =>
    (reasons.length === 0 ? [name] : reasons).map((reason) => `${reason} (${effect})`),
  );
  const more = reasons.length > reasonsShown ? [`${reasons.length - reasonsShown} more`] : [];
  return [...reasons.slice(0, reasonsShown), ...more];
}

interface WayBack {
  /** What the database has and the release to go to does not know. */
  readonly between: readonly MigrationRecord[];
  /** Services whose migrations nobody knows, of one release or the other. */
  readonly unknown: readonly string[];
}

/** Between the release that serves, with what failed releases have left in the database, and the one to go back to. */
async function wayBack(
  events: readonly StoredEvent[],
  tools: Pick<Tools, 'builder' | 'cacheDir'>,
  live: ReleaseRef,
  to: ReleaseRef,
): Promise<WayBack> {
  const services = Object.values(live.app.services).filter(({ migrate }) => migrate !== undefined);
  const [present, wanted] = [await recordsIn(live, services, tools), await recordsIn(to, services, tools)];
  const left = leftInDatabase(events);
  const names = [...new Set([...Object.keys(present), ...Object.keys(left)])];
  const isKnown = (name: string): boolean => wanted[name] !== undefined || to.app.services[name]?.migrate === undefined;
  return {
    between: names.filter(isKnown).flatMap((name) => missingIn(wanted[name] ?? [], [...(present[name] ?? []), ...(left[name] ?? [])])),
    unknown: [
      ...new Set([
        ...services.map(({ name }) => name).filter((name) => present[name] === undefined),
        ...names.filter((name) => !isKnown(name)),
      ]),
    ],
  };
}

function missingIn(wanted: readonly MigrationRecord[], present: readonly MigrationRecord[]): MigrationRecord[] {
  const known = new Set(wanted.map(({ name }) => name));
  return [...new Map(present.filter(({ name }) => !known.has(name)).map((record) => [record.name, record])).values()];
}

/** The migrations that any release began to apply, also those that were taken back afterwards. */
function leftInDatabase(events: readonly StoredEvent[]): ByService {
  const left: Record<string, readonly MigrationRecord[]> = {};
  for (const event of sinceDestroyed(events)) {
    if (event.type !== 'noted' || event.about !== 'schema' || event['applying'] === undefined) continue;
    for (const [name, records] of Object.entries(event['applying'] as ByService)) left[name] = [...(left[name] ?? []), ...records];
  }
  return left;
}

function sinceDestroyed(events: readonly StoredEvent[]): readonly StoredEvent[] {
  return events.slice(events.findLastIndex(({ type }) => type === 'destroyed') + 1);
}

/** Refused ones have been refused before the walk began. */
async function judgeWayBack(work: Work, to: ReleaseRef): Promise<string[]> {
  if (work.live === undefined) return [];
  const { between, unknown } = await wayBack(work.journal.events(), work, work.live, to);
  work.schema = { added: {}, unknown, stay: between.length, ran: 'no' };
  const worse = between.filter(isWorse);
  await work.journal.note('schema', {
    stays: between.map(({ name, effect }) => ({ name, effect })),
    unknown,
    allowed: worse.length > 0 && work.request.allowSchemaMismatch,
  });
  if (worse.length > 0 && !work.request.allowSchemaMismatch)
    ask(work, 'schema', [`Release ${to.id} was made before this: ${reasonsText(worse)}. Database contents are not rolled back.`]);
  return schemaLines(worse);
}

/** @throws GantryError GR5005 when a migration in between cannot be lived with, unless that was let pass */
export async function refuseMismatch(
  events: readonly StoredEvent[],
  tools: Pick<Tools, 'builder' | 'cacheDir'>,
  live: ReleaseRef,
  to: ReleaseRef,
): Promise<void> {
  const { between } = await wayBack(events, tools, live, to);
  const final = between.filter(({ effect }) => effect === 'irreversible');
  if (final.length === 0) return;
  const count = final.length === 1 ? 'an irreversible migration lies' : `${final.length} irreversible migrations lie`;
  throw new GantryError('GR5005', `${count} between release ${to.id} and the one that serves`, {
    where: live.env.name,
    lines: reasonsOf(final),
    state: `release ${live.id} serves everything; nothing was changed`,
  });
}

/** Whether this very release has migrated before: once is enough. */
export function hasMigrated(events: readonly StoredEvent[], release: string): boolean {
  let named = '';
  return sinceDestroyed(events).some((event) => {
    if (event.type === 'begun') named = '';
    if (event.type === 'named') named = event.release;
    return event.type === 'done' && event.step === 'migrate' && named === release;
  });
}

/** From here on the database may have them, whatever becomes of the release. */
export async function migrationsBegin(work: Work): Promise<void> {
  const { schema } = work;
  if (schema === undefined) return;
  if (Object.values(schema.added).some(({ length }) => length > 0)) await work.journal.note('schema', { applying: schema.added });
  schema.ran = 'begun';
}

export function migrationsEnd({ schema }: Work): void {
  if (schema !== undefined) schema.ran = 'done';
}

/** What the step says of each service: `backend 2 new (expand)`. */
export function migratedText({ schema, app }: Pick<Work, 'schema' | 'app'>): string {
  const jobs = Object.values(app.services).filter(({ migrate }) => migrate !== undefined);
  return jobs.map(({ name }) => `${name} ${effectsText(schema?.added[name])}`).join('  ');
}

function effectsText(added: readonly MigrationRecord[] | undefined): string {
  if (added === undefined) return '(schema effects unknown)';
  if (added.length === 0) return 'nothing new';
  return `${added.length} new (${effectsOf(added).join(', ')})`;
}

function effectsOf(records: readonly MigrationRecord[]): SchemaEffect[] {
  return (['expand', 'contract', 'irreversible'] as const).filter((effect) => records.some((record) => record.effect === effect));
}

/** What a rollback says in the place of migrating. */
export function staysText({ schema, app }: Pick<Work, 'schema' | 'app'>): string {
  const { stay = 0, unknown = [] } = schema ?? {};
  const hasDatabase = Object.values(app.resources).some(({ type }) => type === 'postgres');
  if (!hasDatabase && stay === 0 && unknown.length === 0) return '';
  const stays = stay === 0 ? [] : [stay === 1 ? '1 migration stays' : `${stay} migrations stay`];
  const effects = unknown.length === 0 ? [] : [`schema effects unknown (${unknown.join(', ')})`];
  return [...stays, ...effects, 'database contents are not rolled back'].join('; ');
}

/** What is true of the database after a release was taken back; empty when the old version has nothing to notice. */
export function schemaTruth({ schema, live }: Pick<Work, 'schema' | 'live'>): string {
  if (schema === undefined || schema.ran === 'no' || live === undefined) return '';
  const worse = Object.values(schema.added).flat().filter(isWorse);
  const part = schema.ran === 'begun' ? 'may have been applied, in whole or in part' : 'stays in the database';
  if (worse.length > 0)
    return `${worse.map(({ name, effect }) => `${name} (${effect})`).join(', ')} ${part}: release ${live.id} runs on the new schema`;
  return schema.unknown.length > 0 ? `the migration of ${schema.unknown.join(', ')} has run; what it changed is not known and stays` : '';
}
