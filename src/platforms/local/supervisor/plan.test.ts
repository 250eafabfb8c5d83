import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../../stack/process.ts';
import { nothing } from './desired.ts';
import { processEnvironment, referredServices, type ValueSources } from './environment.ts';
import { countOf, planFleet, replicaId, wantedOf, type Present, type Wanted } from './fleet-plan.ts';
import { addresses, buildTable, type Routable } from './routes.ts';
import { service, set } from './testing/kit.ts';

describe('environments', () => {
  const sources: ValueSources = {
    secret: async (name) => (name === 'KEY' ? 's3' : undefined),
    resource: (name) => (name === 'db.port' ? '5432' : undefined),
    service: async (name) => (name === 'api.url' ? 'http://127.0.0.1:1' : undefined),
    replica: (name) => (name === 'port' ? '9' : undefined),
  };
  const identity = { release: 'r', replica: 'x-1', port: 9 };

  it('pass text on untouched, fill placeholders, and keep what is Gantry’s', async () => {
    const env = await processEnvironment(
      {
        A: '$HOME ${x} `id`',
        B: { $secret: 'KEY' },
        C: ['h:', { $output: ['resources', 'db.port'] }],
        D: { $output: ['services', 'api.url'] },
        PORT: '1',
        HOST: '0.0.0.0',
      },
      identity,
      sources,
      { PATH: '/bin', HOME: '/h', OTHER: 'no' },
    );
    expect(env).toEqual({
      PATH: '/bin',
      HOME: '/h',
      HOST: '0.0.0.0',
      A: '$HOME ${x} `id`',
      B: 's3',
      C: 'h:5432',
      D: 'http://127.0.0.1:1',
      PORT: '9',
      GANTRY_RELEASE: 'r',
      GANTRY_REPLICA: 'x-1',
    });
  });

  it('pass any text on byte for byte', async () => {
    const passedOn = async (text: string): Promise<boolean> => (await processEnvironment({ A: text }, identity, sources, {}))['A'] === text;
    expect(await fc.check(fc.asyncProperty(fc.string(), passedOn))).toMatchObject({ failed: false });
  });

  it('name what has no value', async () => {
    await expect(processEnvironment({ K: { $secret: 'NO' } }, identity, sources, {})).rejects.toMatchObject({
      code: 'GL1025',
      message: 'K: the secret NO has no value',
    });
    await expect(processEnvironment({ K: { $output: ['resources', 'db.x'] } }, identity, sources, {})).rejects.toMatchObject({
      message: 'K: nothing gives db.x',
    });
    expect([...referredServices([{ A: ['x', { $output: ['services', 'my.api.url'] }], B: 'y' }])]).toEqual(['my.api']);
  });
});

