import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, appendFileSync, symlinkSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BACKEND, connectDatabase, ensureBuilt, runMain, runMigrate, startReplica } from './support/backend.ts';
import { call, newPerson, type Answer } from './support/client.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './support/postgres.ts';
import { createDatabase, startWorld, type World } from './support/world.ts';

describe.skipIf(postgresMissing)('the service', () => {
  let world: World;
  let openapi: Answer;
  beforeAll(async () => {
    if (postgresMissing) return;
    world = await startWorld({ env: { GANTRY_RELEASE: 'abc123', GANTRY_REPLICA: 'backend-7' } });
    openapi = await call(world.url, 'GET', '/api/openapi.json');
  });
  afterAll(() => world?.end());

  test('says who it is', async () => {
    expect((await call(world.url, 'GET', '/api/health')).json).toEqual({ status: 'healthy', release: 'abc123', replica: 'backend-7' });
    expect((await call(world.url, 'GET', '/api/health/live')).json).toEqual({ status: 'alive' });
    expect((await call(world.url, 'GET', '/api/health/ready')).json).toEqual({ status: 'ready' });
  });

  test('keeps idle connections for longer than any proxy in front', async () => {
    const agent = new Agent({ keepAlive: true });
    const request = get(`${world.url}/api/health/live`, { agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    agent.destroy();
    expect(response.headers['keep-alive']).toBe('timeout=65');
  });

  test('counts and times requests by route, never by id', async () => {
    const person = await newPerson(world.url);
    const { json: task } = await person.create('measured');
    await person.call('GET', `/api/tasks/${task.id}`);
    await person.call('GET', '/api/unknown/path');
    const { text, headers } = await call(world.url, 'GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(/taskly_http_request_seconds_count\{[^}]*method="GET",route="\/api\/tasks\/:id",status="200"\} 1/);
    expect(text).toContain('route="unknown"');
    expect(text).toMatch(/taskly_database_connections\{release="abc123",replica="backend-7"\} \d/);
    expect(text).not.toContain(task.id);
    expect(text).not.toContain('/api/unknown/path');
  });

  test('has its metrics outside of what the entry routes to it', async () => {
    expect((await call(world.url, 'GET', '/api/metrics')).status).toBe(404);
  });

  test('describes all of its routes', () => {
    expect(openapi.json.openapi).toBe('3.1.0');
    const routes = Object.entries(openapi.json.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes.toSorted()).toEqual([
      'delete /api/session',
      'delete /api/tasks/{id}',
      'get /api/events',
      'get /api/health',
      'get /api/health/live',
      'get /api/health/ready',
      'get /api/me',
      'get /api/tasks',
      'get /api/tasks/{id}',
      'patch /api/tasks/{id}',
      'post /api/accounts',
      'post /api/session',
      'post /api/tasks',
    ]);
  });

  test('refers to nothing that is not there', () => {
    const names = [...openapi.text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    expect(Object.keys(openapi.json.components.schemas).toSorted()).toEqual(['Account', 'Conflict', 'Failure', 'Task']);
    for (const name of names) expect(openapi.json.components.schemas[name]).toBeDefined();
    expect(Object.keys(openapi.json.components.schemas.Task.properties)).toEqual([
      'id',
      'title',
      'notes',
      'due',
      'done',
      'doneAt',
      'position',
      'version',
      'createdAt',
      'updatedAt',
    ]);
  });

  test('does not load anything at run time but its bundle and the native package', () => {
    const bundle = readFileSync(join(BACKEND, 'dist/main.js'), 'utf8');
    const imported = [...bundle.matchAll(/^import .* from "([^"]+)";$/gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => !name.startsWith('node:'));
    expect(new Set(imported)).toEqual(new Set(['@node-rs/argon2']));
  });
});

describe.skipIf(postgresMissing)('a start that cannot be', () => {
  beforeAll(() => ensureBuilt());

  test.each([
    ['no DATABASE_URL', {}, /taskly: DATABASE_URL is not set to a postgres:\/\/ address/],
    ['a DATABASE_URL of another kind', { DATABASE_URL: 'mysql://x' }, /DATABASE_URL/],
    [
      'a PORT that is none',
      { DATABASE_URL: 'postgres://x@127.0.0.1/x', PORT: 'http' },
      /PORT must be a whole number from 0 to 65535, got "http"/,
    ],
    ['an unknown LOG_LEVEL', { DATABASE_URL: 'postgres://x@127.0.0.1/x', LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/],
  ])('says what is wrong: %s', async (_, env, message) => {
    const ended = await runMain(env);
    expect(ended.code).toBe(1);
    expect(ended.output).toMatch(message);
    expect(ended.output).not.toMatch(/\n\s+at /);
  });

  test('on a port in use ends with 1 and names it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ended = await runMain({ DATABASE_URL: 'postgres://x@127.0.0.1:1/x', PORT: String(port), HOST: '127.0.0.1' });
    server.close();
    expect(ended.code).toBe(1);
    expect(ended.output).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  });
});

describe.skipIf(postgresMissing)('migrations', () => {
  let database: PostgresServer;
  let url: string;
  let folder: string;
  beforeAll(async () => {
    if (postgresMissing) return;
    await ensureBuilt();
    database = await startPostgres();
  });
  afterAll(() => database?.remove());
  beforeEach(async () => {
    if (postgresMissing) return;
    url = await createDatabase(database);
    folder = mkdtempSync(join(tmpdir(), 'taskly-migrations-'));
    mkdirSync(join(folder, 'dist'));
    cpSync(join(BACKEND, 'dist/migrate.js'), join(folder, 'dist/migrate.js'));
    cpSync(join(BACKEND, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(BACKEND, 'node_modules'), join(folder, 'node_modules'));
    cpSync(join(BACKEND, 'migrations'), join(folder, 'migrations'), { recursive: true });
  });
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const migrate = (): ReturnType<typeof runMigrate> => runMigrate(url, folder);
  const write = (name: string, sql: string): void => writeFileSync(join(folder, 'migrations', name), sql);
  const applied = async (): Promise<number[]> => {
    const client = await connectDatabase(url);
    const { rows } = await client.query<{ version: number }>('select version from schema_migrations order by version');
    await client.end();
    return rows.map((row) => row.version);
  };

  test('are applied once, in order, and say what they did', async () => {
    const first = await migrate();
    expect([first.code, first.output]).toEqual([
      0,
      expect.stringMatching(/applied 0001_accounts_and_tasks\.sql \(expand\) in \d+ ms\napplied 0002_changes\.sql.*\napplied 0003/),
    ]);
    expect(await migrate()).toEqual({ code: 0, output: 'nothing to migrate\n' });
    expect(await applied()).toEqual([1, 2, 3]);
  });

  test('started five times at the same moment are still applied once', async () => {
    const ends = await Promise.all(Array.from({ length: 5 }, migrate));
    expect(ends.map((end) => end.code)).toEqual([0, 0, 0, 0, 0]);
    expect(ends.filter((end) => end.output.includes('applied 0001'))).toHaveLength(1);
    expect(ends.filter((end) => end.output === 'nothing to migrate\n')).toHaveLength(4);
  });

  test('that were edited afterwards stop with the fix', async () => {
    await migrate();
    appendFileSync(join(folder, 'migrations/0002_changes.sql'), '-- a thought\n');
    const ended = await migrate();
    expect(ended.code).toBe(1);
    expect(ended.output).toBe(
      'migrate: 0002_changes.sql was edited after it had been applied to this database; put it back as it was and write the change as a new migration\n',
    );
  });

  test('that fail half-way leave nothing of themselves, keep those before, and can be mended', async () => {
    write('0004_fine.sql', '-- gantry: expand\ncreate table fine (id int);');
    write('0005_broken.sql', '-- gantry: expand\ncreate table half (id int);\ninsert into half values (1);\nselect nonsense;');
    const ended = await migrate();
    expect([ended.code, ended.output]).toEqual([
      1,
      expect.stringContaining('migrate: 0005_broken.sql failed and was rolled back: column "nonsense" does not exist'),
    ]);
    expect(await applied()).toEqual([1, 2, 3, 4]);
    write('0005_broken.sql', '-- gantry: expand\ncreate table half (id int);');
    expect((await migrate()).code).toBe(0);
    expect(await applied()).toEqual([1, 2, 3, 4, 5]);
  });

  test('of a newer release do not stop an older one', async () => {
    write('0004_newer.sql', '-- gantry: expand\ncreate table newer (id int);');
    await migrate();
    rmSync(join(folder, 'migrations/0004_newer.sql'));
    expect(await migrate()).toEqual({ code: 0, output: 'nothing to migrate\n' });
    const replica = await startReplica(url);
    expect((await call(replica.url, 'GET', '/api/health/ready')).status).toBe(200);
    await replica.stop();
  });

  test.each([
    ['4_short.sql', '-- gantry: expand\nselect 1;', '4_short.sql: migrations are named like 0004_add_labels.sql'],
    ['0004_no_kind.sql', 'select 1;', '0004_no_kind.sql: the first line must be "-- gantry: expand"'],
    ['0004_odd_kind.sql', '-- gantry: maybe\nselect 1;', '0004_odd_kind.sql: the first line must be'],
    ['0003_twice.sql', '-- gantry: expand\nselect 1;', 'two migrations have the number 3'],
  ])('in a file like %s are refused before anything is done', async (name, sql, message) => {
    write(name, sql);
    const ended = await migrate();
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(message)]);
    const client = await connectDatabase(url);
    const { rows } = await client.query("select to_regclass('accounts') as there");
    await client.end();
    expect(rows).toEqual([{ there: null }]);
  });

  test('that come in before an applied one are refused', async () => {
    cpSync(join(folder, 'migrations/0003_abuse_and_repeats.sql'), join(folder, 'migrations/0005_abuse_and_repeats.sql'));
    rmSync(join(folder, 'migrations/0003_abuse_and_repeats.sql'));
    await migrate();
    write('0004_late.sql', '-- gantry: expand\nselect 1;');
    const ended = await migrate();
    expect([ended.code, ended.output]).toEqual([
      1,
      expect.stringContaining('0004_late.sql is not applied, but 5 already is; give it a number above 5'),
    ]);
  });

  test('wait for a database that is just starting', async () => {
    await database.kill();
    const running = migrate();
    await database.start();
    expect((await running).code).toBe(0);
  });

  test('killed in the middle release their lock and leave nothing', async () => {
    write('0004_slow.sql', '-- gantry: expand\ncreate table slow (id int);\nselect pg_sleep(30);');
    const client = await connectDatabase(url);
    const running = migrate();
    for (let there = false; !there;) {
      const { rows } = await client.query("select 1 from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()");
      there = rows.length > 0;
    }
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskly-migrate'");
    await client.end();
    expect((await running).code).toBe(1);
    write('0004_slow.sql', '-- gantry: expand\ncreate table slow (id int);');
    expect((await migrate()).code).toBe(0);
    expect(await applied()).toEqual([1, 2, 3, 4]);
  });

  test('not yet applied keep a replica from being ready, and the API answers 503 rather than 500', async () => {
    const replica = await startReplica(url);
    expect((await call(replica.url, 'GET', '/api/health/ready')).json).toEqual({ status: 'unready', reason: 'migrations' });
    const answer = await call(replica.url, 'POST', '/api/session', { body: { email: 'a@example.com', password: 'whatever it is' } });
    expect(answer.status).toBe(503);
    await migrate();
    expect((await call(replica.url, 'GET', '/api/health/ready')).status).toBe(200);
    await replica.stop();
  });
});
