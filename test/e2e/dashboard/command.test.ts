/** The dashboard as the command line serves it: the built program, a real app, and what its pages ask. */
import { mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Status as PlatformStatus } from '../../../src/platforms/platform.ts';
import type {
  LogPage,
  Operation,
  Overview,
  Refusal,
  ReleaseDetail,
  ReleaseSummary,
  Status,
  Tried,
  Tries,
} from '../../../src/server/api/index.ts';
import { exchange, linkIn, signIn, startCommand, type DashboardClient, type Started, type Watching } from '../../rig/dashboard.ts';
import { emptyFolder, isBuilt, type AppFolder } from '../../rig/gantry.ts';
import { killTogether } from '../../rig/kill.ts';
import { until } from '../../rig/until.ts';
import { requires } from '../../tools/requires.ts';

const file = `gantry: 1
app: shop
services:
  web: { build: ./web, run: node main.js, port: 8080, route: /, health: { path: /, interval: 500ms, timeout: 500ms }, scale: { min: 2, max: 4 } }
release: { canary: { share: 20, duration: 1s }, bake: 1s }
`;
const program = (answer: string): string =>
  `require('node:http').createServer((request, response) => response.end('${answer}')).listen(process.env.PORT, process.env.HOST);\n`;

function newShop(): AppFolder {
  const app = emptyFolder('shop');
  mkdirSync(join(app.folder, 'web'), { recursive: true });
  writeFileSync(join(app.folder, 'gantry.yaml'), file);
  answerWith(app, 'one');
  return app;
}

function answerWith(app: AppFolder, answer: string): void {
  writeFileSync(join(app.folder, 'web/main.js'), program(answer));
}

/** What runs in the folder. */
function processesIn(folder: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ? [{ pid: Number(pid), command }] : [];
      } catch {
        return [];
      }
    });
}

