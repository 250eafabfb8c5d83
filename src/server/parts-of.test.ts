import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace } from '../../test/fakes/place.ts';
import { until } from '../../test/rig/until.ts';
import type { App } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { memoryStore } from '../platforms/memory-store.ts';
import type { Disturbance, Platform } from '../platforms/platform.ts';
import type { OperationRequest } from '../release/request.ts';
import { local } from '../targets/local/target.ts';
import type { ServerEvent } from './api/index.ts';
import { partsOf } from './parts-of.ts';
import type { Parts } from './parts.ts';
import type { Served, ServedApp } from './served.ts';

const file = join(import.meta.dirname, '../../test/fixtures/apps/everything.yaml');
let app: App;
let environments: Served[];
let problem: GantryError | undefined;
let asked: OperationRequest[];
let disturbances: Disturbance[];
let parts: Parts;
let stop: AbortController;

beforeAll(async () => {
  app = await fixtureApp({ name: 'everything', text: readFileSync(file, 'utf8') });
});
beforeEach(() => {
  stop = new AbortController();
  [asked, disturbances, problem] = [[], [], undefined];
  environments = [serving('local', true), serving('staging', false)];
  const served: ServedApp = {
    app: app.name,
    folder: '/apps/everything',
    version: '1.2.3',
    environments: async () => environments,
    problem: () => problem,
  };
  parts = partsOf(served, { who: 'ana@build-7', node: '/bin/node' });
});
afterEach(async () => {
  stop.abort();
  await parts.close();
});

function serving(name: string, canTry: boolean): Served {
  const store = memoryStore();
  const disturb: Platform['disturb'] = async (disturbance) => {
    disturbances.push(disturbance);
    return 'it was killed';
  };
  return {
    app,
    env: { ...environmentFor(local), name },
    target: local,
    platform: { ...newPlace().platform, store: async () => store, ...(canTry ? { disturb } : {}) },
    context: { app: app.name, environment: name, folder: '/apps/everything', signal: stop.signal },
    operate: async (request) => {
      asked.push(request);
      return { release: 'aaaa00000000', number: 1, url: '', changed: true, durationMs: 1 };
    },
    interrupt: async () => true,
    commit: () => 'abc',
    planPlaces: async () => Promise.reject(new Error('not asked for')),
    isRunnable: async () => true,
  };
}

/** Everything that one stream is told. */
function watch(...topics: `${string}/${'status' | 'logs'}`[]): ServerEvent[] {
  const told: ServerEvent[] = [];
  const write = (_id: string, event: ServerEvent): boolean => told.push(event) > 0;
  parts.hub.open(new Set(topics), undefined, { write, drained: async () => {} });
  return told;
}

it('has the environments of the files, with what is wrong with the files', async () => {
  expect((await parts.overview()).environments.map(({ name, problem: wrong, canTry }) => [name, wrong, canTry])).toEqual([
    ['local', null, true],
    ['staging', null, false],
  ]);
  problem = new GantryError('GC2011', 'the files have problems');
  expect((await parts.overview()).environments[0]?.problem).toMatchObject({ code: 'GC2011' });
});

it('tells those who watch when environments come and go, and knows the ones of now only', async () => {
  await parts.environment('staging');
  const told = watch('local/status');
  const names = (): string[] => told.findLast((event) => event.type === 'environments')?.environments.map(({ name }) => name) ?? [];
  await until('both', async () => names().length === 2);
  environments = environments.slice(0, 1);
  await until('one', async () => names().length === 1);
  await expect(parts.environment('staging')).rejects.toMatchObject({ code: 'GC1003', fix: 'environments here: local' });
  await expect(parts.environment('locl')).rejects.toMatchObject({ fix: expect.stringContaining('did you mean local?') as string });
});

it('begins what is asked for, and tells every stream', async () => {
  const told = watch();
  const { operate, interrupt } = await parts.environment('local');
  const { id, state } = await operate({ operation: 'restart' });
  expect(state).toBe('running');
  await until('the end', async () => parts.operation(id).state === 'changed');
  expect(told.filter(({ type }) => type === 'operation')).toHaveLength(2);
  expect(asked).toMatchObject([{ operation: 'restart' }]);
  expect(await interrupt()).toEqual({ interrupted: true });
  expect(() => parts.operation('another')).toThrow(expect.objectContaining({ code: 'GC2005' }) as Error);
});

it('tries what the platform can disturb, as whoever started the dashboard', async () => {
  const environment = await parts.environment('local');
  expect(await environment.tries()).toMatchObject({ unsupported: null, good: expect.stringMatching(/^TRY_IT = 1 in /) as string });
  expect(await environment.attempt({ kind: 'kill', replica: 'web-1' })).toEqual({ text: 'it was killed', operation: null });
  expect(disturbances).toEqual([{ replica: 'web-1', how: 'kill', who: 'ana@build-7' }]);
  const { operation, text } = await environment.attempt({ kind: 'good release' });
  expect(operation?.state).toBe('running');
  expect(text).toContain('The files are not touched');
  expect(asked).toMatchObject([{ operation: 'deploy', confirmed: ['yes'], commit: 'abc' }]);
});

it('tries nothing elsewhere', async () => {
  const environment = await parts.environment('staging');
  expect(await environment.tries()).toEqual({ unsupported: expect.any(String) as string, good: null, bad: null });
  for (const input of [{ kind: 'kill', replica: 'web-1' }, { kind: 'bad release' }] as const)
    await expect(environment.attempt(input)).rejects.toMatchObject({ code: 'GC2008', where: 'staging' });
  expect([...asked, ...disturbances]).toEqual([]);
});
