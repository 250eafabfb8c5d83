/** The address of content: a hash of everything that its making depends on. */
import { createHash } from 'node:crypto';

/** A file, folder or symbolic link of the source. */
export interface Entry {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Permission bits; 0 for links. */
  readonly mode: number;
  /** SHA-256 of a file, target of a link, empty for a folder. */
  readonly content: string;
}

export interface Recipe {
  readonly entries: readonly Entry[];
  readonly prepare: readonly (readonly string[])[];
  /** Folder of files that are served as they are; nothing else is in the content then. */
  readonly only?: string;
  readonly machine: Machine;
}

export interface Machine {
  readonly nodeMajor: number;
  readonly platform: string;
  readonly arch: string;
}

/** Raised when content of an older Gantry must not be used any more. */
const format = 1;
const length = 32;

/** Hex. The order of the entries does not matter. */
export function addressOf({ entries, prepare, only, machine }: Recipe): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ format, prepare, only: only ?? null, machine: prepare.length === 0 ? null : machine }));
  for (const line of entries.map(toLine).toSorted()) hash.update(`\n${line}`);
  return hash.digest('hex').slice(0, length);
}

function toLine({ path, kind, mode, content }: Entry): string {
  return JSON.stringify([path, kind, mode, content]);
}
