/** The migrations of one service: which are new, and which are not as they were. */
import type { Service } from '../../app/model.ts';
import type { MigrationRecord } from '../../stack/stack.ts';
import { assess, recordOf, type Assessed } from './assess.ts';
import { readMigrations, type MigrationFiles } from './files.ts';

export interface ServiceMigrations {
  readonly service: string;
  /** Folder of the service, relative to the app file. */
  readonly folder: string;
  readonly pattern: string;
  /** As a release keeps them, in order. */
  readonly records: readonly MigrationRecord[];
  /** Those that the release which serves does not have. */
  readonly added: readonly Assessed[];
  /** Those that it has with other statements. */
  readonly edited: readonly string[];
  /** Those that it has and this content does not. */
  readonly gone: readonly MigrationRecord[];
  readonly unread: MigrationFiles['unread'];
}

/** What the release that serves has. `none`: nothing serves. `unknown`: something does, and nobody wrote down its migrations. */
export type Released = readonly MigrationRecord[] | 'none' | 'unknown';

/**
 * @param content folder with the service's files, absolute
 * @param apart judge each file as if those before it had been released
 * @returns undefined for a service that does not say where its migrations are
 */
export async function serviceMigrations(
  service: Service,
  content: string,
  released: Released,
  apart = false,
): Promise<ServiceMigrations | undefined> {
  const pattern = service.migrate?.files;
  if (pattern === undefined) return undefined;
  const { files, unread } = await readMigrations(content, pattern);
  const before = new Map(typeof released === 'string' ? [] : released.map((record) => [record.name, record]));
  const isReleased = (name: string): boolean => released === 'unknown' || before.has(name);
  const assessed = assess(files, { isReleased, apart });
  const folder = service.build?.context ?? '.';
  const names = new Set([...files, ...unread].map(({ name }) => name));
  return {
    service: service.name,
    folder,
    pattern,
    unread,
    records: assessed.map((one) => keptRecord(one, before.get(one.name)) ?? recordOf(one, folder)),
    added: assessed.filter(({ name }) => !isReleased(name)),
    edited: assessed.filter(({ name, digest }) => before.has(name) && before.get(name)?.digest !== digest).map(({ name }) => name),
    gone: [...before.values()].filter(({ name }) => !names.has(name)),
  };
}

/** What a file did was judged when it was new. */
function keptRecord({ digest }: Assessed, before: MigrationRecord | undefined): MigrationRecord | undefined {
  return before?.digest === digest ? before : undefined;
}
