/** What every platform promises; each platform's own test calls it with a live and a next set of one service `web` that answers its release. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine, LogSelector, Platform, PlatformContext } from '../../src/platforms/platform.ts';
import type { SetName } from '../../src/stack/stack.ts';
import { send } from '../rig/load.ts';

export interface PlatformUnderTest {
  readonly platform: Platform;
  readonly context: PlatformContext;
  /** Ids of the releases in both sets; all requests go to the live one at first. */
  readonly live: string;
  readonly next: string;
  /** A job that prints `migrated` and ends with 3. */
  readonly job: Parameters<Platform['run']>[0];
  end(): Promise<void>;
}

const asked = 20;

export function platformContract(name: string, open: () => Promise<PlatformUnderTest>): void {
  describe(`platform contract: ${name}`, () => {
    let under: PlatformUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(async () => under.end());

    /** Releases that answered a number of requests. */
    async function answering(set: 'public' | SetName): Promise<Set<string>> {
      const { url, headers } = await under.platform.entry(set, under.context);
      const bodies = await Promise.all(
        Array.from({ length: asked }, async () => (await send(url, { method: 'GET', path: '/', headers })).body),
      );
      return new Set(bodies.map((body) => body.split(' ')[0] ?? ''));
    }

    it('waits until a set is ready, says of which service how far it is, and shows both sets with their replicas', async () => {
      const said: string[] = [];
      expect(await under.platform.awaitReady('next', (message) => said.push(message), under.context)).toBeGreaterThan(0);
      const status = await under.platform.status(under.context);
      const names = status.services.map(({ name }) => name);
      expect(said.filter((message) => !names.some((name) => message.startsWith(`${name} `)))).toEqual([]);
      expect(status).toMatchObject({ app: under.context.app, environment: under.context.environment, release: under.live, share: 0 });
      const replicas = status.services.flatMap((service) => service.replicas);
      expect(new Set(replicas.map(({ set, release }) => `${set} ${release}`))).toEqual(
        new Set([`live ${under.live}`, `next ${under.next}`]),
      );
      for (const replica of replicas) expect(replica.state).toBe('ready');
    });

    it('has nothing to tell of an operation while none is under way', async () => {
      const told: unknown[] = [];
      await under.platform.progress?.((event) => told.push(event), under.context);
      expect(told).toEqual([]);
    });

    it('reaches each set on its own, while users see the live one only', async () => {
      expect(await answering('public')).toEqual(new Set([under.live]));
      expect(await answering('live')).toEqual(new Set([under.live]));
      expect(await answering('next')).toEqual(new Set([under.next]));
    });

    it('shifts all requests there and back, and twice is the same as once', async () => {
      for (const share of [100, 100]) await under.platform.shift(share, under.context);
      expect(await answering('public')).toEqual(new Set([under.next]));
      for (const share of [0, 0]) await under.platform.shift(share, under.context);
      expect(await answering('public')).toEqual(new Set([under.live]));
    });

    it('runs a job to its end, with its lines and its exit code', async () => {
      const lines: string[] = [];
      const result = await under.platform.run(under.job, (line) => lines.push(line), under.context);
      expect(result).toMatchObject({ name: under.job.name, exitCode: 3, lines: expect.arrayContaining(['migrated']) as string[] });
      expect(lines).toContain('migrated');
    });

    it('changes the number of replicas', async () => {
      await under.platform.scale('web', 3, under.context);
      const { services } = await under.platform.status(under.context);
      expect(services.find((service) => service.name === 'web')?.desired).toBe(3);
    });

    it('replaces every replica on restart, and nobody notices', async () => {
      const ids = async (): Promise<string[]> =>
        (await under.platform.status(under.context)).services.flatMap(({ replicas }) =>
          replicas.filter(({ set }) => set === 'live').map(({ since }) => since),
        );
      const before = await ids();
      await under.platform.restart('web', under.context);
      for (const since of await ids()) expect(before).not.toContain(since);
      expect(await answering('public')).toEqual(new Set([under.live]));
    });

    const read = async (selector: Partial<LogSelector>): Promise<LogLine[]> => {
      const lines: LogLine[] = [];
      for await (const line of under.platform.logs({ service: 'web', follow: false, ...selector }, under.context)) lines.push(line);
      return lines;
    };

    it('shows what replicas print, by time where it is known', async () => {
      const lines = await read({});
      expect(lines.map(({ text }) => text)).toContain('listening');
      const times = lines.flatMap(({ at }) => at ?? []);
      for (const at of times) expect(at).toBe(new Date(at).toISOString());
      expect(times).toEqual(times.toSorted());
      expect(Date.parse(times.at(-1) ?? '1970-01-01')).toBeLessThanOrEqual(Date.now());
    });

    it('shows the last lines of each log, or of all together', async () => {
      const last = await read({ tail: 1 });
      expect(last.length).toBeGreaterThan(1);
      expect(new Set(last.map(({ source }) => source)).size).toBe(last.length);
      expect(await read({ tail: 1, newest: true })).toHaveLength(1);
      expect(await read({ tail: 0 })).toEqual([]);
    });

    it('shows the lines of everything, its own too, when asked for all', async () => {
      const streams = new Set<string>();
      for await (const { stream } of under.platform.logs({ all: true, follow: false }, under.context)) streams.add(stream);
      expect(streams).toContain('gantry');
    });

    it('follows: first what was there, then what comes, until it is told to end', async () => {
      const stop = new AbortController();
      const context = { ...under.context, signal: stop.signal };
      const begin = Date.now();
      let restarted: Promise<void> | undefined;
      const selector = {
        service: 'web',
        follow: true,
        tail: 1,
        onCaughtUp: () => (restarted = under.platform.restart('web', under.context)),
      };
      const later: LogLine[] = [];
      for await (const line of under.platform.logs(selector, context)) {
        if (restarted === undefined) continue;
        later.push(line);
        if (line.text === 'listening') stop.abort();
      }
      await restarted;
      expect(later.at(-1)?.text).toBe('listening');
      for (const { at } of later) if (at !== undefined) expect(Date.parse(at)).toBeGreaterThanOrEqual(begin);
    });

    it('measures, or says why it does not', async () => {
      const metrics = await under.platform.metrics(under.context);
      if ('unsupported' in metrics) expect(metrics.unsupported.length).toBeGreaterThan(10);
      else expect(metrics.services.length + metrics.replicas.length).toBeGreaterThan(0);
    });

    it('keeps versions of secrets, gives the value to nobody who lists them, and forgets what is removed', async () => {
      const secrets = under.platform.secrets(under.context);
      const first = await secrets.put('API_KEY', 'one', 'user');
      const second = await secrets.put('API_KEY', 'two', 'user');
      expect(second).toBeGreaterThan(first);
      expect(await secrets.versions('API_KEY')).toEqual(expect.arrayContaining([first, second]) as number[]);
      expect((await secrets.read('API_KEY'))?.reveal()).toBe('two');
      expect((await secrets.read('API_KEY', first))?.reveal()).toBe('one');
      expect(JSON.stringify(await secrets.list())).not.toMatch(/"(one|two)"/);
      expect(await secrets.remove('API_KEY')).toBe(true);
      expect(await secrets.remove('API_KEY')).toBe(false);
      expect(await secrets.read('API_KEY')).toBeUndefined();
    });

    it('has a store', async () => {
      const journal = await (await under.platform.store(under.context)).read();
      expect(journal.sequence).toBe(journal.events.length);
    });
  });
}
