/** Guardrails in a release: what stops it, when, and what is on record. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../../test/contracts/target.ts';
import { newPlace, type Place } from '../../../test/fakes/place.ts';
import { memoryStore } from '../../platforms/memory-store.ts';
import type { Holder, Store } from '../../platforms/store.ts';
import { local } from '../../targets/local/target.ts';
import { readEvents, type StoredEvent } from '../journal.ts';
import type { ReleaseRequest } from '../request.ts';
import { release } from '../runner.ts';

const holder: Holder = { who: 'ana', operation: 'deploy', since: 'now', host: 'laptop', pid: process.pid, startTime: '1', bootId: 'b' };
const app = (lines: string): string => `gantry: 1
app: shop
services:
  web: { build: ./web, run: node server.js, port: 3000, route: /, ${lines} }
smoke:
  - { get: / }
release: { canary: { share: 0 }, bake: 0s }
`;
const right = app('health: /health');
const twice = app('health: /health, replicas: 2');
const list = "const todos = [];\napp.post('/todos', (request) => {\n  todos.push(request.body);\n});\n";

let folder: string;
let place: Place;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-guarding-'));
  place = newPlace();
  store = memoryStore();
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function run(text: string, more: Partial<ReleaseRequest> = {}): ReturnType<typeof release> {
  write('gantry.yaml', text);
  const shop = { ...(await fixtureApp({ name: 'shop', text })), smoke: [] };
  const request: ReleaseRequest = {
    operation: 'deploy',
    app: shop,
    env: environmentFor(local),
    allow: [],
    confirmed: [],
    allowSchemaMismatch: false,
    ...more,
  };
  const { engine, platform, builder } = place;
  return release(request, holder, {
    target: local,
    engines: { process: engine },
    builder: { ...builder, folder: () => join(folder, 'built') },
    platform,
    store,
    folder,
    cacheDir: folder,
    workDir: folder,
    control: '',
    version: '0.0.0',
    path: process.env['PATH'] ?? '',
    signal: new AbortController().signal,
    report: () => {},
  });
}

const notes = async (): Promise<StoredEvent[]> =>
  (await readEvents(store)).filter((event) => event.type === 'noted' && event.about === 'guard');

describe('guardrails in a release', () => {
  it('stop it before anything happens, with the place in the source', async () => {
    write('web/server.js', list);
    await expect(run(twice)).rejects.toMatchObject({
      code: 'GR1007',
      message: 'G01 stops this release',
      lines: ['G01  web runs 2 replicas but keeps its data in memory  web/server.js:1', expect.stringContaining('(gantry.yaml:4:84)')],
    });
    expect(place.log).toEqual([]);
  });

  it('stop `up` only where the run would mislead, and are let pass with a reason on record', async () => {
    write('web/server.js', list);
    await expect(run(twice, { operation: 'up' })).rejects.toMatchObject({ code: 'GR1007' });
    await expect(run(app('replicas: 1'), { operation: 'up' })).resolves.toMatchObject({ changed: true });
    await expect(run(twice, { allow: [{ id: 'G01', reason: 'a demonstration' }] })).resolves.toMatchObject({ changed: true });
    expect((await notes()).at(-1)).toMatchObject({ allowed: [{ id: 'G01', reason: 'a demonstration', found: true }] });
  });

  it('write down the findings and what git says of the folder', async () => {
    await run(twice);
    expect(await notes()).toEqual([
      expect.objectContaining({
        findings: [expect.objectContaining({ id: 'G11', severity: 'warn' }), expect.objectContaining({ id: 'G25', severity: 'warn' })],
        source: { uncommitted: 0 },
      }),
    ]);
  });

  it('look at what was built, and stop before anything outside has changed', async () => {
    write('built/dist/index.html', '<script src="/app.js"></script>');
    write('built/dist/app.js', 'fetch("http://localhost:5000/api")');
    await expect(run(right)).rejects.toMatchObject({
      lines: [expect.stringContaining('G09  the built web calls http://localhost:5000'), expect.anything()],
    });
    expect(place.log.filter((step) => step.startsWith('apply') || step === 'provision')).toEqual([]);
  });

  it('ask before data is lost, and take a yes', async () => {
    const { engine } = place;
    Object.assign(engine, {
      plan: async () => ({
        stack: 'x',
        artifact: '',
        changes: [{ kind: 'delete', subject: 'resource/db', detail: '', downtime: false, dataLoss: true }],
      }),
    });
    await expect(run(right)).rejects.toMatchObject({
      code: 'GR1005',
      lines: expect.arrayContaining([expect.stringMatching(/^G23: the plan deletes resource\/db/)]) as string[],
    });
    await expect(run(right, { confirmed: ['G23'] })).resolves.toMatchObject({ changed: true });
  });

  it('have judged what a rollback goes to already', async () => {
    await run(right);
    place.content = 'v2';
    await run(right);
    write('web/server.js', list);
    await expect(run(twice, { operation: 'rollback' })).resolves.toMatchObject({ changed: true });
  });
});
