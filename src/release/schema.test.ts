import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace, type Place } from '../../test/fakes/place.ts';
import { memoryStore } from '../platforms/memory-store.ts';
import type { JobRun } from '../platforms/platform.ts';
import type { Holder, Store } from '../platforms/store.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { local } from '../targets/local/target.ts';
import type { StoredEvent } from './journal.ts';
import type { OperationResult, ReleaseRequest } from './request.ts';
import { release, settle } from './runner.ts';
import type { Tools } from './work.ts';

const holder: Holder = {
  who: 'ana@laptop',
  operation: 'deploy',
  since: '2026-01-01T00:00:00Z',
  host: 'laptop',
  pid: process.pid,
  startTime: '1',
  bootId: 'b',
};

const text = (migrate: string): string => `gantry: 1
app: shop
services:
  backend:
    build: ./backend
    run: node main.js
    port: 3000
    route: /
    health: /health
    scale: { min: 2, max: 5 }
    migrate: ${migrate}
    variables: { DATABASE_URL: "\${db.url}" }
resources:
  db: { type: postgres, version: 17 }
smoke:
  - { get: /health, expect: { status: 200 } }
release: { canary: { share: 0 }, bake: 0s }
`;
const withFiles = '{ run: node migrate.js, files: migrations/*.sql }';

const base = '-- gantry: expand\ncreate table tasks (id int primary key, owner text not null, notes text);';
const adds = '-- gantry: expand\nalter table tasks add column due date;';
const contract = '-- gantry: contract\nalter table tasks drop column owner;';
const final = '-- gantry: irreversible\n\ndrop table tasks;';

type Files = Readonly<Record<string, string>>;

let folder: string;
let place: Place;
let store: Store;
let request: ReleaseRequest;
let lines: string[];
/** What the migration ends with, by the content that runs it. */
let run: (() => Promise<JobRun>) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-schema-'));
  place = newPlace();
  store = memoryStore();
  lines = [];
  run = undefined;
  await says(withFiles);
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function says(migrate: string): Promise<void> {
  const app = { ...(await fixtureApp({ name: 'shop', text: text(migrate) })), smoke: [] };
  request = { operation: 'deploy', app, env: environmentFor(local), allow: [], confirmed: [], allowSchemaMismatch: false };
}

function tools(more: Partial<Tools> = {}): Tools {
  const { engine, platform, builder } = place;
  return {
    target: local,
    engines: { process: engine },
    builder: { ...builder, folder: ({ address }) => join(folder, 'content', address) },
    platform: { ...platform, run: async (job, say, context) => (run === undefined ? platform.run(job, say, context) : run()) },
    store,
    folder: join(folder, 'app'),
    cacheDir: folder,
    workDir: folder,
    control: '',
    version: '0.0.0',
    path: '',
    signal: new AbortController().signal,
    report: ({ step, state, message }) => void (state === 'done' && lines.push(...message.split('\n').map((line) => `${step}: ${line}`))),
    ...more,
  };
}

async function write(root: string, files: Files): Promise<void> {
  await rm(root, { recursive: true, force: true });
  for (const [name, sql] of Object.entries(files)) {
    const path = join(root, 'migrations', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, sql);
  }
}

/** Releases content with these migrations. */
async function deploy(
  content: string,
  files: Files,
  more: Partial<ReleaseRequest> = {},
  using: Partial<Tools> = {},
): Promise<OperationResult> {
  place.content = content;
  const { address } = await place.builder.address(request.app.services['backend'] as never, undefined as never);
  await write(join(folder, 'content', address), files);
  await write(join(folder, 'app', 'backend'), files);
  lines.length = 0;
  return release({ ...request, ...more }, holder, tools(using));
}

async function back(more: Partial<ReleaseRequest> = {}): Promise<OperationResult> {
  lines.length = 0;
  return release({ ...request, operation: 'rollback', ...more }, holder, tools());
}

async function events(): Promise<readonly StoredEvent[]> {
  return (await store.read()).events as unknown as readonly StoredEvent[];
}

