import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace, type Place } from '../../test/fakes/place.ts';
import type { App } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { memoryStore } from '../platforms/memory-store.ts';
import type { Holder, Store } from '../platforms/store.ts';
import type { ContentRef, ReleaseRef } from '../stack/stack.ts';
import { local } from '../targets/local/target.ts';
import { keptEvidence } from './evidence.ts';
import type { StoredEvent } from './journal.ts';
import { pastReturn, pastShift, replay, type ReleaseEvent, type ReleaseState } from './machine.ts';
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

afterEach(() => void vi.useRealTimers());

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

describe('what a release leaves in its journal', () => {
  it('is what each step said, and of a failure all that its first reader saw', async () => {
    const first = await deploy();
    place.content = 'v2';
    const platform = {
      ...place.platform,
      awaitReady: async () =>
        Promise.reject(new GantryError('GL1030', 'backend-1 ended 3 times', { where: 'backend', lines: ['no DATABASE_URL'] })),
    };
    const error: unknown = await deploy({ platform }).catch((problem: unknown) => problem);
    const { events } = await store.read();
    expect(events.find(({ type, step }) => type === 'done' && step === 'healthy')).toMatchObject({ message: '2 ready' });
    const kept = keptEvidence(events as unknown as StoredEvent[]);
    expect(kept).toEqual((error as GantryError).toJSON());
    expect(kept).toMatchObject({
      lines: ['no DATABASE_URL'],
      state: `release ${first.release ?? ''} serves everything; no user has seen the new one; the migration of backend has run; what it changed is not known and stays`,
    });
  });
});

describe('rollback', () => {
  beforeEach(() => {
    app = { ...app, release: { ...app.release, bakeMs: 0 } };
  });

  const back = async (more: Partial<Tools> = {}, name?: string): ReturnType<typeof release> =>
    release(
      {
        operation: 'rollback',
        app,
        env: environmentFor(local),
        allow: [],
        confirmed: [],
        allowSchemaMismatch: false,
        ...(name === undefined ? {} : { release: name }),
      },
      holder,
      tools(more),
    );

  async function deployed(...contents: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const content of contents) {
      place.content = content;
      ids.push((await deploy()).release ?? '');
    }
    place.log.length = 0;
    return ids;
  }

  it('goes to the release promoted before, and back again, whatever the clock says', async () => {
    vi.useFakeTimers({ now: new Date('2036-01-01T00:00:00Z'), toFake: ['Date'] });
    const [first = ''] = await deployed('v1');
    vi.setSystemTime(new Date('2026-06-01T00:00:00Z'));
    const [second = ''] = await deployed('v2');
    vi.setSystemTime(new Date('2020-01-01T00:00:00Z'));
    expect(await back()).toMatchObject({ release: first, number: 3 });
    expect(await back()).toMatchObject({ release: second, number: 4 });
    expect(place.live).toBe(second);
  });

  it('goes to a release by id, by number and by the beginning of its id', async () => {
    const [first = '', second = '', third = ''] = await deployed('v1', 'v2', 'v3');
    expect(await back({}, first)).toMatchObject({ release: first });
    expect(await back({}, '2')).toMatchObject({ release: second });
    expect(await back({}, third.slice(0, 6))).toMatchObject({ release: third });
  });

  it('refuses before it touches anything, and says where one could go', async () => {
    await expect(back()).rejects.toMatchObject({ code: 'GR5001' });
    const [first = '', second = ''] = await deployed('v1', 'v2');
    const lines = [expect.stringContaining(`gantry rollback fixture ${first}`) as string];
    await expect(back({}, 'nonsense')).rejects.toMatchObject({ code: 'GR5002', lines });
    await expect(back({}, second)).rejects.toMatchObject({ code: 'GR5004', lines });
    expect(place.log).toEqual([]);
    expect(place.live).toBe(second);
  });

  it('refuses a release whose content was removed, and lists those that are there (F35)', async () => {
    const [first = '', second = '', third = ''] = await deployed('v1', 'v2', 'v3');
    const before = await store.read();
    const gone = JSON.parse(
      Buffer.from(await store.get(String(before.events.find((event) => event['release'] === first)?.['ref']))).toString(),
    ) as ReleaseRef;
    const builder = { ...place.builder, has: async (content: ContentRef) => content.address !== gone.content['backend']?.address };
    await expect(back({ builder }, first)).rejects.toMatchObject({
      code: 'GR5003',
      lines: [expect.stringContaining(second) as string],
    });
    expect(place).toMatchObject({ log: [], live: third });
    expect((await store.read()).events).toEqual(before.events);
  });

  it('refuses a release whose record is damaged, and does not list it', async () => {
    const [first = '', second = ''] = await deployed('v1', 'v2');
    const ref = (await store.read()).events.find((event) => event['release'] === first)?.['ref'];
    const damaged: Store = {
      ...store,
      get: async (digest) => (digest === ref ? Promise.reject(new GantryError('GL4015', 'gone')) : store.get(digest)),
    };
    await expect(back({ store: damaged }, first)).rejects.toMatchObject({ code: 'GR5003', lines: ['no earlier release is kept'] });
    expect(place.live).toBe(second);
  });
});

