import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../../test/contracts/target.ts';
import { status } from '../../../test/dashboard/fake-parts.ts';
import { newPlace } from '../../../test/fakes/place.ts';
import { GantryError } from '../../errors.ts';
import type { Platform } from '../../platforms/platform.ts';
import { local } from '../../targets/local/target.ts';
import * as api from '../api/index.ts';
import type { Served } from '../served.ts';
import { overviewOf, shapeOf, summaryOf } from './overview.ts';

const file = join(import.meta.dirname, '../../../test/fixtures/apps/everything.yaml');
const down = { code: 'GL1001', message: 'not running', fix: 'start it', lines: [], exitCode: 1 };
let served: Served;

beforeAll(async () => {
  const app = await fixtureApp({ name: 'everything', text: readFileSync(file, 'utf8') });
  served = { app, env: environmentFor(local), target: local, platform: newPlace().platform } as Partial<Served> as Served;
});

function disturbable(): Served {
  const platform: Platform = { ...served.platform, disturb: async () => 'killed' };
  return { ...served, platform };
}

describe('an environment', () => {
  it('is what its place says', () => {
    const summary = summaryOf(served, { ...status, problem: null });
    expect(summary).toMatchObject({ name: 'fixture', target: 'local', state: 'running', url: 'http://127.0.0.1:8080', canTry: false });
    expect(summary.release).toEqual({ id: 'aaaaaaaaaaaa', number: 1 });
    expect(api.environmentSummary.parse(summary)).toEqual(summary);
  });

  it('is unknown while its place cannot be asked, and says why', () => {
    expect(summaryOf(served, { ...status, problem: down })).toMatchObject({ state: 'unknown', problem: down });
  });

  it('is stopped before anything was ever asked for', () => {
    const summary = summaryOf(served, { at: 0, place: null, problem: null, numbers: {} });
    expect(summary).toMatchObject({ state: 'stopped', url: '', release: null });
  });

  it('can be tried where the platform can disturb', () => {
    expect(summaryOf(disturbable(), status).canTry).toBe(true);
  });

  it('has a line of parity for everything that the files ask for', () => {
    const { parity } = summaryOf(served, status);
    expect(parity.length).toBeGreaterThan(10);
    expect(parity.map(({ feature }) => feature)).toEqual(expect.arrayContaining(['migrate', 'resource.postgres', 'service.static']));
    for (const { level, reason } of parity) expect(reason === undefined).toBe(level === 'yes');
  });
});

describe('the shape', () => {
  it('has every service and resource, and who refers to whom', () => {
    const shape = shapeOf(served);
    expect(api.shape.parse(shape)).toEqual(shape);
    expect(shape.services.map(({ name }) => name)).toEqual(Object.keys(served.app.services));
    expect(shape.resources.map(({ name }) => name)).toEqual(Object.keys(served.app.resources));
    const names = new Set([...Object.keys(served.app.services), ...Object.keys(served.app.resources)]);
    for (const { name, uses } of shape.services) {
      expect(uses).toEqual([...new Set(uses)]);
      expect(uses).not.toContain(name);
      for (const used of uses) expect(names).toContain(used);
    }
    expect(shape.services.flatMap(({ uses }) => uses)).not.toEqual([]);
  });
});

describe('the overview', () => {
  it('is about every environment of the app', async () => {
    const two = [served, { ...served, env: { ...served.env, name: 'staging' } }];
    const app = {
      app: 'everything',
      folder: '/apps/everything',
      version: '1.2.3',
      environments: async () => two,
      problem: () => undefined,
    };
    const overview = await overviewOf(app, async ({ env }) => ({ ...status, problem: env.name === 'staging' ? down : null }));
    expect(api.overview.parse(overview)).toEqual(overview);
    expect(overview.environments.map(({ name, state }) => [name, state])).toEqual([
      ['fixture', 'running'],
      ['staging', 'unknown'],
    ]);
  });

  it('says what is wrong with the files', async () => {
    const problem = new GantryError('GA1003', 'unknown key');
    const app = { app: 'everything', folder: '/apps', version: '1', environments: async () => [], problem: () => problem };
    const overview = await overviewOf(app, async () => status);
    expect(api.overview.parse(overview).problem).toEqual(problem.toJSON());
  });
});
