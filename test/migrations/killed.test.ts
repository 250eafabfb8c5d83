/** A migrator that dies in the middle leaves nothing half done, and stands in nobody's way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKEND, connectDatabase, ensureBuilt, eventually, runMigrate } from '../taskly/support/backend.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../taskly/support/postgres.ts';
import { createDatabase } from '../taskly/support/world.ts';

describe.skipIf(postgresMissing)("Taskly's migrator", () => {
  let database: PostgresServer;
  let client: Awaited<ReturnType<typeof connectDatabase>>;
  let url: string;
  let folder: string;
  let migrator: ChildProcess;

  beforeAll(async () => {
    if (postgresMissing) return;
    await ensureBuilt();
    database = await startPostgres();
  });
  afterAll(async () => database?.remove());
  beforeEach(async () => {
    url = await createDatabase(database);
    client = await connectDatabase(url);
    folder = mkdtempSync(join(tmpdir(), 'gantry-killed-'));
    mkdirSync(join(folder, 'dist'));
    for (const path of ['dist/migrate.js', 'package.json']) cpSync(join(BACKEND, path), join(folder, path));
    cpSync(join(BACKEND, 'migrations'), join(folder, 'migrations'), { recursive: true });
    symlinkSync(join(BACKEND, 'node_modules'), join(folder, 'node_modules'));
  });
  afterEach(async () => {
    migrator.kill('SIGKILL');
    await client.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (sql: string): void => writeFileSync(join(folder, 'migrations/0004_long.sql'), `-- gantry: expand\n${sql}`);

  /** Starts it, and waits until it is in the middle of its last migration. */
  async function startLong(): Promise<void> {
    write('create table half (id int); insert into half values (1); select pg_sleep(300);');
    migrator = spawn(process.execPath, [join(folder, 'dist/migrate.js')], {
      env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
      stdio: 'ignore',
    });
    await eventually('the migration sleeps', async () => {
      const { rows } = await client.query(`select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`);
      return rows[0];
    });
  }

  it('killed in the middle of a statement takes back what it did, and the next one goes on at once', async () => {
    await startLong();
    migrator.kill('SIGKILL');
    await once(migrator, 'close');
    write('create table half (id int);');
    const started = performance.now();
    expect(await runMigrate(url, folder)).toEqual({
      code: 0,
      output: expect.stringMatching(/^applied 0004_long\.sql \(expand\)/) as string,
    });
    expect(performance.now() - started).toBeLessThan(20_000);
    expect((await client.query('select count(*)::int as n from half')).rows).toEqual([{ n: 0 }]);
  });

  it('waits for another one that is at work, and goes on when that one is killed', async () => {
    await startLong();
    write('create table half (id int);');
    const second = runMigrate(url, folder);
    await eventually('the second one waits', async () => {
      const { rows } = await client.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`);
      return rows[0];
    });
    migrator.kill('SIGKILL');
    expect(await second).toMatchObject({ code: 0 });
    expect((await client.query('select count(*)::int as n from schema_migrations')).rows).toEqual([{ n: 4 }]);
  });
});