describe('somebody else', () => {
  it('is told who is at work', async () => {
    const lease = await store.lock({ ...holder, who: 'bob@build-7', operation: 'deploy' });
    await expect(deploy()).rejects.toMatchObject({ code: 'GR1001', message: expect.stringContaining('bob@build-7') as string });
    await lease.release();
    expect(await deploy()).toMatchObject({ changed: true });
  });

  it.each(['build', 'apply', 'shift'])('who takes the lock away during %s stops the release, which touches nothing more', async (step) => {
    const first = await deploy();
    place.content = 'v2';
    place.log.length = 0;
    const report: Tools['report'] = (said) => void (said.step === step && said.state === 'done' && store.unlock());
    await expect(deploy({ report })).rejects.toMatchObject({
      code: 'GR1008',
      message: expect.stringContaining('ana@laptop') as string,
      state: expect.stringContaining('finishes it or takes it back') as string,
    });
    const last = { build: 'build backend', apply: 'apply live+next', shift: 'shift 100' }[step];
    expect(place.log.at(-1)).toBe(last);
    const id = await settle(holder, tools());
    expect(step === 'shift' ? id !== first.release : id === first.release).toBe(true);
    expect(place).toMatchObject({ live: id, next: undefined, share: 0 });
  });
});

describe('after the end', () => {
  it('a disk that takes no more notes does not make a promoted release fail', async () => {
    await deploy();
    place.content = 'v2';
    const said: string[] = [];
    const report: Tools['report'] = ({ step, state, message }) => void (state === 'failed' && said.push(`${step} ${message}`));
    const { builder } = place.hands(async (name, work) => {
      if (name === 'prune') throw new Error('no space');
      return work();
    });
    expect(await deploy({ builder, report })).toMatchObject({ changed: true, number: 2 });
    expect(said).toEqual(['tidy old content stays: no space']);
  });

  it('the content of promoted releases is kept, however many failed since', async () => {
    const kept: string[][] = [];
    const builder = {
      ...place.builder,
      prune: async (content: readonly ContentRef[]) => void kept.push(content.map(({ address }) => address)),
    };
    for (const content of ['v1', 'v2']) {
      place.content = content;
      await deploy();
    }
    place.failAt = 'healthy';
    for (const content of ['b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7']) {
      place.content = content;
      await expect(deploy()).rejects.toThrow();
    }
    place.failAt = undefined;
    place.content = 'v3';
    await deploy({ builder });
    expect(kept.at(-1)?.length).toBe(3);
  });
});

describe('a naming that fails', () => {
  it('is taken back and recorded like any step', async () => {
    const first = await deploy();
    place.content = 'v2';
    const full: Store = { ...store, put: async () => Promise.reject(new GantryError('GX2001', 'no space left')) };
    await expect(deploy({ store: full })).rejects.toMatchObject({
      code: 'GX2001',
      state: expect.stringContaining('serves everything') as string,
    });
    expect(await isSettled(store)).toBe(true);
    expect((await store.read()).events.at(-1)).toMatchObject({ type: 'reverted' });
    expect(place).toMatchObject({ live: first.release, next: undefined });
  });
});

describe('settle', () => {
  /** A release that writes so many events. Then its disk takes nothing any more or, if it dies, it touches nothing at all any more. */
  async function interrupted(events: number, dies: boolean): Promise<ReleaseState> {
    await deploy();
    place.content = 'v2';
    const before = (await store.read()).sequence;
    const isOver = async (): Promise<boolean> => (await store.read()).sequence >= before + events;
    const cut: Store = {
      ...store,
      append: async (...args) => ((await isOver()) ? Promise.reject(new Error('dead')) : store.append(...args)),
    };
    const { engine, platform } = place.hands(async (_name, work) => {
      if (dies && (await isOver())) throw new Error('dead');
      return work();
    });
    await expect(deploy({ store: cut, platform, engines: { process: engine } })).rejects.toThrow('dead');
    return replay((await store.read()).events as unknown as ReleaseEvent[]);
  }

  const counts = Array.from({ length: 19 }, (_, index) => index + 1);

  it.each(counts)('ends in the old release up to the shift and in the new one from then on: death after %d events', async (events) => {
    const left = await interrupted(events, true);
    await settle(holder, tools());
    expect(await isSettled(store)).toBe(true);
    const { live } = replay((await store.read()).events as unknown as ReleaseEvent[]);
    expect(place).toMatchObject({ live, next: undefined, share: 0 });
    expect(live).toBe(pastShift(left) && left.phase === 'running' ? left.release : left.live);
  });

  it.each(counts)('ends where the users are: a disk that is full after %d events', async (events) => {
    const left = await interrupted(events, false);
    const served = place.live;
    await settle(holder, tools());
    const { live } = replay((await store.read()).events as unknown as ReleaseEvent[]);
    expect(place).toMatchObject({ live, next: undefined, share: 0 });
    expect(live).toBe(pastReturn(left) && left.phase === 'running' ? left.release : served);
  });

  it('does nothing, and takes no lock, when the last release has ended', async () => {
    await deploy();
    place.log.length = 0;
    const locked: Store = { ...store, lock: async () => Promise.reject(new Error('locked')) };
    expect(await settle(holder, tools({ store: locked }))).toBeNull();
    expect(place.log).toEqual([]);
  });
});