describe('the plan of the fleet', () => {
  const web = (more: Partial<ServiceSpec> = {}): ServiceSpec => service('web', 'c', more);
  const wanted = (count: number, release = 'r1', alone = false): Wanted => ({
    release,
    service: web(),
    count,
    alone,
    settings: { probe: 'http', live: false, rise: 1, fall: 1, startupMs: 1, drainMs: 1, graceMs: 1 },
  });
  const here = (ordinal: number, more: Partial<Present> = {}): Present => ({
    id: `web-r1-${ordinal}`,
    service: 'web',
    release: 'r1',
    ordinal,
    phase: 'ready',
    leaving: false,
    ...more,
  });

  it('starts what is missing under free numbers', () => {
    const { start, stop } = planFleet([wanted(4)], [here(2), here(3, { leaving: true })]);
    expect(start.map(({ ordinal }) => ordinal)).toEqual([1, 4, 5]);
    expect(stop).toEqual([]);
  });

  it('stops those that do not serve first, and whatever belongs to no set', () => {
    expect(planFleet([wanted(1)], [here(1, { phase: 'unready' }), here(2), here(3)]).stop).toEqual(['web-r1-1', 'web-r1-3']);
    expect(planFleet([], [here(1), here(2, { leaving: true })]).stop).toEqual(['web-r1-1']);
  });

  it('has one process of a fixed port over all sets: the new one waits until the old one is gone', () => {
    const both = [wanted(0, 'r1', true), wanted(1, 'r2', true)];
    expect(planFleet(both, [here(1)])).toEqual({ start: [], stop: ['web-r1-1'] });
    expect(planFleet(both, [here(1, { leaving: true })])).toEqual({ start: [], stop: [] });
    expect(planFleet(both, []).start.map(({ wanted: { release } }) => release)).toEqual(['r2']);
  });

  it('reaches what is wanted from anything, and then rests', () => {
    const present = fc.record({
      ordinal: fc.integer({ min: 1, max: 9 }),
      leaving: fc.boolean(),
      phase: fc.constantFrom<Present['phase']>('ready', 'unready', 'starting', 'waiting'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(present, { selector: ({ ordinal }) => ordinal }), fc.nat(6), (seeds, count) => {
        const before = seeds.map(({ ordinal, ...more }) => here(ordinal, more));
        const { start, stop } = planFleet([wanted(count)], before);
        const after = [
          ...before.map((one) => (stop.includes(one.id) ? { ...one, leaving: true } : one)),
          ...start.map(({ ordinal }) => here(ordinal)),
        ];
        expect(after.filter(({ leaving }) => !leaving)).toHaveLength(count);
        expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
        expect(planFleet([wanted(count)], after)).toEqual({ start: [], stop: [] });
      }),
    );
    expect(present).toBeDefined();
  });

  it('takes counts from scale, within the limits of the set', () => {
    expect(countOf(web({ replicas: 3 }), {})).toBe(3);
    expect(countOf(web(), { web: { count: 9, pinned: true } })).toBe(5);
    const desired = { ...nothing, live: set('r1', [web()]), next: set('r2', [web({ scale: { min: 3, max: 4 } })]) };
    const counts = { web: { count: 1, pinned: true } };
    expect(wantedOf({ desired, counts, surge: new Map([['r1/web', 1]]), isAlone: () => false }).map(({ count }) => count)).toEqual([2, 3]);
    expect(wantedOf({ desired, counts, surge: new Map(), isAlone: () => true }).map(({ count }) => count)).toEqual([0, 1]);
  });

  it('names replicas by as much of the release as tells them apart', () => {
    expect(replicaId('web', '3f9a00000000', 1, ['3f9a00000000', 'aaaa00000000'])).toBe('web-3f9a-1');
    expect(replicaId('web', '3f9a00000000', 1, ['3f9a11111111'])).toBe('web-3f9a00000000-1');
  });
});

describe('routes', () => {
  const at = (id: string, phase: Routable['phase'], silent = false): Routable => ({
    id,
    service: 'web',
    release: 'r1',
    port: 1,
    phase,
    silent,
  });

  it('list who is ready and who drains', () => {
    expect(
      addresses([at('a', 'ready'), at('b', 'draining'), at('c', 'starting'), at('d', 'unready'), at('e', 'waiting')]).map(
        ({ id, state }) => `${id} ${state}`,
      ),
    ).toEqual(['a ready', 'b draining']);
  });

  it('keep those that answer badly when nobody is ready, but not those that are silent', () => {
    expect(addresses([at('a', 'unready'), at('b', 'unready', true), at('c', 'starting')]).map(({ id }) => id)).toEqual(['a']);
  });

  it('name services, sites and internal addresses of both sets', () => {
    const worker = service('worker', 'c', { kind: 'worker' });
    const { port: _port, route: _route, ...portless } = worker;
    const live = set('r1', [service('web', 'c'), portless], {
      sites: [{ name: 'docs', content: 'abc', dir: 'dist', route: '/docs', fallback: 'index.html' }],
    });
    const table = buildTable({
      desired: { ...nothing, live, share: 5 },
      replicas: [at('a', 'ready')],
      internal: [
        { release: 'r1', service: 'web', port: 7 },
        { release: 'r0', service: 'web', port: 8 },
      ],
      contentDir: '/content',
      setKey: 'k',
      alone: new Set(),
    });
    expect(table).toMatchObject({ share: 5, setKey: 'k', next: null });
    expect(table.live).toEqual({
      release: 'r1',
      routes: [
        { kind: 'service', service: 'web', prefix: '/', replicas: [{ id: 'a', port: 1, state: 'ready' }] },
        { kind: 'site', service: 'docs', prefix: '/docs', dir: '/content/abc/dist', fallback: 'index.html' },
      ],
      internal: [{ service: 'web', port: 7 }],
    });
  });
});
