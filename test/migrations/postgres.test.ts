/** What the rules say of a migration, against what PostgreSQL does to the version that runs beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../src/guard/migrations/assess.ts';
import { sqlRules, type Hazard } from '../../src/guard/migrations/rules.ts';
import { readCorpus } from '../fixtures/migrations/corpus.ts';
import { connectDatabase, ensureBuilt } from '../taskly/support/backend.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../taskly/support/postgres.ts';

const { given, cases } = readCorpus();
type Client = Awaited<ReturnType<typeof connectDatabase>>;

/** All that the old version does, each alone in a transaction. Every table has the types that it knows. */
const oldVersion = [
  `insert into tasks (title, owner) values ('short', 'ana')`,
  `insert into tasks (title, owner, notes) values ('again', 'ana', null), ('again', 'ben', 'x')`,
  `insert into tasks (title, owner, notes, size, rank, price, rate, at, day, data)
     values (repeat('t', 100), 'ana', repeat('n', 1000), 2147483647, 32767, 12345678.99, 1e300, now(), now(), '{"b": 1, "a": 2}')`,
  `insert into tasks (title, owner) values ('x', 'ana') on conflict (owner, title) do update set notes = 'seen'`,
  `insert into tasks (title, owner) values ('x', 'ana') on conflict on constraint tasks_title_unique_per_owner do nothing`,
  `insert into tasks (title, owner) overriding system value values ('y', 'ana') returning id / (id - id + 1)`,
  `select id, title, owner, notes, size, rank, price, rate, at, day, done, data from tasks`,
  `update tasks set done = true, notes = null`,
  `delete from tasks`,
  `insert into users (id, email) values (7000, 'u@example.org')`,
  `insert into users (email) values ('a@example.org') on conflict (email) do nothing`,
  `delete from users`,
  `insert into logs values ('2024-05-05')`,
  `insert into "Odd Name" ("The Key") values (1)`,
  `insert into billing.invoices values (1, 2.5)`,
  `select * from open_tasks`,
  `select title from open_tasks`,
  `select owner, count from task_counts`,
  `select 'ok'::mood, ('(1,2,3)'::point3).x, ('(1,2,3)'::point3).z, 'abc'::short, null::short`,
  `select nextval('ticket'), total(1)`,
];

const typesOf = `select attrelid::regclass || '.' || attname as name, replace(format_type(atttypid, -1), 'character varying', 'text') as type
  from pg_attribute where attrelid in (select oid from pg_class where relkind in ('r', 'c')
    and relnamespace in (to_regnamespace('public'), to_regnamespace('billing'))) and attnum > 0 and not attisdropped`;
const filesOf = `select relname, pg_relation_filenode(oid) as file from pg_class where relkind = 'r' and relnamespace = to_regnamespace('public')`;

interface Observed {
  /** Statements of the old version that fail. */
  readonly broken: readonly string[];
  /** Columns whose values the old version would read as something else. */
  readonly retyped: readonly string[];
  /** Tables that were written anew. */
  readonly rewritten: readonly string[];
}

type Outcome = Observed | { readonly refused: string };

/** PostgreSQL refuses what others depend on: then without those. */
async function observe(client: Client, sql: string): Promise<Outcome> {
  const seen = await attempt(client, sql, oldVersion);
  if (!('refused' in seen) || !['2BP01', '0A000', '42804'].includes(seen.refused)) return seen;
  const dependents = 'drop policy mine on tasks; drop materialized view task_counts; drop view open_tasks;';
  const independent = oldVersion.filter((statement) => !/open_tasks|task_counts/.test(statement));
  return attempt(client, sql, independent, dependents);
}

/** Carries the case out and takes it back. Gives the error's code when PostgreSQL refuses it. */
async function attempt(client: Client, sql: string, statements: readonly string[], before = ''): Promise<Outcome> {
  await client.query(`begin; ${before}`);
  try {
    const old = await state(client);
    await client.query(sql);
    const now = await state(client);
    const changed = [...old.keys()].filter((name) => now.has(name) && now.get(name) !== old.get(name));
    return {
      broken: await failing(client, statements),
      retyped: changed.filter((name) => !name.startsWith('file ')),
      rewritten: changed.filter((name) => name.startsWith('file ')),
    };
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? String(error) };
  } finally {
    await client.query('rollback');
  }
}