async function liveRef(): Promise<ReleaseRef> {
  const named = (await events()).findLast((event) => event.type === 'named' && event.release === place.live);
  return JSON.parse(Buffer.from(await store.get(String(named?.['ref']))).toString()) as ReleaseRef;
}

const migrations = (): string[] => place.log.filter((line) => line.startsWith('migrate'));
const yes = { confirmed: ['schema', 'irreversible'] };

describe('a deploy', () => {
  it('records the migrations of its content, and says what is new', async () => {
    await deploy('v1', { '0001.sql': base });
    expect(lines).toContain('migrate: backend 1 new (expand)');
    await deploy('v2', { '0001.sql': base, '0002.sql': adds });
    expect(lines).toContain('migrate: backend 1 new (expand)');
    const { migrations: recorded } = await liveRef();
    expect(recorded).toMatchObject({
      backend: [
        { name: 'migrations/0001.sql', effect: 'expand', reasons: [] },
        { name: 'migrations/0002.sql', effect: 'expand', reasons: [] },
      ],
    });
    await deploy('v3', { '0001.sql': base, '0002.sql': adds });
    expect(lines).toContain('migrate: backend nothing new');
  });

  it('asks when new migrations break the version that serves, before anything changes, and names the line', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    place.log.length = 0;
    const asked = deploy('v2', { '0001.sql': base, '0002.sql': contract });
    await expect(asked).rejects.toMatchObject({
      code: 'GR1005',
      lines: [
        `schema: backend/migrations/0002.sql:2 drops the column owner of tasks (contract). Release ${first} runs beside the new one until the bake has ended, and is what a rollback goes to.`,
      ],
    });
    expect(place).toMatchObject({ live: first, log: ['build backend'] });
    await deploy('v2', { '0001.sql': base, '0002.sql': contract }, yes);
    expect(lines).toContain('plan: schema  backend/migrations/0002.sql:2 drops the column owner of tasks (contract)');
    expect(lines).toContain('migrate: backend 1 new (contract)');
    expect(place.live).not.toBe(first);
  });

  it('asks apart for what makes data disappear', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    const files = { '0001.sql': base, '0002.sql': adds.replace('expand', 'contract'), '0003.sql': final };
    await expect(deploy('v2', files, { confirmed: ['schema'] })).rejects.toMatchObject({
      code: 'GR1005',
      lines: [
        `irreversible: backend/migrations/0003.sql:3 drops the table tasks (irreversible). Release ${first} runs beside the new one until the bake has ended, and is what a rollback goes to. A rollback to before it is refused.`,
      ],
    });
    await expect(deploy('v2', files)).rejects.toMatchObject({ message: '2 things have to be confirmed' });
    await deploy('v2', files, { confirmed: ['yes', 'irreversible'] });
    expect(lines).toContain('migrate: backend 2 new (contract, irreversible)');
  });

  it('is stopped by G27 where nobody said so, and asks no second time when that was let pass', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    const unsaid = { '0001.sql': base, '0002.sql': 'alter table tasks drop column owner;' };
    await expect(deploy('v2', unsaid)).rejects.toMatchObject({ code: 'GR1007' });
    expect(place.live).toBe(first);
    await deploy('v2', unsaid, { allow: [{ id: 'G27', reason: 'nobody reads it' }] });
    expect((await liveRef()).migrations?.['backend']?.[1]).toMatchObject({ effect: 'irreversible' });
  });

  it('asks nothing of up, of the first release, and of migrations that were released before', async () => {
    const files = { '0001.sql': base, '0002.sql': contract };
    await deploy('v1', files);
    await deploy('v2', files);
    await deploy('v3', { ...files, '0003.sql': final }, { operation: 'up' });
    expect(lines).toContain('migrate: backend 1 new (irreversible)');
  });

  it('asks when the content lacks what the database has and cannot be lived without', async () => {
    await deploy('v1', { '0001.sql': base });
    await deploy('v2', { '0001.sql': base, '0002.sql': contract }, yes);
    await expect(deploy('v1', { '0001.sql': base })).rejects.toMatchObject({
      code: 'GR1005',
      lines: ['schema: The database has migrations/0002.sql (contract), which this content does not: it may be older than what serves.'],
    });
  });

  it('says that effects are unknown where the app does not say where its migrations are, and asks nothing', async () => {
    await says('node migrate.js');
    await deploy('v1', {});
    await deploy('v2', {});
    expect(lines).toContain('migrate: backend (schema effects unknown)');
    await back();
    expect(lines).toContain('migrate: schema effects unknown (backend); database contents are not rolled back');
  });

  it('takes the files of a release that recorded nothing from its content', async () => {
    await says('node migrate.js');
    await deploy('v1', { '0001.sql': base, '0002.sql': 'alter table tasks drop column notes;' });
    await says(withFiles);
    await deploy('v2', { '0001.sql': base, '0002.sql': 'alter table tasks drop column notes;', '0003.sql': adds });
    expect(lines).toContain('migrate: backend 1 new (expand)');
  });
});