describe.skipIf(!isBuilt())('gantry up and its dashboard', () => {
  let app: AppFolder;
  let up: Started;
  let dashboard: DashboardClient;
  let watching: Watching[] = [];

  beforeAll(async () => {
    app = newShop();
    up = await startCommand(app, ['up'], /Ctrl-C stops/);
    dashboard = await signIn(linkIn(up.output()));
  });
  afterEach(() => {
    for (const stream of watching.splice(0)) stream.close();
  });
  afterAll(async () => {
    up?.child.kill('SIGKILL');
    await app?.remove();
  });

  const watch = (...topics: readonly string[]): Watching => {
    const stream = dashboard.watch(...topics.map((topic) => `local/${topic}`));
    watching = [...watching, stream];
    return stream;
  };
  const statusNow = async (): Promise<PlatformStatus> => app.json<PlatformStatus>(['status', 'local']);
  const replicas = async (): Promise<PlatformStatus['services'][number]['replicas']> => (await statusNow()).services[0]?.replicas ?? [];
  const answer = async (): Promise<string> => (await fetch((await statusNow()).url)).text();
  const log = (): string => readFileSync(join(app.folder, '.gantry/logs/supervisor.log'), 'utf8');
  const supervisorPid = (): number => Number([...log().matchAll(/supervisor: started \(pid ([0-9]+)\)/g)].at(-1)?.[1]);
  const keeperPids = (): number[] =>
    processesIn(app.folder).flatMap(({ pid, command }) => (/(supervisor|ingress)\.cjs/.test(command) ? [pid] : []));
  const tryIt = async (body: unknown): Promise<Tried> => {
    const { status, body: tried } = await dashboard.post<Tried>('/environments/local/tries', body);
    if (status >= 300) throw new Error(JSON.stringify(tried));
    return tried;
  };

  it('prints both addresses below each other, on neighbouring ports, and what to try', () => {
    const output = up.output();
    const [, appPort] = /^ {2}shop {7}http:\/\/127\.0\.0\.1:(\d+)$/m.exec(output) ?? [];
    expect(output).toMatch(/^ {2}Dashboard {2}http:\/\/127\.0\.0\.1:\d+\/#launch=[\w-]{20,}$/m);
    expect(Number(new URL(dashboard.url).port)).toBeGreaterThan(Number(appPort));
    expect(output).toContain('Try: kill a replica in the dashboard, or npx gantry deploy local in another terminal');
  });

  it('lets in whoever has the link, once', async () => {
    const again = await exchange(linkIn(up.output()));
    expect(again).toMatchObject({ status: 401, body: { error: { code: 'GC2002' } } });
    const bare = await fetch(`${dashboard.url}/api/overview`);
    expect([bare.status, ((await bare.json()) as Refusal).error.code]).toEqual([401, 'GC2001']);
    expect((await dashboard.get<Overview>('/overview')).body).toMatchObject({ app: 'shop', folder: app.folder });
    const page = await fetch(dashboard.url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  it('tells the same status as the command', async () => {
    const { served: _served, ...said } = (await statusNow()) as PlatformStatus & { readonly served: unknown };
    const { place, problem, numbers } = (await dashboard.get<Status>('/environments/local/status')).body;
    expect(place).toEqual(said);
    expect([problem, numbers]).toEqual([null, { [said.release ?? '']: 1 }]);
  });

  it('makes a release that everybody who watches sees to its end', async () => {
    const stream = watch('releases', 'progress', 'status');
    answerWith(app, 'two');
    const operation = await dashboard.operate({ operation: 'deploy' });
    expect(operation).toMatchObject({ state: 'changed', error: null, result: { number: 2, meter: { failed: 0 } } });
    await stream.event('operation', ({ operation: { id, state } }) => id === operation.id && state === 'running');
    await stream.event('operation', ({ operation: { id, state } }) => id === operation.id && state === 'changed');
    await stream.event(
      'progress',
      ({ progress }) => progress?.walk.some(({ step, state }) => step === 'canary' && state === 'running') === true,
    );
    await stream.event('status', ({ status }) => (status.place?.share ?? 0) === 20);
    const { releases } = await stream.event(
      'releases',
      (event) => event.releases[0]?.outcome === 'promoted' && event.releases[0].number === 2,
    );
    expect(releases[0]).toMatchObject({ live: true, release: operation.result?.release, operation: 'deploy' });
    expect(await answer()).toBe('two');
  });

  it('goes back only when the name of the environment was typed', async () => {
    const wrong = await dashboard.post<Refusal>('/environments/local/operations', { operation: 'rollback', confirm: 'lokal' });
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect(wrong.body.error).toMatchObject({ code: 'GC2007', state: 'nothing was changed' });
    expect(await answer()).toBe('two');
    expect(await dashboard.operate({ operation: 'rollback', confirm: 'local' })).toMatchObject({ state: 'changed', result: { number: 3 } });
    expect(await answer()).toBe('one');
  });

  it('refuses what the command refuses, in the same words', async () => {
    const count = await dashboard.post<Refusal>('/environments/local/operations', { operation: 'scale', service: 'web', count: 9 });
    expect(count.body.error).toMatchObject({ code: 'GC1002', message: 'web may have 1 to 4 replicas, not 9' });
    const none = await dashboard.post<Refusal>('/environments/local/operations', { operation: 'restart', service: 'wep' });
    expect(none.body.error.fix).toContain('did you mean web?');
    expect((await dashboard.get<Refusal>('/environments/lokal/status')).body.error.code).toBe('GC1003');
    expect(await dashboard.operate({ operation: 'scale', service: 'web', count: 3 })).toMatchObject({ state: 'changed' });
    expect((await replicas()).length).toBe(3);
  });

  it.each(['kill', 'freeze'] as const)('%s: the replica is replaced while users get answers', async (kind) => {
    const [first] = await replicas();
    const stream = watch('status');
    const { text, operation } = await tryIt({ kind, replica: first?.id });
    expect([text.includes(first?.id ?? '-'), operation]).toEqual([true, null]);
    for (let requests = 0; requests < 20; requests += 1) expect(await answer()).toBe('one');
    await stream.event('status', ({ status }) => {
      const now = status.place?.services[0]?.replicas.find(({ id }) => id === first?.id);
      return now?.state === 'ready' && now.pid !== first?.pid;
    });
    expect(log()).toMatch(new RegExp(`${first?.id}: ${kind === 'kill' ? 'killed' : 'frozen'} on purpose by \\S+@`));
  });

  it('slow: the replica goes on, and has all of its time again half a minute later', async () => {
    const [first] = await replicas();
    await tryIt({ kind: 'slow', replica: first?.id });
    const url = (await statusNow()).url;
    await until(
      'all of its time again',
      async () => {
        expect(await (await fetch(url)).text()).toBe('one');
        return log().includes(`${first?.id}: gets all of its time again`);
      },
      45_000,
    );
    expect((await replicas()).find(({ id }) => id === first?.id)).toMatchObject({
      pid: first?.pid,
      restarts: first?.restarts,
      state: 'ready',
    });
  });

  it('a bad release is taken back by itself, and its evidence is the line that explains it', async () => {
    const { body: tries } = await dashboard.get<Tries>('/environments/local/tries');
    expect(tries).toMatchObject({ unsupported: null, good: expect.stringMatching(/^TRY_IT = \d+ in web$/) as string });
    const { text, operation } = await tryIt({ kind: 'bad release' });
    expect(text).toContain(tries.bad ?? '-');
    const ended = await dashboard.ended(operation?.id ?? '');
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'GL1020' } });
    const { body: releases } = await dashboard.get<ReleaseSummary[]>('/environments/local/releases');
    expect(releases[0]).toMatchObject({ outcome: 'rolled back', live: false, failed: { step: 'healthy' } });
    const { body: detail } = await dashboard.get<ReleaseDetail>(
      `/environments/local/releases/${encodeURIComponent(releases[0]?.key ?? '')}`,
    );
    expect(detail.evidence?.lines.join('\n')).toContain('Try it has put this program in the place of yours');
    const { body: page } = await dashboard.get<LogPage>('/environments/local/logs?contains=try%20it%20has%20put');
    expect(page.lines[0]).toMatchObject({ service: 'web', text: detail.evidence?.lines[0] });
    expect(await answer()).toBe('one');
    expect(readFileSync(join(app.folder, 'gantry.yaml'), 'utf8')).toBe(file);
  });

  it('a good release is made, and a deploy of the files puts everything back', async () => {
    const { operation } = await tryIt({ kind: 'good release' });
    const made = await dashboard.ended(operation?.id ?? '');
    expect(made).toMatchObject({ state: 'changed', result: { meter: { failed: 0 } } });
    expect(await dashboard.operate({ operation: 'deploy' })).toMatchObject({ state: 'changed' });
    expect(await dashboard.operate({ operation: 'deploy' })).toMatchObject({ state: 'unchanged' });
    expect(await answer()).toBe('two');
  });

  it('a release of the command ends the same while somebody watches everything', async () => {
    const stream = watch('status', 'sample', 'releases', 'progress', 'logs');
    await stream.event('status', ({ status }) => status.place !== null);
    answerWith(app, 'three');
    const released = await app.json<{ outcome: string; number: number; meter: { failed: number } }>(['deploy', 'local']);
    expect(released).toMatchObject({ outcome: 'promoted', meter: { failed: 0 } });
    await stream.event('releases', ({ releases }) => releases[0]?.number === released.number && releases[0].outcome === 'promoted');
    expect(stream.events.filter(({ type }) => type === 'operation')).toEqual([]);
  });

  it('changed and broken files are seen by themselves', async () => {
    const stream = watch('status');
    writeFileSync(join(app.folder, 'gantry.yaml'), file.replace('route:', 'rute:'));
    const broken = await stream.event('environments', ({ environments }) => environments[0]?.problem?.code === 'GC2011');
    expect(broken.environments[0]?.problem?.lines.join('\n')).toContain('did you mean "route"?');
    writeFileSync(join(app.folder, 'gantry.yaml'), file.replace('max: 4', 'max: 5'));
    await until('the new limit', async () => {
      const { body } = await dashboard.get<{ services: { max: number }[] }>('/environments/local/shape');
      return body.services[0]?.max === 5;
    });
    writeFileSync(join(app.folder, 'gantry.yaml'), file);
  });

  it('goes on by itself when the supervisor was killed, and says so as long as nobody looks after the app', async () => {
    const stream = watch('status');
    const first = await stream.event('status', ({ status }) => status.place?.state === 'running');
    const pid = supervisorPid();
    process.kill(pid, 'SIGKILL');
    await until('the next supervisor', async () => supervisorPid() !== pid && (await statusNow()).state === 'running');
    const from = stream.events.length;
    const after = (): Status[] => stream.events.slice(from).flatMap((event) => (event.type === 'status' ? [event.status] : []));
    // As often as they come back: it lasts until it was seen.
    await until('a problem', async () => {
      await killTogether(keeperPids());
      return after().some(({ problem }) => problem !== null);
    });
    expect(after().find(({ problem }) => problem !== null)?.place?.release).toBe(first.status.place?.release);
    await until('no problem', async () => after().at(-1)?.problem === null && after().at(-1)?.place?.state === 'running', 90_000);
    expect(after().at(-1)?.place?.release).toBe(first.status.place?.release);
    expect(await answer()).toBe('three');
  });

  it('Ctrl-C stops the app and the dashboard, and leaves nothing', async () => {
    const stream = watch('status');
    await stream.event('status', () => true);
    const { id } = (await dashboard.post<Operation>('/environments/local/operations', { operation: 'restart' })).body;
    expect(id).not.toBe('');
    up.child.kill('SIGINT');
    expect(await up.ended).toBe(0);
    await stream.ended;
    await expect(fetch(dashboard.url)).rejects.toThrow('fetch failed');
    await expect.poll(() => processesIn(app.folder)).toEqual([]);
  });
});

describe.skipIf(!isBuilt())('gantry dashboard', () => {
  let app: AppFolder;
  let started: Started[] = [];

  beforeAll(() => {
    app = newShop();
  });
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGINT');
      await ended;
    }
  });
  afterAll(async () => app?.remove());

  const start = async (...args: readonly string[]): Promise<Started> => {
    const command = await startCommand(app, ['dashboard', ...args], /#launch=[\w-]+/);
    started = [...started, command];
    return command;
  };

  it('shows an app that does not run, and starts it with the first release', async () => {
    const command = await start('local', '--json');
    const { url, link } = JSON.parse(command.output()) as { url: string; link: string };
    expect(new URL(link)).toMatchObject({ origin: url, pathname: '/e/local' });
    const dashboard = await signIn(new URL(link));
    expect((await dashboard.get<Status>('/environments/local/status')).body.place).toMatchObject({ state: 'stopped', services: [] });
    const begun = await dashboard.post<Operation>('/environments/local/operations', { operation: 'restart' });
    expect(await dashboard.ended(begun.body.id)).toMatchObject({ state: 'failed', error: { code: 'GL1001' } });
    expect(await dashboard.operate({ operation: 'deploy' })).toMatchObject({ state: 'changed', result: { number: 1 } });
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect((await app.json<PlatformStatus>(['status', 'local'])).state).toBe('running');
  });

  it('ends without taking back what was begun there', async () => {
    const command = await start();
    const dashboard = await signIn(linkIn(command.output()));
    answerWith(app, 'two');
    await dashboard.post('/environments/local/operations', { operation: 'deploy' });
    await until('the canary', async () => (await app.json<PlatformStatus>(['status', 'local'])).operation?.step === 'canary', 20_000);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
    await until('the release', async () => {
      const [newest] = await app.json<{ number: number; outcome: string }[]>(['releases', 'local']);
      return newest?.number === 2 && newest.outcome === 'promoted';
    });
  });

  it('goes by the release that serves when the files are broken', async () => {
    writeFileSync(join(app.folder, 'gantry.yaml'), file.replace('route:', 'rute:'));
    const dashboard = await signIn(linkIn((await start()).output()));
    const { body } = await dashboard.get<Overview>('/overview');
    expect(body.environments).toMatchObject([{ name: 'local', state: 'running', problem: { code: 'GC2011' } }]);
    writeFileSync(join(app.folder, 'gantry.yaml'), file);
  });

  it('takes the port that it is told, or says who has it', async () => {
    const { port } = linkIn((await start()).output());
    const result = await app.run(['dashboard', '--port', port]);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`port ${port} is in use by pid .*GL1004`)) as string,
    });
    expect(await app.run(['dashboard', '--port', '70000'])).toMatchObject({ code: 2 });
    expect(await app.run(['dashboard', 'lokal'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean local?') as string,
    });
  });

  it('is what up --detach points at, and up --no-dashboard leaves out', async () => {
    await app.run(['down']);
    const detached = await app.run(['up', '--detach']);
    expect(detached.stdout).toMatch(/^ {2}Dashboard {2}npx gantry dashboard$/m);
    await app.run(['down']);
    const up = await startCommand(app, ['up', '--no-dashboard'], /Ctrl-C stops/);
    up.child.kill('SIGINT');
    expect(await up.ended).toBe(0);
    expect(up.output()).not.toMatch(/dashboard/i);
  });
});

requires('redis')('gantry up of an app with a resource', () => {
  it('ends when another terminal stops the app, and does not start it again', async () => {
    const app = newShop();
    writeFileSync(join(app.folder, 'gantry.yaml'), `${file}resources: { cache: { type: redis, version: 7 } }\n`);
    const up = await startCommand(app, ['up', '--no-dashboard'], /Ctrl-C stops/);
    expect((await app.run(['down'])).code).toBe(0);
    expect(await up.ended).toBe(0);
    expect(up.output()).toContain('The app was stopped.');
    await expect.poll(() => processesIn(app.folder)).toEqual([]);
    await app.remove();
  });
});
