/** How long a release takes until users are on it, beside the time that its replicas need by themselves. */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from '../lib/table.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const gantry = join(root, 'bin', 'gantry.cjs');
const rounds = Number(process.env.BENCH_ROUNDS ?? 9);
const base = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-bench-')));
chmodSync(base, 0o755);
const app = join(base, 'taskly');
const cache = join(base, 'cache');
const env = { PATH: process.env.PATH, HOME: base, LANG: 'C.UTF-8', GANTRY_CACHE: cache };

try {
  await measure();
} finally {
  await run('down');
  rmSync(base, { recursive: true });
}

async function measure() {
  cpSync(join(root, 'apps', 'taskly'), app, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist', '.gantry'].includes(basename(path)),
  });
  edit((text) => `${text.replace('LOG_LEVEL: info', 'LOG_LEVEL: info, EDITION: "0"')}release: { canary: { share: 0 }, bake: 0s }\n`);
  await run('up', '--detach');
  const times = { alone: [], shifted: [], whole: [] };
  for (let round = 1; round <= rounds; round += 1) {
    times.alone.push(await alone());
    edit((text) => text.replace(/EDITION: "\d+"/, `EDITION: "${round}"`));
    const { shifted, whole } = await deploy();
    times.shifted.push(shifted);
    times.whole.push(whole);
  }
  const [slowest, shifted, whole] = [times.alone, times.shifted, times.whole].map(median);
  const ratio = median(times.shifted.map((value, index) => value / times.alone[index]));
  report('Releases', `Taskly, nothing to build, canary 0, bake 0; median of ${rounds} rounds in turns.`, [
    {
      name: 'its four replicas started at once by hand, until the slowest is ready',
      value: `${Math.round(slowest)} ms`,
      bar: '',
      ok: undefined,
    },
    {
      name: '`gantry deploy local`, until every new request goes to the next set',
      value: `${Math.round(shifted)} ms`,
      bar: '',
      ok: undefined,
    },
    { name: 'that, to the slowest replica', value: `${ratio.toFixed(2)}x`, bar: '<= 3x', ok: ratio <= 3 },
    {
      name: '`gantry deploy local`, until the old set has stopped and the command ends',
      value: `${Math.round(whole)} ms`,
      bar: '',
      ok: undefined,
    },
  ]);
}

function edit(change) {
  const file = join(app, 'gantry.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

async function run(...words) {
  const child = spawn(process.execPath, [gantry, ...words], { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`gantry ${words.join(' ')}: ${text}`);
}

/** The line of the step `shift` is printed when the ingress has confirmed that every new request goes to the next set. */
async function deploy() {
  const started = performance.now();
  const child = spawn(process.execPath, [gantry, 'deploy', 'local', '--yes', '--verbose'], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let shifted;
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (shifted === undefined && /\bshift +.*100 %/.test(text)) shifted = performance.now() - started;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || shifted === undefined) throw new Error(`gantry deploy ended with ${code}\n${text}`);
  return { shifted, whole: performance.now() - started };
}

/** The programs of both services, two of each, started at once from the content that Gantry made. */
async function alone() {
  const [home] = readdirSync(cache).filter((name) => name !== 'programs');
  const content = join(cache, home, 'content');
  const find = (file) =>
    join(
      content,
      readdirSync(content).find((name) => existsSync(join(content, name, file))),
    );
  const parts = [
    { cwd: find('dist/main.js'), program: 'dist/main.js', path: '/api/health/ready' },
    { cwd: find('dist/server.js'), program: 'dist/server.js', path: '/healthz' },
  ];
  const ports = await Promise.all([0, 1, 2, 3].map(freePort));
  const started = performance.now();
  const children = [...parts, ...parts].map(({ cwd, program, path }, index) => {
    const own = { PATH: env.PATH, DATABASE_URL: databaseUrl(), PORT: `${ports[index]}`, HOST: '127.0.0.1', LOG_LEVEL: 'info' };
    return {
      child: spawn(process.execPath, [program], { cwd, env: own, stdio: 'ignore' }),
      url: `http://127.0.0.1:${ports[index]}${path}`,
    };
  });
  await Promise.all(children.map(({ url }) => until(() => answers200(url))));
  const elapsed = performance.now() - started;
  for (const { child } of children) child.kill('SIGKILL');
  return elapsed;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The newest value of the backend's DATABASE_URL in the app's secret store. */
function databaseUrl() {
  const found = /postgres:\/\/[^"]+/g;
  return readFileSync(join(app, '.gantry', 'secrets.json'), 'utf8')
    .match(found)
    .at(-1);
}

async function answers200(url) {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

async function until(holds) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
