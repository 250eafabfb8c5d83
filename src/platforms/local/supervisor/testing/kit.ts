/** Starts real supervisors on temporary app folders, and ends whatever they leave. */
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { background, type BackgroundProcess } from '../../../../exec/exec.ts';
import { identify, type Identity } from '../../../../exec/identity.ts';
import type { ServiceSpec, SetSpec } from '../../../../stack/process.ts';
import type { ReplicaStatus, Status } from '../../../platform.ts';
import { connect, type Client } from '../../client.ts';
import { logFile } from '../../log-files.ts';
import { placesOf, type Places } from '../../places.ts';
import { findIngresses } from '../ingress-process.ts';
import { processInfo } from '../processes.ts';

export interface Bundles {
  readonly supervisor: string;
  readonly ingress: string;
  remove(): void;
}

/** Both programs as files that plain Node runs. */
export async function bundle(): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-bundle-'));
  const input = { supervisor: join(import.meta.dirname, 'supervisor-entry.ts'), ingress: join(import.meta.dirname, 'ingress-entry.ts') };
  const build = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await build.close();
  return {
    supervisor: join(folder, 'supervisor.mjs'),
    ingress: join(folder, 'ingress.mjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Looks until there is something; fails with what was last seen. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string, ms = 15_000): Promise<T> {
  const deadline = performance.now() + ms;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${ms} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => resolve(server));
  });
}

export class World {
  readonly folder: string;
  readonly places: Places;
  url = '';
  readonly #bundles: Bundles;
  #server: Server | undefined;
  #clients: Client[] = [];
  readonly #env: Readonly<Record<string, string>>;

  constructor(bundles: Bundles) {
    this.#bundles = bundles;
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-app-')));
    mkdirSync(join(this.folder, 'run'), { mode: 0o700 });
    mkdirSync(join(this.folder, '.gantry', 'logs'), { recursive: true, mode: 0o700 });
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      XDG_RUNTIME_DIR: join(this.folder, 'run'),
      GANTRY_CACHE: join(this.folder, 'cache'),
    };
    this.places = placesOf(this.folder, { env: this.#env, uid: process.getuid?.() ?? 0 });
    mkdirSync(this.places.contentDir, { recursive: true });
  }

  /** Content that a set may name. */
  content(address: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.places.contentDir, address);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return address;
  }

  write(name: string, value: unknown): void {
    writeFileSync(join(this.folder, name), JSON.stringify(value));
  }

