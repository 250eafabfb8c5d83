/** What the process engine asks the supervisor for, as data. */
import type { EntrySpec, ResourcesSpec, SetSpec } from '../../stack/process.ts';
import type { Desired } from '../../platforms/local/protocol.ts';
import type { ContentRef, Part, Stack } from '../../stack/stack.ts';
import type { Change, ChangeKind } from '../engine.ts';

export type RenderedFiles = Readonly<Record<string, string>>;

/** A part that render does not know stays a placeholder, which the supervisor fills when a process starts. */
export function fill(
  part: Exclude<Part, string>,
  content: Readonly<Record<'live' | 'next', Readonly<Record<string, ContentRef>>>>,
): string {
  if ('output' in part) return JSON.stringify({ $output: part.output });
  if ('secret' in part) return JSON.stringify({ $secret: part.secret });
  return JSON.stringify(content[part.set][part.image]?.address ?? { $content: part.image });
}

/** The fields of the desired state that a stack's files are about. */
export function wanted(stack: Stack, files: RenderedFiles): Partial<Desired> {
  if (stack.phase === 'foundation') return { resources: parse<ResourcesSpec>(files['resources.json']) };
  if (stack.phase === 'migrate') return {};
  return {
    entry: parse<EntrySpec>(files['entry.json']),
    live: files['sets/live.json'] === undefined ? null : parse<SetSpec>(files['sets/live.json']),
    next: files['sets/next.json'] === undefined ? null : parse<SetSpec>(files['sets/next.json']),
    share: 0,
  };
}

function parse<T>(text: string | undefined): T {
  return JSON.parse(text ?? 'null') as T;
}

/** Differences between what is and what should be, by resource and service; releases are compared by the content that serves in the end. */
export function changes(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  return [...resourceChanges(now, wish), ...serviceChanges(now, wish)];
}

function resourceChanges(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  if (wish.resources === undefined) return [];
  const before = byName(now?.resources.resources ?? []);
  const after = byName(wish.resources.resources);
  return compare('resource', before, after).map((change) => ({ ...change, dataLoss: change.kind === 'delete' }));
}

function serviceChanges(now: Desired | undefined, wish: Partial<Desired>): Change[] {
  const target = wish.next ?? wish.live;
  if (target === undefined || target === null) return [];
  return compare('service', byName(parts(now?.live)), byName(parts(target)));
}

function parts(set: SetSpec | null | undefined): { readonly name: string }[] {
  return set === null || set === undefined ? [] : [...set.services, ...set.sites];
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function compare(noun: string, before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): Change[] {
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names.map((name) => {
    const [kind, detail] = difference(before.get(name), after.get(name));
    return { kind, subject: `${noun}/${name}`, detail, downtime: false, dataLoss: false };
  });
}

function difference(before: object | undefined, after: object | undefined): [ChangeKind, string] {
  if (before === undefined) return ['create', ''];
  if (after === undefined) return ['delete', ''];
  const fields = changedFields(before, after);
  return fields.length === 0 ? ['unchanged', ''] : ['update', fields.join(', ')];
}

function changedFields(before: object, after: object): string[] {
  const [old, young] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = [...new Set([...old.keys(), ...young.keys()])];
  return keys.filter((key) => JSON.stringify(old.get(key)) !== JSON.stringify(young.get(key)));
}