describe('a migration', () => {
  it('runs once per release, also when the release is tried again', async () => {
    await deploy('v1', { '0001.sql': base });
    place.failAt = 'healthy';
    await expect(deploy('v2', { '0001.sql': base, '0002.sql': adds })).rejects.toMatchObject({ code: 'GX1002' });
    place.failAt = undefined;
    expect(migrations()).toHaveLength(2);
    await deploy('v2', { '0001.sql': base, '0002.sql': adds });
    expect(lines).toContain('migrate: this release has migrated before');
    expect(migrations()).toHaveLength(2);
  });

  it('that failed runs again', async () => {
    place.failAt = 'migrate backend';
    await expect(deploy('v1', { '0001.sql': base })).rejects.toMatchObject({ code: 'GX1002' });
    place.failAt = undefined;
    await deploy('v1', { '0001.sql': base });
    expect(migrations()).toHaveLength(2);
  });

  it('does not run in a rollback', async () => {
    await deploy('v1', { '0001.sql': base });
    await deploy('v2', { '0001.sql': base, '0002.sql': adds });
    await back();
    expect(migrations()).toHaveLength(2);
  });

  it.each([
    ['fails half-way', 1],
    ['is killed', 137],
  ])('that %s leaves the old version serving, and says what the database may have', async (_, exitCode) => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    run = async () => ({ name: 'backend', exitCode, lines: ['no space left'] });
    const files = { '0001.sql': base, '0002.sql': adds, '0003.sql': final };
    await expect(deploy('v2', files, yes)).rejects.toMatchObject({
      code: 'GR2001',
      lines: ['no space left'],
      state: `release ${first} serves everything; no user has seen the new one; migrations/0003.sql (irreversible) may have been applied, in whole or in part: release ${first} runs on the new schema`,
    });
    expect(place).toMatchObject({ live: first, next: undefined });
  });

  it('whose release is taken back later stays, and the message says so', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    place.failAt = 'healthy';
    await expect(deploy('v2', { '0001.sql': base, '0002.sql': contract }, yes)).rejects.toMatchObject({
      state: `release ${first} serves everything; no user has seen the new one; migrations/0002.sql (contract) stays in the database: release ${first} runs on the new schema`,
    });
    expect(lines.at(-1)).toBe(
      `revert: release ${first} serves everything; migrations/0002.sql (contract) stays in the database: release ${first} runs on the new schema`,
    );
  });

  it('of a second release at the same time does not begin', async () => {
    let begun: () => void = () => {};
    let end: () => void = () => {};
    const running = new Promise<void>((resolve) => (begun = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    let count = 0;
    run = async () => {
      count += 1;
      begun();
      await ended;
      return { name: 'backend', exitCode: 0, lines: [] };
    };
    const first = deploy('v1', { '0001.sql': base });
    await running;
    await expect(release(request, holder, tools())).rejects.toMatchObject({ code: 'GR1001' });
    end();
    await first;
    expect(count).toBe(1);
  });

  it('during which Gantry died is what a rollback reckons with', async () => {
    await deploy('v1', { '0001.sql': base });
    const { release: second } = await deploy('v2', { '0001.sql': base, '0002.sql': adds });
    const dying: Store = {
      ...store,
      append: async (...args) => (isFailure(args[2]) ? Promise.reject(new Error('dead')) : store.append(...args)),
    };
    run = async () => Promise.reject(new Error('dead'));
    await expect(deploy('v3', { '0001.sql': base, '0002.sql': adds, '0003.sql': final }, yes, { store: dying })).rejects.toThrow('dead');
    run = undefined;
    await settle(holder, tools());
    expect(place.live).toBe(second);
    await expect(back()).rejects.toMatchObject({
      code: 'GR5005',
      lines: ['backend/migrations/0003.sql:3 drops the table tasks (irreversible)'],
    });
  });
});