/** Types of columns, and the files that tables lie in. */
async function state(client: Client): Promise<Map<string, unknown>> {
  const { rows: types } = await client.query<{ name: string; type: string }>(typesOf);
  const { rows: files } = await client.query<{ relname: string; file: string }>(filesOf);
  return new Map<string, unknown>([
    ...types.map(({ name, type }) => [name, type] as const),
    ...files.map(({ relname, file }) => [`file ${relname}`, file] as const),
  ]);
}

async function failing(client: Client, statements: readonly string[]): Promise<string[]> {
  const broken: string[] = [];
  for (const statement of statements) {
    await client.query('savepoint old; set local role app');
    await client.query(statement).catch((error: Error) => broken.push(`${statement}: ${error.message}`));
    await client.query('rollback to savepoint old');
  }
  return broken;
}

function hazards(sql: string): Hazard[] {
  const files = [
    { name: '1.sql', text: given },
    { name: '2.sql', text: sql },
  ];
  const verdicts = assess(files, { isReleased: (name) => name === '1.sql' }).flatMap(({ verdicts }) => verdicts);
  return verdicts.flatMap(({ rule }) => sqlRules[rule].hazards as readonly Hazard[]);
}

function disagreement(sql: string, seen: Outcome, said: readonly Hazard[]): string[] {
  if ('refused' in seen) return lacking.test(sql) ? [] : [`refused with ${seen.refused}`];
  const isHurt = seen.broken.length + seen.retyped.length > 0;
  const loses = said.includes('destroys');
  return [
    ...(isHurt && said.every((hazard) => hazard === 'locks') ? ['called harmless', ...seen.broken, ...seen.retyped] : []),
    ...(!isHurt && said.includes('breaks') && !loses && !sql.includes('if exists tidy') ? ['breaks nothing'] : []),
    ...(seen.rewritten.length > 0 && !said.includes('locks') && !loses ? ['writes a table anew', ...seen.rewritten] : []),
  ];
}

const setup = `
  create role app;
  create role other;
  create schema archive;
  alter default privileges grant all on tables to app;
  alter default privileges grant all on sequences to app;
  alter default privileges grant all on schemas to app;
  create function stamp() returns trigger language plpgsql as $$ begin return null; end $$;`;
const furniture = `
  refresh materialized view task_counts;
  create table logs_2025 (at timestamptz);
  create table archive (like tasks);
  create table elsewhere (x int);`;

/** What no transaction can hold, and what only psql understands. */
const elsewhere = /\bconcurrently\b|\bvacuum\b|drop database|^commit;|^\\|from stdin|^-- migrate:down/m;
/** PostgreSQL refuses these on this schema, where no rule could know. */
const lacking =
  /extension|plpython|"drop"|foreign table|using g|tablespace|statistics|overridden|drop expression|add generated|primary key|validate|other\(|role app;|size type text|done type integer|pg_tables/;

describe.skipIf(postgresMissing)('a migration on PostgreSQL', () => {
  let database: PostgresServer;
  let client: Client;
  let observed = 0;

  beforeAll(async () => {
    if (postgresMissing) return;
    await ensureBuilt();
    database = await startPostgres();
    client = await connectDatabase(database.url);
    await client.query(setup);
    await client.query(given);
    await client.query(furniture);
  });
  afterAll(async () => {
    await client?.end();
    await database?.remove();
  });

  it('leaves the old version alone when it does nothing', async () => {
    expect(await observe(client, 'select 1')).toEqual({ broken: [], retyped: [], rewritten: [] });
  });

  const testable = cases.filter(({ sql, expected }) => !elsewhere.test(sql) && !expected.includes('unfinished'));

  it.each(testable)('does what is said on line $line: $expected', async ({ sql }) => {
    const seen = await observe(client, sql);
    if (!('refused' in seen)) observed += 1;
    expect(disagreement(sql, seen, hazards(sql))).toEqual([]);
  });

  it('was seen for most cases', () => {
    expect(observed).toBeGreaterThanOrEqual(150);
  });
});
