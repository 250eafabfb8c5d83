/** Names a process for ever: a pid alone is given to another program sooner or later. */
import { readFile } from 'node:fs/promises';
import { run } from './exec.ts';

export interface Identity {
  readonly pid: number;
  /** Linux: clock ticks since boot. macOS: seconds since 1970. Compared as text, only within one boot. */
  readonly startTime: string;
  readonly bootId: string;
}

/** The process with this pid on this machine, or undefined when there is none that runs (a zombie does not run). */
export async function identify(pid: number): Promise<Identity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const startTime = await (process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid));
  return startTime === undefined ? undefined : { pid, startTime, bootId: await bootId() };
}

/** This process. */
export async function identifySelf(): Promise<Identity> {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this process has no entry in the process table');
  return self;
}

/** Whether exactly that process still runs: same pid, same start time, same boot. */
export async function isAlive(identity: Identity): Promise<boolean> {
  const found = await identify(identity.pid);
  return found !== undefined && found.startTime === identity.startTime && found.bootId === identity.bootId;
}

/** Start time out of `/proc/PID/stat`; undefined for the states of a dead process (Z, X). The name may contain spaces and brackets. */
export function parseStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? '';
  return ['Z', 'X', 'x', ''].includes(state) ? undefined : fields[19];
}

/** Start time out of `ps -o stat=,lstart=`, in seconds since 1970. */
export function parsePs(output: string): string | undefined {
  const [, state = '', started = ''] = /^\s*(\S+)\s+(.+?)\s*$/.exec(output) ?? [];
  const time = Date.parse(started);
  return state === '' || state.startsWith('Z') || Number.isNaN(time) ? undefined : String(time / 1000);
}

async function linuxStartTime(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/stat`, 'utf8').then(parseStat, () => undefined);
}

async function psStartTime(pid: number): Promise<string | undefined> {
  const { stdout } = await run({
    argv: ['ps', '-o', 'stat=,lstart=', '-p', String(pid)],
    cwd: '/',
    env: systemEnvironment,
    accept: () => true,
  });
  return parsePs(stdout);
}

/** `lstart` depends on the language. */
const systemEnvironment = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };

let knownBootId: Promise<string> | undefined;

async function bootId(): Promise<string> {
  knownBootId ??= process.platform === 'linux' ? linuxBootId() : sysctlBootId();
  return knownBootId;
}

async function linuxBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

async function sysctlBootId(): Promise<string> {
  const { stdout } = await run({ argv: ['sysctl', '-n', 'kern.bootsessionuuid'], cwd: '/', env: systemEnvironment });
  return stdout.trim();
}
