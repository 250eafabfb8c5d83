import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import http, { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freshAddress } from '../taskly/support/client.ts';
import { startWorld, type World } from '../taskly/support/world.ts';

const FRONTEND = fileURLToPath(new URL('../../apps/taskly/frontend/', import.meta.url));

/** Installs and builds the frontend when that is missing or stale. */
export async function ensureFrontendBuilt(): Promise<void> {
  const run = (...args: string[]): Promise<unknown> => promisify(execFile)('npm', args, { cwd: FRONTEND });
  if (!existsSync(join(FRONTEND, 'node_modules', 'vite'))) await run('ci');
  if (isStale()) await run('run', 'build');
}

function isStale(): boolean {
  const marker = join(FRONTEND, 'dist/server.js');
  if (!existsSync(marker)) return true;
  const built = statSync(marker).mtimeMs;
  const inputs = ['src', 'server', 'public'].flatMap((folder) => filesBelow(join(FRONTEND, folder)));
  return [...inputs, join(FRONTEND, 'index.html'), join(FRONTEND, 'package-lock.json')].some((file) => statSync(file).mtimeMs > built);
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

export interface FrontendServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** SIGTERM and wait; the exit code. */
  stop(): Promise<number | null>;
}

/** Taskly's own production server on a port of its own. */
export async function startFrontend(): Promise<FrontendServer> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', PORT: '0', HOST: '127.0.0.1' };
  const child = spawn(process.execPath, [join(FRONTEND, 'dist/server.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return ended;
  };
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { address } = JSON.parse(line) as { address: AddressInfo };
  return { url: `http://127.0.0.1:${address.port}`, child, stop };
}

export interface TasklyApp {
  readonly url: string;
  readonly world: World;
  /** The address that the backend sees from now on; its limits count by it. */
  newAddress(): void;
  /** While cut off, every request to the API ends without an answer, and open streams break. */
  cut(off: boolean): void;
  end(): Promise<void>;
}

/** All of Taskly on one origin: the real frontend server, and two backend replicas that take turns. */
export async function startTaskly(): Promise<TasklyApp> {
  await ensureFrontendBuilt();
  const [world, frontend] = await Promise.all([startWorld({ replicas: 2 }), startFrontend()]);
  const gateway = new Gateway(frontend.url, () => world.replicas.map(({ url }) => url));
  const url = await gateway.listen();
  const end = async (): Promise<void> => {
    await gateway.close();
    await Promise.all([frontend.stop(), world.end()]);
  };
  return { url, world, newAddress: () => (gateway.address = freshAddress()), cut: (off) => gateway.cut(off), end };
}

/** What an ingress does for Taskly, as far as these tests need it. */
class Gateway {
  address = freshAddress();
  private isCut = false;
  private turn = 0;
  private readonly frontend: string;
  private readonly backends: () => string[];
  private readonly server: Server;
  private readonly open = new Set<IncomingMessage>();

  constructor(frontend: string, backends: () => string[]) {
    this.frontend = frontend;
    this.backends = backends;
    this.server = createServer((request, response) => this.pass(request, response));
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(off: boolean): void {
    this.isCut = off;
    if (off) for (const request of this.open) request.socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const isApi = request.url?.startsWith('/api') === true;
    if (isApi && this.isCut) return void request.socket.destroy();
    if (isApi) this.track(request, response);
    const backends = this.backends();
    const base = isApi ? (backends[this.turn++ % backends.length] ?? '') : this.frontend;
    const headers = { ...request.headers, 'x-forwarded-for': this.address };
    const onward = http.request(base + request.url, { method: request.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  private track(request: IncomingMessage, response: ServerResponse): void {
    this.open.add(request);
    response.on('close', () => this.open.delete(request));
  }
}
