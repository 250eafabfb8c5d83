import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../../test/contracts/target.ts';
import { local } from '../../targets/local/target.ts';
import type { Finding, GuardContext } from '../guard.ts';
import { readMigrations } from './files.ts';
import { destructiveMigrations } from './rule.ts';
import { serviceMigrations } from './service.ts';

const base = '-- gantry: expand\ncreate table tasks (id int primary key, owner text, title varchar(50));';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-rule-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function put(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

const appText = (files = 'migrations/*.sql'): string => `gantry: 1
app: shop
services:
  backend: { build: ./backend, run: node main.js, port: 3000, route: /, migrate: { run: node migrate.js, files: "${files}" } }
`;

interface Situation {
  /** Names of the files that the release which serves has; as they were before `put`. */
  readonly released?: Readonly<Record<string, string>>;
  readonly purpose?: GuardContext['purpose'];
  readonly files?: string;
}

async function find({ released, purpose = 'deploy', files }: Situation = {}): Promise<Finding[]> {
  const app = await fixtureApp({ name: 'shop', text: appText(files) });
  const context: GuardContext = {
    app,
    env: environmentFor(local),
    target: local,
    environments: [],
    folder,
    cacheDir: folder,
    built: {},
    path: '',
    purpose,
    locate: (place) => `gantry.yaml ${place}`,
    source: async () => undefined,
    ask: async () => undefined,
    experience: { kept: 0, serves: released !== undefined, services: {} },
    neighbours: [],
    changes: undefined,
    migrated: released === undefined ? undefined : { backend: await recordsOf(released) },
    signal: new AbortController().signal,
  };
  return [...(await destructiveMigrations.find(context))];
}

async function recordsOf(released: Readonly<Record<string, string>>): Promise<NonNullable<GuardContext['migrated']>[string]> {
  const root = join(folder, 'released');
  for (const [name, text] of Object.entries(released)) await put(`released/migrations/${name}`, text);
  const app = await fixtureApp({ name: 'shop', text: appText() });
  const { records } = (await serviceMigrations(app.services['backend'] as never, root, 'none')) ?? { records: [] };
  return records;
}

/** Writes the files as a release with them would have them, and says what G27 finds beside the first one. */
async function added(text: string, more: Situation = {}): Promise<Finding[]> {
  await put('backend/migrations/0001.sql', base);
  await put('backend/migrations/0002.sql', text);
  return find({ released: { '0001.sql': base }, ...more });
}

const brief = (found: readonly Finding[]): string[] => found.map(({ severity, where, message }) => `${severity} ${where ?? ''} ${message}`);

describe('G27', () => {
  it('stops what takes something away and does not say so', async () => {
    const [first, ...rest] = await added('alter table tasks\n  drop column owner;');
    expect(first).toEqual({
      id: 'G27',
      severity: 'block',
      message: 'migrations/0002.sql drops the column owner of tasks',
      where: 'backend/migrations/0002.sql:2',
      why: 'The old version runs beside the new one until the bake has ended, and it is what a rollback goes to.',
      fix: 'Stop using it in one release, and drop it in a later one.',
    });
    expect(brief(rest)).toEqual([
      'warn backend/migrations/0002.sql:1 backend/migrations/0002.sql does not say whether the old version can live with it',
    ]);
  });

  it('stops what says that it expands and then takes away', async () => {
    expect(brief(await added('-- gantry: expand\nalter table tasks rename owner to account;'))).toEqual([
      'block backend/migrations/0002.sql:2 migrations/0002.sql renames the column owner of tasks to account, and its first line says expand',
    ]);
  });

  it.each(['contract', 'irreversible'])('leaves what is declared %s to the question', async (word) => {
    expect(await added(`-- gantry: ${word}\nalter table tasks drop column owner;`)).toEqual([]);
  });

  it('stops at a word that is none of the three, with the one that was meant', async () => {
    expect(brief(await added('-- gantry: expnad\nselect 1;'))).toEqual([
      'block backend/migrations/0002.sql:1 "expnad" is not expand, contract or irreversible; did you mean "expand"?',
    ]);
  });

  it('warns of locks, and of what may refuse the old version although the file says expand', async () => {
    const sql = '-- gantry: expand\ncreate index a on tasks (owner);\nalter table tasks add check (id > 0) not valid;\nvacuum full tasks;';
    expect(brief(await added(sql))).toEqual([
      'warn backend/migrations/0002.sql:2 migrations/0002.sql builds the index a on tasks while nobody can write',
      'warn backend/migrations/0002.sql:3 migrations/0002.sql adds the check to tasks',
      'warn backend/migrations/0002.sql:4 migrations/0002.sql writes tables anew while nobody can use them (VACUUM FULL)',
    ]);
  });

  it('warns of what it cannot see', async () => {
    const sql = "-- gantry: expand\n\\i other.sql\ndo $$ begin execute 'drop table ' || name; end $$;\nselect 'no end";
    expect(brief(await added(sql))).toEqual([
      'warn backend/migrations/0002.sql:2 migrations/0002.sql runs another file, which is not looked at',
      'warn backend/migrations/0002.sql:3 migrations/0002.sql runs a statement that it makes itself',
      'warn backend/migrations/0002.sql:4 migrations/0002.sql has a string without an end',
    ]);
  });

  it('asks about a file that was changed after its release, whatever is in it, but not about comments', async () => {
    expect(
      brief(await added('-- gantry: expand\nselect 1;', { released: { '0001.sql': base.replace('owner text', 'owner int') } })),
    ).toEqual(['confirm backend/migrations/0001.sql backend/migrations/0001.sql was changed after it had been released']);
    expect(await added('-- gantry: expand\nselect 1;', { released: { '0001.sql': `${base} -- so be it` } })).toEqual([]);
  });

  it('has nothing to say before the first release, other than of words that lie', async () => {
    await put('backend/migrations/0001.sql', base);
    await put('backend/migrations/0002.sql', '-- gantry: expand\nalter table elsewhere drop column x;\ncreate index i on elsewhere (y);');
    await put('backend/migrations/0003.sql', '-- gantry: contract\nalter table tasks drop column owner;');
    expect(brief(await find())).toEqual([
      'warn backend/migrations/0002.sql:2 migrations/0002.sql drops the column x of elsewhere, and its first line says expand',
    ]);
  });

  it('judges each file by those before it in check, which knows of no release', async () => {
    await put('backend/migrations/0001.sql', base);
    await put('backend/migrations/0002.sql', '-- gantry: expand\nalter table tasks drop column owner;');
    expect(brief(await find({ purpose: 'check' }))).toEqual([
      'warn backend/migrations/0002.sql:2 migrations/0002.sql drops the column owner of tasks, and its first line says expand',
    ]);
  });

  it('takes all files for released where the release that serves did not write them down', async () => {
    await put('backend/migrations/0001.sql', 'drop table tasks;');
    const app = await fixtureApp({ name: 'shop', text: appText() });
    expect(await serviceMigrations(app.services['backend'] as never, join(folder, 'backend'), 'unknown')).toMatchObject({
      added: [],
      edited: [],
      gone: [],
      records: [{ name: 'migrations/0001.sql' }],
    });
  });

  it('says when no file matches', async () => {
    await put('backend/migrations/0001.sql', base);
    expect(brief(await find({ files: 'migration/*.sql' }))).toEqual([
      'warn gantry.yaml services.backend.migrate.files no file matches migration/*.sql, so nothing is known of what the migrations of backend do',
    ]);
  });

  it('gives one line for many files without a first line', async () => {
    for (const name of ['0002.sql', '0010.sql', '0009.sql']) await put(`backend/migrations/${name}`, 'select 1;');
    expect(brief(await find({ released: { '0001.sql': base } }))).toEqual([
      'warn backend/migrations/0002.sql:1 3 migrations of backend (from backend/migrations/0002.sql on) do not say whether the old version can live with it',
    ]);
  });
});

describe('the files', () => {
  const names = async (pattern: string): Promise<string[]> => (await readMigrations(folder, pattern)).files.map(({ name }) => name);

  it('are those of the pattern, numbers in the order of their values', async () => {
    for (const name of ['m/10.sql', 'm/9.sql', 'm/a/1.sql', 'm/x.txt', 'n/1.sql', 'm/node_modules/1.sql']) await put(name, 'select 1');
    expect(await names('m/*.sql')).toEqual(['m/9.sql', 'm/10.sql']);
    expect(await names('./m/*.sql')).toEqual(['m/9.sql', 'm/10.sql']);
    expect(await names('m/**/*.sql')).toEqual(['m/9.sql', 'm/10.sql', 'm/a/1.sql']);
    expect(await names('{m,n}/?.sql')).toEqual(['m/9.sql', 'n/1.sql']);
    expect(await names('m/[0-9].sql')).toEqual(['m/9.sql']);
    expect(await names('m/[!0-8].sql')).toEqual(['m/9.sql']);
    expect(await names('m/[z-a].sql')).toEqual([]);
    expect(await names('m/9.sql')).toEqual(['m/9.sql']);
    expect(await names('none/*.sql')).toEqual([]);
  });

  it('are not those of the way back', async () => {
    for (const name of [
      '1_a.up.sql',
      '1_a.down.sql',
      '2/up.sql',
      '2/down.sql',
      'V3__b.sql',
      'U3__b.sql',
      '4_slow_down.sql',
      '5_c_up.sql',
      '5_c_down.sql',
    ])
      await put(`m/${name}`, 'select 1');
    expect(await names('m/**/*.sql')).toEqual(['m/1_a.up.sql', 'm/2/up.sql', 'm/4_slow_down.sql', 'm/5_c_up.sql', 'm/V3__b.sql']);
  });

  it('are not read when they are links out of the folder, or too large; both are said', async () => {
    await put('outside.sql', 'drop table a');
    await put('in/m/1.sql', 'select 1');
    await put('in/m/3.sql', `-- gantry: expand\n${' '.repeat(8 * 1024 * 1024)}`);
    await symlink('../../outside.sql', join(folder, 'in/m/2.sql'));
    await symlink('1.sql', join(folder, 'in/m/4.sql'));
    await symlink('nowhere.sql', join(folder, 'in/m/5.sql'));
    const { files, unread } = await readMigrations(join(folder, 'in'), 'm/*.sql');
    expect(files.map(({ name }) => name)).toEqual(['m/1.sql', 'm/4.sql']);
    expect(unread).toEqual([
      { name: 'm/2.sql', why: 'a link that leaves the folder' },
      { name: 'm/3.sql', why: 'too large to be judged (9 MiB)' },
      { name: 'm/5.sql', why: 'not readable (ENOENT)' },
    ]);
  });
});