function isFailure(event: { readonly type: string }): boolean {
  return event.type === 'failed' || event.type === 'reverted';
}

describe('a rollback', () => {
  it('goes back across migrations that expand, and says that they stay', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    await deploy('v2', { '0001.sql': base, '0002.sql': adds, '0003.sql': 'create table labels (id int);' });
    expect(await back()).toMatchObject({ release: first });
    expect(lines).toContain('migrate: 2 migrations stay; database contents are not rolled back');
  });

  it('asks across one that contracts', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    const { release: second } = await deploy('v2', { '0001.sql': base, '0002.sql': contract }, yes);
    place.log.length = 0;
    await expect(back()).rejects.toMatchObject({
      code: 'GR1005',
      lines: [
        `schema: Release ${first} was made before this: backend/migrations/0002.sql:2 drops the column owner of tasks (contract). Database contents are not rolled back.`,
      ],
    });
    expect(place).toMatchObject({ live: second, log: [] });
    expect(await back(yes)).toMatchObject({ release: first });
  });

  it('is refused across an irreversible one, before anything changes, also when a later release did nothing to the schema', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    const files = { '0001.sql': base, '0002.sql': final };
    await deploy('v2', files, yes);
    const { release: third } = await deploy('v3', files);
    const before = (await events()).length;
    await expect(back({ release: first ?? '' })).rejects.toMatchObject({
      code: 'GR5005',
      message: `an irreversible migration lies between release ${first} and the one that serves`,
      lines: ['backend/migrations/0002.sql:3 drops the table tasks (irreversible)'],
      state: `release ${third} serves everything; nothing was changed`,
    });
    expect(place.live).toBe(third);
    expect((await events()).length).toBe(before);
    expect(await back()).toMatchObject({ changed: true });
  });

  it('goes all the same with --allow-schema-mismatch, which is on record', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    await deploy('v2', { '0001.sql': base, '0002.sql': final }, yes);
    expect(await back({ allowSchemaMismatch: true })).toMatchObject({ release: first });
    expect((await events()).findLast((event) => event.type === 'noted' && event.about === 'schema')).toMatchObject({
      stays: [{ name: 'migrations/0002.sql', effect: 'irreversible' }],
      allowed: true,
    });
  });

  it('may go forward again', async () => {
    await deploy('v1', { '0001.sql': base });
    const { release: second } = await deploy('v2', { '0001.sql': base, '0002.sql': final }, yes);
    await back({ allowSchemaMismatch: true });
    expect(await back({ release: second ?? '' })).toMatchObject({ release: second });
    expect(lines).toContain('migrate: database contents are not rolled back');
  });

  it('reckons with what a release left behind that was taken back', async () => {
    const { release: first } = await deploy('v1', { '0001.sql': base });
    await deploy('v2', { '0001.sql': base });
    place.failAt = 'healthy';
    await expect(deploy('v3', { '0001.sql': base, '0002.sql': final }, yes)).rejects.toMatchObject({ code: 'GX1002' });
    place.failAt = undefined;
    await expect(back({ release: first ?? '' })).rejects.toMatchObject({ code: 'GR5005' });
  });

  it('is judged by the content of releases that recorded nothing', async () => {
    await says('node migrate.js');
    await deploy('v1', { '0001.sql': base });
    await says(withFiles);
    await deploy('v2', { '0001.sql': base, '0002.sql': final }, yes);
    await expect(back()).rejects.toMatchObject({ code: 'GR5005' });
  });
});
