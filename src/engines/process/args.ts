/** What the process engine asks the supervisor for, as data. */
import type { EntrySpec, ResourcesSpec, SetSpec } from '../../stack/process.ts';
import type { Desired } from '../../platforms/local/protocol.ts';
import type { ContentRef, Part, Stack } from '../../stack/stack.ts';

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
