import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly kind: string;
  readonly sql: string;
  readonly checksum: string;
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;
const KIND = /^-- gantry: (expand|contract|irreversible)\r?\n/;
/** Any fixed number; it must be the same for every version of this program. */
const LOCK = 7_284_615_093;

/** The migrations of a folder, in order. @throws MigrationError for a badly named, badly headed or doubly numbered file */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(names.map(async (name) => parse(name, await readFile(new URL(name, folder), 'utf8'))));
  const twice = migrations.find((m, i) => migrations[i - 1]?.version === m.version);
  if (twice) throw new MigrationError(`two migrations have the number ${twice.version}; give the newer one the next free number`);
  return migrations;
}

function parse(file: string, sql: string): Migration {
  const [, number, name] = FILE.exec(file) ?? [];
  if (!number || !name) throw new MigrationError(`${file}: migrations are named like 0004_add_labels.sql`);
  const kind = KIND.exec(sql)?.[1];
  if (!kind)
    throw new MigrationError(`${file}: the first line must be "-- gantry: expand", "-- gantry: contract" or "-- gantry: irreversible"`);
  return { version: Number(number), name, kind, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

interface Applied {
  version: number;
  name: string;
  checksum: string;
}

/**
 * Applies what is missing, each in its own transaction, under a lock that excludes other migrators.
 * Migrations that only the database knows are left alone: they belong to a newer release.
 * @returns the migrations that were applied now
 */
export async function migrate(client: pg.Client, migrations: readonly Migration[], report: (line: string) => void): Promise<Migration[]> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(`create table if not exists schema_migrations (
      version integer primary key, name text not null, kind text not null, checksum text not null, applied_at timestamptz not null default now())`);
    const applied = (await client.query<Applied>('select version, name, checksum from schema_migrations order by version')).rows;
    const pending = findPending(migrations, applied);
    for (const migration of pending) await apply(client, migration, report);
    return pending;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
  }
}

/** @throws MigrationError when an applied file was edited or a new one comes before an applied one */
export function findPending(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(applied.map((row) => [row.version, row]));
  const last = Math.max(0, ...known.keys());
  return migrations.filter((migration) => {
    const row = known.get(migration.version);
    if (row && row.checksum !== migration.checksum) throw edited(migration);
    if (!row && migration.version < last) throw outOfOrder(migration, last);
    return !row;
  });
}

const label = (m: Migration): string => `${String(m.version).padStart(4, '0')}_${m.name}.sql`;

const edited = (m: Migration): MigrationError =>
  new MigrationError(
    `${label(m)} was edited after it had been applied to this database; put it back as it was and write the change as a new migration`,
  );

const outOfOrder = (m: Migration, last: number): MigrationError =>
  new MigrationError(`${label(m)} is not applied, but ${last} already is; give it a number above ${last}`);

async function apply(client: pg.Client, migration: Migration, report: (line: string) => void): Promise<void> {
  const start = performance.now();
  try {
    await client.query('begin');
    // A change of a busy table gives up rather than keep every other statement waiting behind it.
    await client.query("set local lock_timeout = '5s'");
    await client.query(migration.sql);
    await client.query('insert into schema_migrations (version, name, kind, checksum) values ($1, $2, $3, $4)', [
      migration.version,
      migration.name,
      migration.kind,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new MigrationError(`${label(migration)} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  report(`applied ${label(migration)} (${migration.kind}) in ${Math.round(performance.now() - start)} ms`);
}
