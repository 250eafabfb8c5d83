import { beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace, type Place } from '../../test/fakes/place.ts';
import type { App } from '../app/model.ts';
import { memoryStore } from '../platforms/memory-store.ts';
import type { Holder, Store } from '../platforms/store.ts';
import { local } from '../targets/local/target.ts';
import { replay, type ReleaseEvent } from './machine.ts';
import { isSettled } from './recovery.ts';
import { release, settle } from './runner.ts';
import type { Tools } from './work.ts';

const holder: Holder = {
  who: 'ana@laptop',
  operation: 'up',
  since: '2026-01-01T00:00:00Z',
  host: 'laptop',
  pid: process.pid,
  startTime: '1',
  bootId: 'b',
};
const text = `gantry: 1
app: shop
services:
  backend:
    build: ./backend
    run: node main.js
    port: 3000
    route: /
    scale: { min: 2, max: 5 }
    migrate: node migrate.js
    variables: { DATABASE_URL: "\${db.url}", DB_HOST: "\${db.host}" }
resources:
  db: { type: postgres, version: 17 }
`;

let place: Place;
let store: Store;
let app: App;

beforeEach(async () => {
  place = newPlace();
  store = memoryStore();
  app = await fixtureApp({ name: 'shop', text });
});

function tools(more: Partial<Tools> = {}): Tools {
  const { engine, platform, builder } = place;
  return {
    target: local,
    engines: { process: engine },
    builder,
    platform,
    store,
    folder: '/nowhere',
    cacheDir: '/nowhere',
    workDir: '/nowhere',
    control: '',
    version: '0.0.0',
    path: '',
    signal: new AbortController().signal,
    report: () => {},
    ...more,
  };
}

const deploy = async (more: Partial<Tools> = {}): ReturnType<typeof release> =>
  release({ operation: 'up', app, env: environmentFor(local), allow: [], confirmed: [], allowSchemaMismatch: false }, holder, tools(more));

describe('release', () => {
  it('walks: build, provision, migrate, next set, health, switch, old set away', async () => {
    const first = await deploy();
    expect(place.log).toEqual(['build backend', 'provision', 'migrate backend', 'apply next', 'healthy', 'shift 100', 'apply live']);
    expect(place).toMatchObject({ live: first.release, next: undefined });
    place.log.length = 0;
    place.content = 'v2';
    const second = await deploy();
    expect(place.log).toEqual(['build backend', 'provision', 'migrate backend', 'apply live+next', 'healthy', 'shift 100', 'apply live']);
    expect(place.live).toBe(second.release);
    expect(second.release).not.toBe(first.release);
  });

  it('changes nothing that runs when the release that serves is asked for again', async () => {
    const first = await deploy();
    place.log.length = 0;
    const again = await deploy();
    expect(again).toMatchObject({ release: first.release, changed: false });
    expect(place.log).toEqual(['build backend', 'provision', 'healthy']);
  });

  it('stores whole variables with a password as secrets, and only references in files', async () => {
    await deploy();
    const password = place.secrets.get('db.password')?.value ?? '';
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(place.secrets.get('backend.DATABASE_URL')).toMatchObject({
      value: `postgres://app:${password}@127.0.0.1:5432/app`,
      origin: 'derived',
      version: 1,
    });
    expect([...place.secrets.keys()].toSorted()).toEqual(['backend.DATABASE_URL', 'db.password']);
    const journal = JSON.stringify(await store.read());
    expect(journal).not.toContain(password);
  });

  it.each(['build backend', 'provision', 'migrate backend', 'apply live+next', 'healthy', 'shift 100'])(
    'leaves the old release serving when "%s" fails',
    async (step) => {
      const first = await deploy();
      place.content = 'v2';
      place.failAt = step;
      await expect(deploy()).rejects.toMatchObject({ code: 'GX1002' });
      expect(place).toMatchObject({ live: first.release, next: undefined, share: 0 });
      place.failAt = undefined;
      const { release: second, changed } = await deploy();
      expect({ changed, live: place.live }).toEqual({ changed: true, live: second });
    },
  );

  it('takes the first release away whole when it fails: there is nothing to go back to', async () => {
    place.failAt = 'healthy';
    await expect(deploy()).rejects.toMatchObject({ code: 'GX1002' });
    expect(place).toMatchObject({ live: undefined, next: undefined });
  });

  it('finishes a release whose process died after the switch', async () => {
    await deploy();
    place.content = 'v2';
    place.failAt = 'apply live';
    await expect(deploy()).rejects.toThrow();
    const { next } = place;
    place.failAt = undefined;
    expect(await deploy()).toMatchObject({ release: next, changed: false });
    expect(place).toMatchObject({ live: next, next: undefined });
  });

  it('keeps the number of replicas that run now', async () => {
    await deploy();
    place.content = 'v2';
    const { release: id } = await deploy();
    const { events } = await store.read();
    const ref = events.findLast((event) => event['release'] === id)?.['ref'];
    const stored = JSON.parse(Buffer.from(await store.get(String(ref))).toString()) as { counts: object };
    expect(stored.counts).toEqual({ backend: 4 });
  });

  it('stops before anything is built when a secret has no value', async () => {
    app = await fixtureApp({ name: 'shop', text: text.replace('migrate: node', 'secrets: [SESSION_KEY]\n    migrate: node') });
    await expect(deploy()).rejects.toMatchObject({ code: 'GR1002', fix: expect.stringContaining('SESSION_KEY') as string });
    expect(place.log).toEqual([]);
  });

  it('goes back when it is no longer wanted', async () => {
    const first = await deploy();
    place.content = 'v2';
    const controller = new AbortController();
    const report = ({ step, state }: { step: string; state: string }): void => {
      if (step === 'migrate' && state === 'done') controller.abort();
    };
    await expect(deploy({ signal: controller.signal, report })).rejects.toThrow();
    expect(place).toMatchObject({ live: first.release, next: undefined });
  });
});

describe('settle', () => {
  /** A store that is cut after so many events, as a process that died would have left it. */
  async function interrupted(events: number): Promise<void> {
    await deploy();
    place.content = 'v2';
    const before = (await store.read()).sequence;
    const cut: Store = {
      ...store,
      append: async (...args) =>
        (await store.read()).sequence < before + events ? store.append(...args) : Promise.reject(new Error('dead')),
    };
    await expect(deploy({ store: cut })).rejects.toThrow('dead');
  }

  it.each(Array.from({ length: 20 }, (_, index) => index + 1))('ends in the old or the new release after %d events', async (events) => {
    await interrupted(events);
    const old = replay((await store.read()).events as unknown as ReleaseEvent[]).live;
    await settle(holder, tools());
    expect(await isSettled(store)).toBe(true);
    const { live } = replay((await store.read()).events as unknown as ReleaseEvent[]);
    expect(place).toMatchObject({ live, next: undefined, share: 0 });
    expect(events <= 18 ? live === old : live !== old).toBe(true);
  });

  it('does nothing, and takes no lock, when the last release has ended', async () => {
    await deploy();
    place.log.length = 0;
    const locked: Store = { ...store, lock: async () => Promise.reject(new Error('locked')) };
    expect(await settle(holder, tools({ store: locked }))).toBeNull();
    expect(place.log).toEqual([]);
  });
});
