/** What once went wrong under somebody's hands, each named after it. */
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/platforms/platform.ts';
import { emptyFolder, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { killTogether } from '../rig/kill.ts';
import { until } from '../rig/until.ts';

const server = (answer: string): string =>
  `require('node:http').createServer((request, response) => response.end(${JSON.stringify(answer)})).listen(process.env.PORT, process.env.HOST);\n`;
const appFile = `gantry: 1
app: mishap
services:
  web:
    build: ./web
    run: node main.js
    port: 8080
    route: /
    health: /
    replicas: 2
`;

describe.skipIf(!isBuilt())('what once went wrong', () => {
  let app: AppFolder;
  const started: ChildProcess[] = [];

  beforeEach(() => {
    app = emptyFolder('mishap');
    mkdirSync(join(app.folder, 'web'), { recursive: true });
    writeFileSync(join(app.folder, 'gantry.yaml'), appFile);
    writeFileSync(join(app.folder, 'web/main.js'), server('one'));
  });
  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await app.remove();
  });

  const status = async (): Promise<Status> => app.json<Status>(['status', 'local']);
  const isRunning = async (): Promise<boolean> => (await status()).state === 'running';

  /** The command on a terminal of its own, which ends with the process that is given back. */
  function onTerminal(args: readonly string[]): { readonly terminal: ChildProcess; readonly shown: () => string } {
    const terminal = app.startOnTerminal(args);
    started.push(terminal);
    let text = '';
    terminal.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { terminal, shown: () => text };
  }

  it.skipIf(!hasScript())('a terminal that is closed stops the app that it started, and nothing is thrown', async () => {
    const { terminal, shown } = onTerminal(['up']);
    await until('the app runs', async () => shown().includes('Ctrl-C stops everything'));
    terminal.kill('SIGKILL');
    await until('the app has stopped', async () => (await status()).state === 'stopped');
    expect(readFileSync(join(app.folder, 'errors.txt'), 'utf8')).toBe('');
  });

  it('a supervisor and an ingress that are killed together come back under the terminal of up', async () => {
    const child = app.start(['up']);
    started.push(child);
    await until('the app runs', isRunning, 30_000);
    const before = await status();
    await killTogether([supervisorPid(), ingressPid()]);
    await until('the app answers at its address again', async () => answers(before.url), 20_000);
    const after = await status();
    expect(pids(after)).toEqual(pids(before));
    expect(child.exitCode).toBeNull();
  });

  it('status does not call an app stopped whose replicas go on without a supervisor', async () => {
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    await killTogether([supervisorPid(), ingressPid()]);
    const told = await app.run(['status', 'local']);
    expect(told.stdout).toContain('2 replicas and resources still run');
    expect(await app.json(['status', 'local'])).toMatchObject({ state: 'stopped', unattended: 2 });
    await app.run(['down']);
    expect((await app.run(['status', 'local'])).stdout).not.toContain('still run');
  });

  it('a copy of the folder of a running app leaves the replicas of the original alone', async () => {
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    const before = await status();
    const copy = `${app.folder}-copy`;
    cpSync(app.folder, copy, { recursive: true });
    const there = ['--dir', copy];
    expect((await app.run(['status', 'local', ...there])).stdout).not.toContain('still run');
    expect(await app.run(['up', '--detach', ...there])).toMatchObject({ code: 0 });
    await app.run(['down', ...there]);
    const after = await status();
    expect(pids(after)).toEqual(pids(before));
    expect(after.services.flatMap(({ replicas }) => replicas.map(({ restarts }) => restarts))).toEqual([0, 0]);
  });

  it('up builds what was deleted from the cache, and serves it at once', async () => {
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    await app.run(['down']);
    rmSync(join(app.folder, '../cache'), { recursive: true });
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    expect(await answers((await status()).url)).toBe(true);
  });

  it('Ctrl-C takes back a release that another terminal began, and the app goes on', async () => {
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    const before = await status();
    writeFileSync(join(app.folder, 'web/main.js'), `setTimeout(() => { ${server('two')} }, 30_000);\n`);
    const child = app.start(['up']);
    started.push(child);
    await until('the release waits for its replicas', async () => (await status()).operation?.step === 'healthy');
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    expect(await status()).toMatchObject({ release: before.release, operation: null, state: 'running' });
    expect(pids(await status())).toEqual(pids(before));
  });

  it('destroy leaves no empty folders behind, and says first what cannot be made again', async () => {
    expect(await app.run(['secret', 'set', 'local', 'TOKEN'], { input: 'canary' })).toMatchObject({ code: 0 });
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    const told = await app.run(['destroy', 'local', '--yes']);
    expect(told.stdout).toMatch(/^This stops the app and removes:\n {2}secrets +[0-9]+ B +\S+secrets\.json\n {2}logs /);
    expect(existsSync(join(app.folder, '.gantry'))).toBe(false);
    expect(readdirSync(join(app.folder, '../cache'))).toEqual([]);
  });

  it('up --watch sees a change in a static site and in environments/local.yaml', async () => {
    const site = '  site: { static: ./public, route: /site }\n';
    for (const folder of ['public', 'environments']) mkdirSync(join(app.folder, folder));
    const page = join(app.folder, 'public/index.html');
    writeFileSync(page, 'before');
    writeFileSync(join(app.folder, 'environments/local.yaml'), 'target: local\n');
    writeFileSync(join(app.folder, 'gantry.yaml'), `${appFile}${site}`);
    started.push(app.start(['up', '--watch']));
    await until('the app runs', isRunning, 30_000);
    const { url } = await status();
    const text = async (): Promise<string> => (await fetch(`${url}/site/index.html`)).text();
    writeFileSync(page, 'after');
    await until('the site is released again', async () => (await text()) === 'after', 20_000);
    writeFileSync(join(app.folder, 'environments/local.yaml'), 'target: local\nservices: { web: { replicas: 1 } }\n');
    await until('the override is released', async () => pids(await status()).length === 1, 20_000);
    expect(await text()).toBe('after');
  });

  it('up --watch sees changes in the folder of a service that came while it ran', async () => {
    started.push(app.start(['up', '--watch']));
    await until('the app runs', isRunning, 30_000);
    const { url } = await status();
    mkdirSync(join(app.folder, 'more'));
    writeFileSync(join(app.folder, 'more/main.js'), server('new'));
    const more = '  more: { build: ./more, run: node main.js, port: 8081, route: /more, health: /more }\n';
    writeFileSync(join(app.folder, 'gantry.yaml'), `${appFile}${more}`);
    const text = async (): Promise<string> => (await fetch(`${url}/more`)).text();
    await until('the new service answers', async () => (await text()) === 'new', 20_000);
    writeFileSync(join(app.folder, 'more/main.js'), server('newer'));
    await until('its change is released', async () => (await text()) === 'newer', 20_000);
    expect(await status()).toMatchObject({ state: 'running' });
  });

  it('an app whose folder is deleted while it runs is stopped, so that nothing holds its port for ever', async () => {
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
    const { url, ...before } = await status();
    const all = [supervisorPid(), ingressPid(), ...pids({ url, ...before })];
    rmSync(app.folder, { recursive: true });
    await until('every process has ended', async () => all.every((pid) => !existsSync(`/proc/${pid}`)), 30_000);
    await until('nothing answers any more', async () => !(await answers(url)), 30_000);
    expect(existsSync(app.folder)).toBe(false);
  });

  function supervisorPid(): number {
    const log = readFileSync(join(app.folder, '.gantry/logs/supervisor.log'), 'utf8');
    return Number(/supervisor: started \(pid ([0-9]+)\)/.exec(log)?.[1]);
  }

  function ingressPid(): number {
    const { value } = JSON.parse(readFileSync(join(app.folder, '.gantry/runtime.json'), 'utf8')) as {
      readonly value: { readonly ingress: { readonly pid: number } };
    };
    return value.ingress.pid;
  }
});

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  );
}

function pids(status: Status): number[] {
  return status.services.flatMap(({ replicas }) => replicas.map(({ pid }) => pid)).toSorted((a, b) => a - b);
}

/** util-linux's, which runs a command on a new terminal. */
function hasScript(): boolean {
  return process.platform === 'linux' && existsSync('/usr/bin/script');
}
