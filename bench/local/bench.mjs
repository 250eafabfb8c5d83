/** How long the local platform needs to bring Taskly up, beside its parts alone, and the memory that Gantry itself takes. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from '../lib/table.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const gantry = join(root, 'bin', 'gantry.cjs');
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const base = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
chmodSync(base, 0o755);
const app = join(realpathSync(base), 'taskly');
const cache = join(realpathSync(base), 'cache');
const env = { PATH: process.env.PATH, HOME: base, LANG: 'C.UTF-8', GANTRY_CACHE: cache };
const publicPort = 30_000 + (process.pid % 10_000);
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

try {
  await measure();
} finally {
  run('down');
  rmSync(base, { recursive: true });
}

async function measure() {
  cpSync(join(root, 'apps', 'taskly'), app, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist', '.gantry'].includes(basename(path)),
  });
  const cold = await up();
  run('down');
  const times = { postgres: [], backend: [], up: [] };
  for (let round = 0; round < rounds; round += 1) {
    const parts = await alone();
    times.postgres.push(parts.postgres);
    times.backend.push(parts.backend);
    times.up.push(await up());
    if (round < rounds - 1) run('down');
  }
  const memory = proportionalMegabytes();
  const [postgres, backend, whole] = [times.postgres, times.backend, times.up].map(median);
  report('Local platform', `Taskly, median of ${rounds} rounds in turns; warm means that content and data are there.`, [
    { name: 'first `gantry up`, with `npm ci` and build of both services', value: `${(cold / 1000).toFixed(1)} s`, bar: '', ok: undefined },
    { name: 'PostgreSQL alone, until it accepts connections', value: `${Math.round(postgres)} ms`, bar: '', ok: undefined },
    { name: 'one backend alone, until it is ready', value: `${Math.round(backend)} ms`, bar: '', ok: undefined },
    { name: 'warm `gantry up`, until `/` and `/api/health/ready` answer 200', value: `${Math.round(whole)} ms`, bar: '', ok: undefined },
    atMost('that, to the sum of both parts', whole / (postgres + backend), 3, 'x'),
    atMost('memory of supervisor and ingress (PSS), one worker', memory, 90, ' MB'),
  ]);
}

function atMost(name, value, bar, unit) {
  return { name, value: unit === 'x' ? `${value.toFixed(2)}x` : `${Math.round(value)}${unit}`, bar: `<= ${bar}${unit}`, ok: value <= bar };
}

function run(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [gantry, ...words], { cwd: app, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`gantry ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** From the command until both addresses answer; the command itself waits for every replica. */
async function up() {
  const child = spawn(process.execPath, [gantry, 'up', '--detach', '--quiet'], {
    cwd: app,
    env: { ...env, PORT: `${publicPort}` },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const started = performance.now();
  for (const path of ['/', '/api/health/ready']) await until(() => answers200(`http://127.0.0.1:${publicPort}${path}`));
  const elapsed = performance.now() - started;
  await ended;
  return elapsed;
}

/** The database server and one backend, started by hand from what `up` has left. */
async function alone() {
  const [home] = readdirSync(cache).filter((name) => name !== 'programs');
  const data = join(cache, home, 'data', 'db');
  const [program] = readdirSync(join(cache, 'programs'));
  const url = new URL(databaseUrl());
  const argv = ['-D', data, '-c', 'listen_addresses=127.0.0.1', '-c', `port=${url.port}`, '-c', 'unix_socket_directories='];
  let server;
  const postgres = await timed(async () => {
    server = spawn(join(cache, 'programs', program, 'bin', 'postgres'), argv, {
      cwd: data,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...nobody,
    });
    await saysReady(server);
  });
  await until(() => connects(url.port));
  const backend = await timed(() => oneBackend(home, url.href));
  server.kill('SIGINT');
  await new Promise((resolve) => server.once('exit', resolve));
  return { postgres, backend };
}

async function saysReady(server) {
  let text = '';
  await new Promise((resolve) => {
    server.stderr.on('data', (chunk) => {
      text += chunk;
      if (text.includes('ready to accept connections')) resolve();
    });
  });
}

async function oneBackend(home, url) {
  const content = readdirSync(join(cache, home, 'content')).find((name) =>
    exists(join(cache, home, 'content', name, 'dist', 'migrate.js')),
  );
  const port = 20_000 + (process.pid % 10_000);
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: join(cache, home, 'content', content),
    env: { PATH: env.PATH, DATABASE_URL: url, PORT: `${port}`, HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  await until(() => answers200(`http://127.0.0.1:${port}/api/health/ready`));
  child.kill('SIGKILL');
}

function exists(path) {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The newest value of the backend's DATABASE_URL in the app's secret store. */
function databaseUrl() {
  const found = /postgres:\/\/[^"]+/g;
  return readFileSync(join(app, '.gantry', 'secrets.json'), 'utf8')
    .match(found)
    .at(-1);
}

function proportionalMegabytes() {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => /\/(supervisor|ingress)\.cjs/.test(commandOf(pid)));
  return own.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]), 0) / 1024;
}

/** Of this app only: the supervisor names its folder, the ingress is its child. */
function commandOf(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
    return command.includes(app) || readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes(app) ? command : '';
  } catch {
    return '';
  }
}

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function until(holds) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function answers200(url) {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

async function connects(port) {
  return new Promise((resolve) => {
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
