import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../../../test/rig/until.ts';
import { shopOf, shopText, WatchedPlace } from '../../../test/rig/watched-place.ts';
import { engines } from '../../engines/index.ts';
import { GantryError } from '../../errors.ts';
import { folderStore } from '../../platforms/folder-store.ts';
import { comparison, marker, plan, progress, releaseDetail, releaseSummary } from '../api/index.ts';
import { createHub } from '../events/hub.ts';

let at: WatchedPlace;

beforeEach(async () => {
  at = await WatchedPlace.open();
});

afterEach(() => at.close());

describe('the list of releases', () => {
  it('is newest first, with what serves and what can be gone back to; what only asked, or changed nothing, is no history', async () => {
    const first = await at.run({}, 'v1');
    const second = await at.run({}, 'v2');
    await at.run({}, 'v2');
    at.place.failAt = 'healthy';
    await expect(at.run({}, 'v3')).rejects.toThrow('failed as told');
    at.place.failAt = undefined;
    const list = z.array(releaseSummary).parse(await at.watch.list(50));
    expect(list.map(({ number, outcome, live, runnable }) => ({ number, outcome, live, runnable }))).toEqual([
      { number: 3, outcome: 'rolled back', live: false, runnable: false },
      { number: 2, outcome: 'promoted', live: true, runnable: true },
      { number: 1, outcome: 'promoted', live: false, runnable: true },
    ]);
    expect(list.map(({ release }) => release)).toEqual([expect.any(String), second.release, first.release]);
    expect(list[0]).toMatchObject({ who: 'ana@laptop', failed: { step: 'healthy', code: 'GX1002' } });
    for (const { key } of list) expect(encodeURIComponent(key)).toBe(key);
  });

  it('is given in parts', async () => {
    for (const content of ['v1', 'v2', 'v3']) await at.run({}, content);
    const [newest] = await at.watch.list(1);
    expect((await at.watch.list(1, newest?.key)).map(({ number }) => number)).toEqual([2]);
    expect((await at.watch.list(50, newest?.key)).map(({ number }) => number)).toEqual([2, 1]);
    await expect(at.watch.list(1, 'yesterday')).rejects.toMatchObject({ code: 'GC2006' });
  });

  it('knows when the content of a release is not kept any more, after the next one', async () => {
    await at.run({}, 'v1');
    await at.run({}, 'v2');
    expect((await at.watch.list(50)).map(({ runnable }) => runnable)).toEqual([true, true]);
    at.gone.add((await comparedContent())[0] ?? '');
    await at.run({}, 'v3');
    await until('the first one is not runnable', async () => (await at.watch.list(50)).at(-1)?.runnable === false);
  });

  async function comparedContent(): Promise<(string | null)[]> {
    const [second, first] = await at.watch.list(50);
    return (await at.watch.compare(first?.release ?? '', second?.release ?? '')).content.map(({ before }) => before);
  }

  it('is told when it has grown, to whoever watches, and to nobody else', async () => {
    await at.run({}, 'v1');
    at.look();
    await until('the first', async () => at.listed.join() === '1 promoted');
    await at.run({}, 'v2');
    await until('the second', async () => at.listed.join() === '2 promoted,1 promoted');
    let looks = 0;
    const stamp = async (): Promise<string> => ((looks += 1), at.store.stamp());
    at.hub = createHub();
    at.serve({}, { ...at.served.platform, store: async () => ({ ...at.store, stamp }) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks).toBe(0);
  });

  it('says why when the record cannot be read, and goes on once it can', async () => {
    await at.run({}, 'v1');
    const damaged = new GantryError('GL4013', 'the journal is damaged');
    const { stamp } = at.store;
    at.store.stamp = async () => Promise.reject(damaged);
    await expect(at.watch.list(50)).rejects.toBe(damaged);
    at.store.stamp = stamp;
    await until('it is read again', async () => (await at.watch.list(50).catch(() => [])).length === 1);
  });
});

describe('the release under way', () => {
  it('is told with the times of its journal and the words of who carries it out, up to its end', async () => {
    at.look();
    await until('nothing is under way', async () => at.progress === null);
    const { reached, letGo } = at.hold();
    const running = at.run({}, 'v1');
    await reached;
    await until('the words of the step', async () => at.step('healthy')?.message === '1/2 ready');
    const now = progress.parse(at.progress);
    expect(now.walk.map(({ step, state }) => `${step} ${state}`).slice(9, 14)).toEqual([
      'migrate done',
      'apply done',
      'healthy running',
      'smoke waiting',
      'canary waiting',
    ]);
    expect(now).toMatchObject({ operation: 'up', gate: null, meter: null });
    const detail = releaseDetail.parse(await at.watch.detail(now.key));
    expect(detail).toMatchObject({ outcome: 'running', number: 1 });
    expect(detail.walk.find(({ step }) => step === 'healthy')).toMatchObject({ state: 'running', message: '1/2 ready' });
    letGo();
    await running;
    await until('it has ended', async () => at.progress === null && at.listed.join() === '1 promoted');
  });

  it('is told by its journal alone where the platform cannot say more', async () => {
    const { progress: _progress, ...silent } = at.served.platform;
    at.serve({}, silent);
    at.look();
    const { reached, letGo } = at.hold();
    const running = at.run({}, 'v1');
    await reached;
    await until('the step', async () => at.step('healthy')?.state === 'running');
    expect(at.step('healthy')?.message).toBe('');
    expect(at.step('migrate')).toMatchObject({ state: 'done', message: expect.stringContaining('backend') as string });
    letGo();
    await running;
    await until('it has ended', async () => at.progress === null);
  });

  it('shows the newest figures of the meter and of the gate', async () => {
    at.look();
    const { reached, letGo } = at.hold();
    const running = at.run({}, 'v1');
    await reached;
    const meter = { requests: 90, failed: 1, failures: { 502: 1 }, p99DeltaMs: 3, longestGapMs: 41 };
    const set = { requests: 60, failed: 0, errorRate: 0, p95Ms: 12 };
    const figures = {
      step: 'canary' as const,
      share: 5,
      durationMs: 5000,
      elapsedMs: 900,
      live: set,
      next: set,
      limits: { errorRate: 1, p95Ms: null },
    };
    const said = { step: 'healthy', state: 'running' as const, message: '', elapsedMs: 1 };
    at.report({ ...said, measured: { meter: { ...meter, requests: 80 } } });
    at.report({ ...said, measured: { meter } });
    at.report({ ...said, step: 'canary', message: '5 %', measured: { gate: figures } });
    await until('the figures', async () => at.progress?.gate !== null && at.progress?.meter !== null);
    expect(progress.parse(at.progress)).toMatchObject({ meter, gate: { ...figures, verdict: null, reason: null, judgedOn: null } });
    letGo();
    await running;
  });

  it('that nobody carries on any more is half-way, and nothing is under way', async () => {
    const lease = await at.store.lock(at.holder);
    await at.store.append(lease, 0, { type: 'begun', operation: 'deploy', who: 'ana', at: new Date().toISOString() });
    at.look();
    await until('it is under way', async () => at.progress?.operation === 'deploy');
    await lease.release();
    await until('it is not', async () => at.progress === null);
    const [one] = await at.watch.list(1);
    expect(one).toMatchObject({ outcome: 'running', ended: null });
    const { walk } = await at.watch.detail(one?.key ?? '');
    expect(walk[0]).toMatchObject({ step: 'lock', state: 'failed', message: expect.stringContaining('nobody') as string });
  });

  it('is no scaling and no restart, which are marks in time instead', async () => {
    await at.run({}, 'v1');
    at.look();
    await until('the list', async () => at.listed.length === 1);
    await at.run({ operation: 'scale', service: 'backend', count: 3 });
    await at.run({ operation: 'restart' });
    await until('all marks', async () => (await at.watch.markers()).length === 3);
    const marks = z.array(marker).parse(await at.watch.markers());
    expect(marks.map(({ kind, text: said }) => `${kind}: ${said}`)).toEqual([
      'promoted: release 1',
      'scale: backend -> 3',
      'restart: all services',
    ]);
    expect(at.events.filter((event) => event.type === 'progress' && event.progress !== null)).toEqual([]);
    expect(await at.watch.list(50)).toHaveLength(1);
  });

  it('is watched by one connection, which ends with the last page', async () => {
    let open = 0;
    const { platform } = at.served;
    at.serve(
      {},
      {
        ...platform,
        progress: async (onEvent, context) => {
          open += 1;
          context.signal.addEventListener('abort', () => (open -= 1), { once: true });
          await platform.progress?.(onEvent, context);
        },
      },
    );
    const ends = [at.look(), at.look()];
    const { reached, letGo } = at.hold();
    const running = at.run({}, 'v1');
    await reached;
    await until('it is followed', async () => open === 1);
    for (const end of ends) end();
    expect(open).toBe(0);
    letGo();
    await running;
  });
});

describe('one release', () => {
  it('that failed shows its walk, the evidence and what is true now', async () => {
    await at.run({}, 'v1');
    at.members = {
      awaitReady: async () =>
        Promise.reject(new GantryError('GL1030', 'backend-1 ended 3 times', { where: 'backend', lines: ['no such column'] })),
    };
    await expect(at.run({}, 'v2')).rejects.toThrow('ended 3 times');
    const [{ key } = { key: '' }] = await at.watch.list(1);
    const detail = releaseDetail.parse(await at.watch.detail(key));
    expect(detail).toMatchObject({
      outcome: 'rolled back',
      evidence: {
        code: 'GL1030',
        where: 'backend',
        lines: ['no such column'],
        state: expect.stringContaining('serves everything') as string,
      },
      backMs: null,
    });
    expect(Object.fromEntries(detail.walk.map(({ step, state }) => [step, state]))).toMatchObject({
      apply: 'taken back',
      healthy: 'failed',
      revert: 'done',
    });
  });

  it('shows what guardrails said and what was let pass', async () => {
    await at.run({ allow: [{ id: 'G01', reason: 'a hotfix' }] }, 'v1');
    const [{ key } = { key: '' }] = await at.watch.list(1);
    const { allowed, findings, evidence } = releaseDetail.parse(await at.watch.detail(key));
    expect(allowed).toEqual([{ id: 'G01', reason: 'a hotfix' }]);
    expect(findings.every(({ id }) => /^G\d\d$/.test(id))).toBe(true);
    expect(evidence).toBeNull();
  });

  it('that is not known is not found', async () => {
    await expect(at.watch.detail('20260101T000000000Z')).rejects.toMatchObject({ code: 'GC2006' });
  });
});

describe('two releases', () => {
  it('are compared by what is stored, without a secret', async () => {
    const first = (await at.run({}, 'v1')).release ?? '';
    at.app = await shopOf(shopText.replace('LEVEL: info', 'LEVEL: debug'));
    const second = (await at.run({}, 'v2')).release ?? '';
    const found = comparison.parse(await at.watch.compare(first, second));
    expect(found).toMatchObject({
      from: { release: first, number: 1 },
      to: { release: second, number: 2 },
      variables: [{ name: 'backend.LEVEL', before: 'info', after: 'debug' }],
      content: [{ name: 'backend' }],
    });
    expect(found.files.map(({ path }) => path)).toContain('services/sets/live.json');
    const all = JSON.stringify([found, await at.watch.compare(second, first), await at.watch.plan()]);
    for (const { value } of at.place.secrets.values()) expect(all).not.toContain(value);
    expect(at.place.secrets.size).toBeGreaterThan(0);
  });

  it('have to be promoted, and kept', async () => {
    const first = (await at.run({}, 'v1')).release ?? '';
    await expect(at.watch.compare(first, 'aaaaaaaaaaaa')).rejects.toMatchObject({ code: 'GC2006' });
    at.memory.blobs.clear();
    await expect(at.watch.compare(first, first)).rejects.toMatchObject({ code: 'GC2006' });
  });
});

describe('the plan', () => {
  it('is empty when nothing would change, and shows in the files what would', async () => {
    await at.run({}, 'v1');
    expect(plan.parse(await at.watch.plan())).toMatchObject({
      live: { number: 1 },
      changes: [],
      files: [],
      variables: [],
      settings: [],
      downtime: false,
    });
    at.app = await shopOf(shopText.replace('LEVEL: info', 'LEVEL: debug').replace('max: 5', 'max: 6'));
    const found = plan.parse(await at.watch.plan());
    expect(found.variables).toEqual([{ name: 'backend.LEVEL', before: 'info', after: 'debug' }]);
    expect(found.settings).toEqual([{ name: 'backend.scale.max', before: '5', after: '6' }]);
    expect(found.files.map(({ kind, path }) => `${kind} ${path}`)).toContain('changed services/sets/live.json');
  });

  it('of the first release is everything', async () => {
    at.serve({ planPlaces: async () => ({ engines, workDir: '', control: '/nowhere', content: await at.contentNow(), harm: [] }) });
    const found = plan.parse(await at.watch.plan());
    expect(found.live).toBeNull();
    expect(found.changes.every(({ kind }) => kind === 'create')).toBe(true);
    expect(found.files.every(({ kind }) => kind === 'added')).toBe(true);
  });
});

describe('numbers', () => {
  it('are the newest of each release', async () => {
    const first = (await at.run({}, 'v1')).release ?? '';
    const second = (await at.run({}, 'v2')).release ?? '';
    await at.run({ operation: 'rollback' });
    await until('three numbers', async () => (await at.watch.numbers())[first] === 3);
    expect(await at.watch.numbers()).toEqual({ [first]: 3, [second]: 2 });
  });
});

describe('an environment of this machine', () => {
  it('is watched through its folder, by another process of the store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-releases-'));
    at.atEnd(() => rmSync(folder, { recursive: true }));
    const watched = folderStore(join(folder, 'store'));
    at.serve({}, { ...at.served.platform, store: async () => watched });
    at.store = folderStore(join(folder, 'store'));
    expect(await at.watch.list(50)).toEqual([]);
    at.look();
    await at.run({}, 'v1');
    await at.run({}, 'v2');
    await until('both', async () => at.listed.join() === '2 promoted,1 promoted');
    await until('the end', async () => at.progress === null);
  });
});
