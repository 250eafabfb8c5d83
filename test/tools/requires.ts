/** Tests that need an outside program: they run where it is present, and are skipped with one clear line where it is not. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** Programs that stand for a need; the first one found on PATH is taken. */
const programs = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  haproxy: ['haproxy'],
  postgres: ['postgres', 'pg_ctl'],
  psql: ['psql'],
  python: ['python3'],
  redis: ['redis-server', 'valkey-server'],
  strace: ['strace'],
  wrk: ['wrk'],
} as const satisfies Record<string, readonly string[]>;

export type Need = keyof typeof programs;

/** Where Debian keeps servers that it does not put on PATH. */
const moreFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** Absolute path of the program that meets the need, or undefined. */
export function programFor(need: Need, path: string = process.env['PATH'] ?? ''): string | undefined {
  const folders = [...path.split(delimiter).filter(Boolean), ...moreFolders];
  return programs[need].flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Why a test with these needs cannot run here, for example `needs redis-server or valkey-server`; undefined when it can. */
export function missing(needs: readonly Need[], path?: string): string | undefined {
  const absent = needs.filter((need) => programFor(need, path) === undefined);
  return absent.length === 0 ? undefined : `needs ${absent.map((need) => programs[need].join(' or ')).join(', ')}`;
}

/**
 * A `describe` that is skipped, with the reason shown at the end of the run, where a program is missing:
 * `requires('redis')('counter', () => { ... })`. Within one test, use `context.skip(missing(['redis']))` instead.
 */
export function requires(...needs: Need[]): (name: string, body: () => void) => void {
  const reason = missing(needs);
  return (name, body) => {
    if (reason === undefined) describe(name, body);
    else describe(name, { skip: true, meta: { reason } }, body);
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

declare module 'vitest' {
  interface TaskMeta {
    /** Why the tests of a suite are skipped. */
    reason?: string;
  }
}
