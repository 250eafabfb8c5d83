/** What the servers of all resources need: a user to run as, a place for data, a port, and a way to stop that leaves nothing behind. */
import { chown, mkdir, open, readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { background } from '../../../exec/exec.ts';
import { asDiskError, makeFolders } from '../../../exec/files.ts';
import { identify, isAlive, type Identity } from '../../../exec/identity.ts';
import { processesIn } from '../../../exec/processes.ts';
import { GantryError } from '../../../errors.ts';
import type { ResourceContext } from '../supervisor/resources.ts';

export const loopback = '127.0.0.1';

/** Empty for an ordinary user; for root the user `nobody`, because database servers refuse to run as root. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    users
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':') ?? [];
  return { uid: toId(uid), gid: toId(gid) };
}

/** macOS writes the ids of nobody as -2. */
function toId(text: string | undefined): number {
  return text === undefined ? 65_534 : Number(text) >>> 0;
}

/** Makes the folder that holds the data folders, and checks that the server's user can get there. */
export async function ensureDataHome(dataDir: string, user: ServerUser): Promise<void> {
  await makeFolders(dataDir, user.uid === undefined ? 0o700 : 0o711);
  if (user.uid !== undefined) await checkReachable(dataDir);
}

/** @throws GantryError GL3005 when a folder on the way may not be entered by every user. */
export async function checkReachable(folder: string): Promise<void> {
  for (let at = await realpath(folder); at !== dirname(at); at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) !== 0) continue;
    throw new GantryError('GL3005', `as root, the server runs as the user nobody, who may not enter ${at}`, {
      where: folder,
      fix: `Run \`chmod o+x '${at}'\`, or set GANTRY_CACHE to a folder that every user may enter, such as /var/lib/gantry.`,
    });
  }
}

/** An empty folder for a server's data, 0700, owned by the server's user. */
export async function makeDataFolder(folder: string, user: ServerUser): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  } catch (error) {
    throw await asDiskError(error, folder);
  }
}

/** @throws GantryError GL3005 when the data belongs to another user than the server will run as. */
export async function checkOwner(folder: string, user: ServerUser): Promise<void> {
  const expected = user.uid ?? process.getuid?.();
  const { uid } = await stat(folder);
  if (expected === undefined || uid === expected) return;
  throw new GantryError('GL3005', `the data in ${folder} belongs to user ${uid}; the server runs as user ${expected}`, {
    where: folder,
    fix: `Run Gantry as the user who made the data, or run \`chown -R ${expected} '${folder}'\`.`,
  });
}

/** The preferred port if nobody has it, otherwise one from the system. */
export async function freePort(preferred: number | undefined): Promise<number> {
  const same = preferred === undefined ? undefined : await tryPort(preferred);
  return same ?? (await tryPort(0)) ?? Promise.reject(new GantryError('GL3003', 'the system has no free port'));
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, loopback, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly user: ServerUser;
  /** Text for the standard input. It is in a file that has no name any more, so that secrets stay off the command line. */
  readonly input?: { readonly fd: number };
}

export interface Launched {
  readonly identity: Identity;
  hasEnded(): Promise<boolean>;
  /** Last lines that it wrote since it was started. */
  lastLines(): Promise<readonly string[]>;
}

/** Starts a server in a process group of its own, its output appended to the log. */
export async function launch(command: Launch, context: ResourceContext): Promise<Launched> {
  const log = await open(context.logFile, 'a', 0o600);
  const { size } = await log.stat();
  try {
    const started = await background({
      argv: command.argv,
      cwd: command.cwd,
      env: context.env,
      stdio: [command.input?.fd ?? 'ignore', log.fd, log.fd],
      ...command.user,
    });
    const identity = (await identify(started.pid)) ?? { pid: started.pid, startTime: '', bootId: '' };
    return { identity, hasEnded: async () => !(await isAlive(identity)), lastLines: async () => linesSince(context.logFile, size) };
  } finally {
    await log.close();
  }
}

async function linesSince(file: string, offset: number): Promise<readonly string[]> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const text = bytes.subarray(bytes.length >= offset ? offset : 0).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-20);
}

/** Milliseconds between two questions to a server that starts: short while it may be ready any moment, longer once it takes its time. */
export function pauseBefore(asked: number): number {
  return asked < 60 ? 3 : 50;
}

/** Sends signals in turn, each followed by a wait, until the process is gone. */
export async function terminate(identity: Identity, steps: readonly (readonly [signal: NodeJS.Signals, waitMs: number])[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!(await isAlive(identity))) return;
    sendSignal(identity.pid, signal);
    if (await goneWithin(identity, waitMs)) return;
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

export async function goneWithin(identity: Identity, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  for (let pause = 2; performance.now() < deadline; pause = Math.min(pause * 2, 50)) {
    if (!(await isAlive(identity))) return true;
    await delay(pause);
  }
  return !(await isAlive(identity));
}

/** Ends what a killed server left behind: its children see its death by themselves, and those that do not are helped. */
export async function endOrphans(folder: string, programs: readonly string[]): Promise<void> {
  const left = await processesIn(folder, programs);
  await Promise.all(
    left.map(async (identity) => {
      if (!(await goneWithin(identity, 300))) {
        await terminate(identity, [
          ['SIGQUIT', 2000],
          ['SIGKILL', 5000],
        ]);
      }
    }),
  );
}

/** What Gantry notes in a data folder. */
export interface DataNote {
  readonly type: string;
  /** Major version that made the data. */
  readonly version: number;
  /** Database and owner, for ever those of the first start, even when the app gets another name. */
  readonly user?: string;
}

export function noteFile(folder: string): string {
  return join(folder, 'gantry.json');
}

export async function readNote(folder: string): Promise<DataNote | undefined> {
  const text = await readFile(noteFile(folder), 'utf8').catch(() => undefined);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as DataNote);
  } catch {
    return undefined;
  }
}

export function otherVersion(folder: string, what: string, found: string, declared: number): GantryError {
  return new GantryError('GL3002', `the data in ${folder} was made by ${what} ${found}; gantry.yaml declares ${declared}`, {
    where: folder,
    fix: `Set \`version: ${found}\` in gantry.yaml, or dump the data, run \`mv '${folder}' '${folder}.${what}-${found}'\` and start again with ${declared}.`,
    state: 'The data was not touched.',
  });
}
