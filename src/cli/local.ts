/** Starting and finding the supervisor of an app folder. */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { GantryError, isGantryError } from '../errors.ts';
import { background, type BackgroundProcess } from '../exec/exec.ts';
import { connect, type Client } from '../platforms/local/client.ts';
import type { Places } from '../platforms/local/places.ts';
import type { StepEvent } from '../platforms/local/protocol.ts';
import { portHolder } from '../platforms/local/ports.ts';
import { isAlive, type Identity } from '../exec/identity.ts';
import { openRuntime } from '../platforms/local/supervisor/runtime.ts';
import { ensureStateDir, isCopy } from '../platforms/local/state-dir.ts';
import { distDir } from './dist.ts';
import type { Io } from './io.ts';

const firstPort = 8080;
const portsTried = 100;
const startDeadlineMs = 20_000;
const endDeadlineMs = 10_000;
const retryMs = 20;
const loopback = '127.0.0.1';

/** Variables of the caller that the supervisor and what it starts may see. */
const passedOn = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CACHE_HOME',
  'GANTRY_CACHE',
  'UV_THREADPOOL_SIZE',
  'GANTRY_FAILPOINT',
];

/** A connection to the running supervisor; undefined when none runs. */
export async function findSupervisor(places: Places): Promise<Client | undefined> {
  try {
    return await connect(places.supervisorSocket);
  } catch (error) {
    if (isGantryError(error) && error.code === 'GL1001') return undefined;
    throw error;
  }
}

/** Asks the supervisor to end everything and itself, and waits until it has. */
export async function endSupervisor(places: Places, client: Client, onEvent: (event: StepEvent) => void): Promise<void> {
  await client.request('stop', {}, { onEvent }).catch(() => {});
  client.close();
  for (const deadline = performance.now() + endDeadlineMs; performance.now() < deadline;) {
    const still = await findSupervisor(places).catch(() => undefined);
    if (still === undefined) return;
    still.close();
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Starts the supervisor with the public port already open, so that a port in use is known before anything runs. */
export async function startSupervisor(places: Places, names: SupervisorNames, port: number | undefined, io: Io): Promise<Client> {
  await ensureStateDir(places);
  const server = await listen(port);
  try {
    const supervisor = await spawnSupervisor(places, names, server, io);
    return await answered(places, supervisor);
  } finally {
    server.close();
  }
}

export interface SupervisorNames {
  readonly app: string;
  readonly environment: string;
}

/** Brings back the supervisor of an app whose replicas outlived it, so that they can be stopped properly. */
export async function reviveSupervisor(places: Places, names: SupervisorNames, io: Io): Promise<void> {
  if ((await stillAlive(places)) === 0 || (await findSupervisor(places)) !== undefined) return;
  (await startSupervisor(places, names, 0, io)).close();
}

/**
 * Whether the last supervisor ended while something ran: one that ends in order leaves no replica in its record, and of resources only
 * where they were.
 */
export async function ranWithout(places: Places): Promise<boolean> {
  const { replicas, resources } = await recorded(places);
  return replicas.length > 0 || (await alive(resources)) > 0;
}

/** How many of the replicas and resources that were recorded are still alive. */
export async function stillAlive(places: Places): Promise<number> {
  const { replicas, resources } = await recorded(places);
  return alive([...replicas, ...resources]);
}

interface Recorded {
  readonly identity?: Identity | undefined;
}

async function alive(records: readonly Recorded[]): Promise<number> {
  const identities = records.flatMap(({ identity }) => (identity === undefined ? [] : [identity]));
  return (await Promise.all(identities.map(isAlive))).filter(Boolean).length;
}

async function recorded(places: Places): Promise<Record<'replicas' | 'resources', readonly Recorded[]>> {
  if (!existsSync(places.runtimeFile) || (await isCopy(places))) return { replicas: [], resources: [] };
  return (await openRuntime(places.runtimeFile, () => {})).value;
}

async function spawnSupervisor(places: Places, names: SupervisorNames, server: Server, io: Io): Promise<BackgroundProcess> {
  mkdirSync(places.logDir, { recursive: true, mode: 0o700 });
  const log = openSync(join(places.logDir, 'supervisor.log'), 'a', 0o600);
  try {
    const program = supervisorProgram(places, names, addressOf(server), io);
    return await background({ ...program, cwd: places.folder, stdio: ['ignore', log, log, descriptor(server)] });
  } finally {
    closeSync(log);
  }
}

export interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What starts a supervisor of this build. @param url public address */
export function supervisorProgram({ folder }: Places, { app, environment }: SupervisorNames, url: string, io: Io): Program {
  const env = Object.fromEntries(passedOn.flatMap((name) => (io.env[name] === undefined ? [] : [[name, io.env[name]]])));
  return { argv: [process.execPath, join(distDir(), 'supervisor.cjs'), folder, app, environment, url], env };
}

function addressOf(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://${loopback}:${port}`;
}

/** The listening socket's descriptor: Node has no public name for it, and child processes inherit sockets by descriptor. */
function descriptor(server: Server): number {
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  return handle.fd;
}

async function answered(places: Places, supervisor: BackgroundProcess): Promise<Client> {
  let ended: { readonly code: number | null } | undefined;
  supervisor.exit.then((exit) => (ended = exit)).catch(() => {});
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    const client = await findSupervisor(places);
    if (client !== undefined) return client;
    if (ended !== undefined || performance.now() > deadline) throw notStarted(places, ended);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function notStarted(places: Places, ended: { readonly code: number | null } | undefined): GantryError {
  const how = ended === undefined ? `did not answer within ${startDeadlineMs / 1000} s` : `ended with exit code ${ended.code ?? 'unknown'}`;
  return new GantryError('GL1003', `the supervisor ${how}`, { where: join(places.logDir, 'supervisor.log') });
}

async function listen(port: number | undefined): Promise<Server> {
  if (port !== undefined) return open(port).catch(async (error: unknown) => Promise.reject(await portProblem(port, error)));
  for (let candidate = firstPort; candidate < firstPort + portsTried; candidate += 1) {
    try {
      return await open(candidate);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw await portProblem(candidate, error);
    }
  }
  throw new GantryError('GL1004', `no free port between ${firstPort} and ${firstPort + portsTried - 1}`, { where: loopback });
}

/** Connections that arrive before the ingress serves are closed: nobody knows the address yet. */
async function open(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: loopback, backlog: 1024 }, () => resolve(server));
  });
}

/** Why a port cannot be listened at. */
export async function portProblem(port: number, error: unknown): Promise<GantryError> {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') return new GantryError('GL1004', `port ${port} may only be opened by root`, { where: loopback, cause: error });
  if (code !== 'EADDRINUSE')
    return new GantryError('GL1004', `port ${port} cannot be opened: ${message}`, { where: loopback, cause: error });
  const holder = await portHolder(port);
  const who = holder === undefined ? 'another program' : `pid ${holder.pid} (${holder.command})`;
  return new GantryError('GL1004', `port ${port} is in use by ${who}`, { where: `${loopback}:${port}`, cause: error });
}

/** `ana@build-7` */
export function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
