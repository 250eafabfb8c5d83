/** What the bench starts: a backend, HAProxy, Gantry's ingress, other proxies. Everything is stopped by its own id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
export const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
const children = [];

/** An environment without what slows every start of Node down. */
const env = { PATH: process.env.PATH, HOME: folder };

export function stopAll() {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Starts a Node program that prints its port as its first line. */
export async function startNode(file, ...words) {
  const child = start(process.execPath, [join(here, file), ...words], ['ignore', 'pipe', 'inherit']);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { port: Number(line), pid: child.pid };
}

export async function startHaproxy(backend) {
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 3s
  timeout client 60s
  timeout server 60s
  option forwardfor
frontend entry
  bind 127.0.0.1:${port}
  default_backend app
backend app
  http-reuse always
  server one 127.0.0.1:${backend} maxconn 200
`,
  );
  start('haproxy', ['-db', '-q', '-f', file], ['ignore', 'ignore', 'inherit']);
  await answering(port);
  return { port };
}

/** The ingress as it runs in production: bundled, with access log, metrics and control socket. */
export async function startIngress(backend) {
  const program = join(folder, 'ingress.cjs');
  const bundled = await rolldown({
    input: join(here, 'entry.ts'),
    platform: 'node',
    transform: { target: 'node20.19' },
    tsconfig: join(root, 'tsconfig.json'),
  });
  await bundled.write({ file: program, format: 'cjs' });
  await bundled.close();
  const listener = createServer();
  listener.listen(0, '127.0.0.1', 511);
  await once(listener, 'listening');
  const { port } = listener.address();
  const tableFile = join(folder, 'table.json');
  writeFileSync(tableFile, JSON.stringify(tableFor(backend)));
  const settings = { controlSocket: join(folder, 'ingress.sock'), tableFile, accessLog: join(folder, 'access.log') };
  const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean);
  const child = start(process.execPath, [...flags, program], ['ignore', 'inherit', 'inherit', listener._handle.fd], {
    GANTRY_INGRESS: JSON.stringify(settings),
  });
  // The descriptor lives on in the child; here it must not accept anything.
  listener.close();
  await answering(port);
  return { port, pid: child.pid };
}

function tableFor(port) {
  return {
    version: 1,
    limits: { headerBytes: 16384, bodyBytes: 1e8, headersTimeoutMs: 10000, idleTimeoutMs: 60000, responseTimeoutMs: 30000, holdMs: 10000 },
    share: 0,
    setKey: 'bench',
    live: {
      release: 'bench',
      routes: [
        {
          kind: 'service',
          service: 'frontend',
          prefix: '/',
          replicas: [
            { id: 'frontend-1', port, state: 'ready' },
            { id: 'frontend-2', port, state: 'ready' },
          ],
        },
        {
          kind: 'service',
          service: 'backend',
          prefix: '/api',
          replicas: [
            { id: 'backend-1', port, state: 'ready' },
            { id: 'backend-2', port, state: 'ready' },
          ],
        },
      ],
      internal: [],
    },
    next: null,
  };
}

function start(program, words, stdio, more = {}) {
  const child = spawn(program, words, { cwd: folder, env: { ...env, ...more }, stdio });
  children.push(child);
  return child;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(port) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/x`).catch(() => undefined);
    if (answer?.status === 200) return;
  }
  throw new Error(`nothing answers on port ${port}`);
}