  /** Opens the public socket, the second time at the same address. */
  async listen(): Promise<void> {
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    const server = await eventually(async () => listenOn(port), 'a public socket');
    const address = server.address();
    this.#server = server;
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** As the command line does: the public socket is opened first, passed on, and closed here. */
  async start(): Promise<Client> {
    if (this.#server?.listening !== true) await this.listen();
    await this.spawn();
    this.#server?.close();
    return this.client();
  }

  /** What starts a supervisor for this folder, as another build of Gantry. */
  successor(build: string): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
    const argv = [process.execPath, this.#bundles.supervisor, this.folder, this.url, this.#bundles.ingress];
    return { argv, env: { ...this.#env, TEST_BUILD: build } };
  }

  /** Pids of the ingress processes that run for this folder. */
  async ingresses(): Promise<number[]> {
    return (await findIngresses(this.places, [])).map(({ pid }) => pid);
  }

  async spawn(): Promise<BackgroundProcess> {
    const { _handle: handle } = this.#server as unknown as { readonly _handle: { readonly fd: number } };
    const log = openSync(logFile(this.places.logDir, 'supervisor'), 'a');
    try {
      return await background({
        argv: [process.execPath, this.#bundles.supervisor, this.folder, this.url, this.#bundles.ingress],
        cwd: this.folder,
        env: this.#env,
        stdio: ['ignore', log, log, handle.fd],
      });
    } finally {
      closeSync(log);
    }
  }

  /** Another supervisor for the same folder, with a public socket of its own. */
  async spawnBeside(): Promise<BackgroundProcess> {
    this.#server = await listenOn(0);
    return this.spawn();
  }

  async client(): Promise<Client> {
    const client = await eventually(async () => connect(this.places.supervisorSocket), `a supervisor\n${this.log('supervisor')}`);
    this.#clients.push(client);
    return client;
  }

  log(source: string): string {
    try {
      return readFileSync(logFile(this.places.logDir, source), 'utf8');
    } catch {
      return '';
    }
  }

  async stop(): Promise<void> {
    const client = await connect(this.places.supervisorSocket).catch(() => undefined);
    if (client !== undefined) await client.request('stop', {}).catch(() => undefined);
    for (const one of [...this.#clients, ...(client === undefined ? [] : [client])]) one.close();
    this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Requests one after another on several lines until told to stop. */
export function load(url: string, lines = 8, pauseMs = 0): { stop(): Promise<{ answered: number; failed: string[] }> } {
  const failed: string[] = [];
  let answered = 0;
  let running = true;
  const line = async (): Promise<void> => {
    while (running) {
      const problem = await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
        async (response) => (response.status === 200 && (await response.text()).length > 0 ? undefined : `status ${response.status}`),
        (error: unknown) => String((error as Error).cause ?? error),
      );
      if (problem === undefined) answered += 1;
      else failed.push(problem);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const all = Array.from({ length: lines }, line);
  return {
    async stop() {
      running = false;
      await Promise.all(all);
      return { answered, failed };
    },
  };
}

/** A small HTTP program. `extra` runs before it listens. */
export function webApp(extra = '', handler = "res.end(process.env.GANTRY_RELEASE + ' ' + process.env.GANTRY_REPLICA)"): string {
  return `
const http = require('node:http');
${extra}
const server = http.createServer((req, res) => {
  if (req.url === '/health') return res.end('UP');
  if (req.url === '/env') return res.end(JSON.stringify(process.env));
  if (req.url.startsWith('/slow')) return void setTimeout(() => res.end('slow'), Number(req.url.slice(6)));
  ${handler};
});
server.keepAliveTimeout = 60000;
server.listen(Number(process.env.PORT), process.env.HOST);
`;
}

export function service(name: string, content: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    kind: 'web',
    content,
    run: [process.execPath, 'main.cjs'],
    env: {},
    port: 3000,
    fixedPort: false,
    route: '/',
    health: { path: '/health', intervalMs: 200, timeoutMs: 500, startupMs: 10_000, rise: 1, fall: 2 },
    limits: { cpu: 1, memory: 128 * 1024 * 1024 },
    scale: { min: 1, max: 5 },
    replicas: 2,
    ...more,
  };
}

export function set(release: string, services: readonly ServiceSpec[], more: Partial<SetSpec> = {}): SetSpec {
  return { release, secrets: {}, services, sites: [], drainMs: 5000, graceMs: 3000, ...more };
}

export async function replicasOf(client: Client, name?: string): Promise<readonly ReplicaStatus[]> {
  const { services } = await client.request('status', {});
  return services.filter((one) => name === undefined || one.name === name).flatMap(({ replicas }) => replicas);
}

/** The live set with every replica ready. */
export async function up(client: Client, live: SetSpec): Promise<Status> {
  await client.request('want', { desired: { live } });
  await client.request('awaitSet', { set: 'live' });
  return client.request('status', {});
}

export function isRunning(pid: number): boolean {
  return processInfo(pid) !== undefined;
}

export async function identityOf(pid: number): Promise<Identity> {
  const identity = await identify(pid);
  if (identity === undefined) throw new Error(`no process ${pid}`);
  return identity;
}

/** Kills all of them at the same moment: none sees another one die and starts a successor. */
export function killTogether(pids: readonly number[]): void {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of pids) process.kill(pid, signal);
  }
}
