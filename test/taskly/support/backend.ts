import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
export const BACKEND = fileURLToPath(new URL('../../../apps/taskly/backend/', import.meta.url));

/** Installs and builds the backend when that is missing or stale; test files at the same time wait for one of them. */
export async function ensureBuilt(): Promise<void> {
  const lock = join(tmpdir(), 'gantry-test-taskly-backend.lock');
  for (const deadline = Date.now() + 120_000; !isFresh();) {
    if (tryLock(lock)) {
      try {
        if (!existsSync(join(BACKEND, 'node_modules', 'fastify')))
          await execute('npm', ['ci', '--no-audit', '--no-fund'], { cwd: BACKEND });
        await execute('npm', ['run', 'build'], { cwd: BACKEND });
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else if (Date.now() > deadline) throw new Error(`${lock} is held; remove it if no other test run builds the backend`);
    else await sleep(200);
  }
}

const STALE_MS = 110_000;

function tryLock(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    // Left behind by a run that was killed.
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > STALE_MS)
      rmSync(path, { recursive: true, force: true });
    return false;
  }
}

function isFresh(): boolean {
  const [main, migrate] = ['dist/main.js', 'dist/migrate.js'].map((file) => join(BACKEND, file));
  if (!main || !migrate || !existsSync(main) || !existsSync(migrate) || !existsSync(join(BACKEND, 'node_modules', 'fastify'))) return false;
  const built = Math.min(statSync(main).mtimeMs, statSync(migrate).mtimeMs);
  const sources = readdirSync(join(BACKEND, 'src'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return ['package-lock.json', 'build.mjs', ...sources.map((entry) => join(entry.parentPath, entry.name))].every(
    (file) => statSync(join(file.startsWith('/') ? '' : BACKEND, file)).mtimeMs <= built,
  );
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the migrations to their end. */
export async function runMigrate(databaseUrl: string, folder = BACKEND): Promise<Ended> {
  const child = spawn(process.execPath, [join(folder, 'dist/migrate.js')], {
    env: environment({ DATABASE_URL: databaseUrl }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return collect(child);
}

/** Runs the server to its end; for starts that must fail. */
export const runMain = (env: Record<string, string>): Promise<Ended> =>
  collect(spawn(process.execPath, [join(BACKEND, 'dist/main.js')], { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] }));

async function collect(child: ChildProcess): Promise<Ended> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** What Gantry gives a replica, and nothing else of this machine. */
const environment = (own: Record<string, string>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  ...own,
});

export interface Replica {
  readonly url: string;
  readonly pid: number;
  /** Everything it has written so far. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
  /** SIGTERM and wait. */
  stop(): Promise<number | null>;
}

/** Starts one replica on a port of its own and waits until it listens. */
export async function startReplica(databaseUrl: string, env: Record<string, string> = {}): Promise<Replica> {
  const all = environment({
    DATABASE_URL: databaseUrl,
    PORT: '0',
    HOST: '127.0.0.1',
    DRAIN_MS: '0',
    GANTRY_RELEASE: 'r1',
    GANTRY_REPLICA: 'backend-1',
    ...env,
  });
  const child = spawn(process.execPath, [join(BACKEND, 'dist/main.js')], { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const listening = new Promise<string>((resolve, reject) => {
    const read = (line: string): void => {
      lines.push(line);
      const url = /Server listening at (http:\/\/[\d.:]+)/.exec(line)?.[1];
      if (url) resolve(url);
    };
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', read);
    void ended.then((code) => reject(new Error(`the backend ended with ${code}:\n${lines.join('\n')}`)));
  });
  const url = await listening;
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return ended;
  };
  return { url, pid: child.pid ?? 0, log: () => lines.join('\n'), signal: (name) => void child.kill(name), ended, stop };
}

interface PgClient {
  connect(): Promise<void>;
  query<R = Record<string, unknown>>(text: string, values?: unknown[]): Promise<{ rows: R[]; rowCount: number }>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

/** The backend's own client library, to look at the tables from outside. */
export async function connectDatabase(url: string): Promise<PgClient> {
  const { Client } = createRequire(join(BACKEND, 'package.json'))('pg') as { Client: new (url: string) => PgClient };
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** How many connections the server has from programs whose name begins like this. */
export async function countConnections(client: PgClient, name: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>('select count(*) as n from pg_stat_activity where application_name like $1', [
    `${name}%`,
  ]);
  return Number(rows[0]?.n);
}

/** Waits until `check` gives something; asks again every few milliseconds. */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 10_000,
): Promise<T> {
  for (const deadline = performance.now() + ms; ; await sleep(20)) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`within ${ms} ms it did not happen: ${what}`);
  }
}
