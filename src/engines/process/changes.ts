/** What differs between what should run now and what a stack asks for, in words; pure. */
import type { ResourceSpec, ServiceSpec, SetSpec, SiteSpec, SpecPlaceholder, SpecValue } from '../../stack/process.ts';
import type { Desired } from '../../platforms/local/protocol.ts';
import { startsNode } from '../../stack/programs.ts';
import type { Change } from '../engine.ts';

/** Differences by resource and service; releases are compared by the content that serves in the end. */
export function changes(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  return [...resourceChanges(now, wish), ...serviceChanges(now, wish)];
}

type Difference = Pick<Change, 'kind' | 'detail' | 'downtime' | 'dataLoss'>;

const unchanged: Difference = { kind: 'unchanged', detail: '', downtime: false, dataLoss: false };
const update = (detail: string, downtime = false): Difference => ({ kind: 'update', detail, downtime, dataLoss: false });

function resourceChanges(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  if (wish.resources === undefined) return [];
  return compare('resource', now?.resources.resources ?? [], wish.resources.resources, resourceDifference, ({ type }) => type).map(
    (change) => ({ ...change, dataLoss: change.dataLoss || change.kind === 'delete' }),
  );
}

/** A server of another kind or major, or with another owner, starts with an empty database. */
function resourceDifference(before: ResourceSpec, after: ResourceSpec): Difference {
  const fields = changedFields(before, after);
  if (fields.length === 0) return unchanged;
  const detail = fields.map((field) => arrow(field, before[field], after[field])).join(', ');
  return { kind: 'replace', detail, downtime: true, dataLoss: true };
}

/** A service or site together with the versions of the secrets that it is given. */
type Part = (ServiceSpec | SiteSpec) & { readonly secrets: Readonly<Record<string, number>> };

function serviceChanges(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  const target = wish.next ?? wish.live;
  if (target === undefined || target === null) return [];
  return compare('service', parts(now?.live), parts(target), partDifference, contentOf);
}

function parts(set: SetSpec | null | undefined): Part[] {
  if (set === null || set === undefined) return [];
  const services = set.services.map((service) => ({ ...service, secrets: versionsUsed(service, set) }));
  return [...services, ...set.sites.map((site) => ({ ...site, secrets: {} }))];
}

function versionsUsed({ env }: ServiceSpec, { secrets }: SetSpec): Record<string, number> {
  const names = Object.values(env).flatMap(placeholders).flatMap(secretName);
  return Object.fromEntries(names.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secrets[name]]])));
}

function placeholders(value: SpecValue): SpecPlaceholder[] {
  const items = Array.isArray(value) ? (value as readonly (string | SpecPlaceholder)[]) : [value as string | SpecPlaceholder];
  return items.filter((item): item is SpecPlaceholder => typeof item !== 'string');
}

function secretName(placeholder: SpecPlaceholder): string[] {
  return '$secret' in placeholder ? [placeholder.$secret] : [];
}

function partDifference(before: Part, after: Part): Difference {
  const details = changedFields(before, after).flatMap((field) => wordsFor(field, before, after));
  return details.length === 0 ? unchanged : update(details.join(', '), runsAlone(after));
}

/** The number to start with follows what runs, so it is no change. */
function wordsFor(field: keyof Part, before: Part, after: Part): string[] {
  const [old, young] = [new Map(Object.entries(before)), new Map(Object.entries(after))] as const;
  switch (field as string) {
    case 'replicas':
      return [];
    case 'content':
      return [`content ${contentOf(before)} -> ${contentOf(after)}`];
    case 'env':
      return [`variables ${changedNames(old.get('env'), young.get('env'))}`];
    case 'secrets':
      return Object.keys(after.secrets)
        .filter((name) => before.secrets[name] !== undefined && before.secrets[name] !== after.secrets[name])
        .map((name) => `secret ${name} version ${before.secrets[name] ?? 0} -> ${after.secrets[name] ?? 0}`);
    case 'scale':
      return [`scale ${scaleText(old.get('scale'))} -> ${scaleText(young.get('scale'))}`];
    default:
      return [arrow(field, old.get(field), young.get(field))];
  }
}

const shownDigits = 8;

function contentOf({ content }: { readonly content: Part['content'] }): string {
  return typeof content === 'string' ? content.slice(0, shownDigits) : 'not built';
}

function changedNames(before: unknown, after: unknown): string {
  const [old, young] = [before, after].map((env) => (env ?? {}) as Record<string, unknown>);
  const marked = (name: string): string => (name in (old ?? {}) ? (name in (young ?? {}) ? `~${name}` : `-${name}`) : `+${name}`);
  return changedFields(old ?? {}, young ?? {})
    .map(marked)
    .join(' ');
}

function scaleText(scale: unknown): string {
  const { min, max, cpu, concurrency } = scale as Partial<ServiceSpec['scale']>;
  const range = min === max ? `${min ?? ''}` : `${min ?? ''}..${max ?? ''}`;
  return [range, ...(cpu === undefined ? [] : [`cpu ${cpu}`]), ...(concurrency === undefined ? [] : [`concurrency ${concurrency}`])].join(
    ' ',
  );
}

/** Short values are shown, others are named. */
function arrow(field: string, before: unknown, after: unknown): string {
  const plain = [before, after].every((value) => typeof value === 'string' || typeof value === 'number');
  return plain ? `${field} ${String(before)} -> ${String(after)}` : field;
}

/** A program that takes a fixed port can only start when its predecessor has gone. */
function runsAlone(part: Part): boolean {
  return 'fixedPort' in part && part.fixedPort && !startsNode(part.run);
}

function compare<T extends { readonly name: string }>(
  noun: string,
  before: readonly T[],
  after: readonly T[],
  difference: (before: T, after: T) => Difference,
  describe: (item: T) => string,
): Change[] {
  const [old, young] = [byName(before), byName(after)];
  return [...new Set([...young.keys(), ...old.keys()])].map((name) => {
    const [was, becomes] = [old.get(name), young.get(name)];
    const subject = `${noun}/${name}`;
    if (was !== undefined && becomes !== undefined) return { subject, ...difference(was, becomes) };
    const detail = becomes === undefined ? '' : describe(becomes);
    return { subject, ...unchanged, kind: becomes === undefined ? 'delete' : 'create', detail };
  });
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function changedFields<T extends object>(before: T, after: T): (keyof T & string)[] {
  const [old, young] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = [...new Set([...old.keys(), ...young.keys()])] as (keyof T & string)[];
  return keys.filter((key) => JSON.stringify(old.get(key)) !== JSON.stringify(young.get(key)));
}
