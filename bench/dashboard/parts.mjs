/** What the bench starts: an app and its dashboard, both by Gantry's own commands. Everything is stopped by its own name or id. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processWith } from './processor.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const gantry = join(here, '../../bin/gantry.cjs');
const base = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-bench-')));
chmodSync(base, 0o755);
const app = join(base, 'app');
const port = 30_000 + (process.pid % 10_000);
const env = { PATH: process.env.PATH, HOME: base, LANG: 'C.UTF-8', GANTRY_CACHE: join(base, 'cache'), PORT: `${port}` };
const topics = ['status', 'sample', 'releases', 'progress', 'logs'];
/** After it goes on, until everything that was due meanwhile is done. */
const catchUpMs = 500;
let dashboard;

export async function startApp() {
  cpSync(join(here, 'app'), app, { recursive: true });
  run('up', '--detach', '--quiet');
  const supervisor = processWith(['supervisor.cjs', app]);
  return { port, supervisor, ingress: processWith(['ingress.cjs'], supervisor) };
}

/** With one page that watches everything. */
export async function startDashboard() {
  dashboard = spawn(process.execPath, [gantry, 'dashboard'], { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const link = await linkFrom(dashboard);
  await watch(link);
  return {
    pid: dashboard.pid,
    async goOn() {
      dashboard.kill('SIGCONT');
      await new Promise((resolve) => setTimeout(resolve, catchUpMs));
    },
    async standStill() {
      dashboard.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, catchUpMs));
    },
  };
}

export function stopAll() {
  dashboard?.kill('SIGKILL');
  run('down');
  rmSync(base, { recursive: true });
}

async function linkFrom(child) {
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const link = /http:\/\/\S+#launch=\S+/.exec(text);
    if (link) return new URL(link[0]);
  }
  throw new Error(`the dashboard ended: ${text}`);
}

async function watch({ origin, hash }) {
  const body = JSON.stringify({ launch: hash.slice('#launch='.length) });
  const session = await fetch(`${origin}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { token } = await session.json();
  const query = topics.map((topic) => `topic=local/${topic}`).join('&');
  const stream = await fetch(`${origin}/api/events?${query}`, { headers: { 'x-gantry-token': token } });
  if (!stream.ok) throw new Error(`GET /api/events: ${stream.status} ${await stream.text()}`);
  void stream.body.pipeTo(new WritableStream()).catch(() => {});
}

function run(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [gantry, ...words], { cwd: app, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`gantry ${words.join(' ')}: ${stdout}${stderr}`);
}
