/** Process groups and what escapes from them. A pid is signalled only after its start time has shown that it is still the same process. */
import { readdirSync, readFileSync } from 'node:fs';
import { run } from '../../../exec/exec.ts';
import { identify, isAlive, type Identity } from '../../../exec/identity.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly group: number;
  /** As `ps` shows it: R, S, D, T (stopped by a signal), t (by a debugger). Dead ones are not listed. */
  readonly state: string;
  /** As in `Identity`. */
  readonly startTime: string;
  /** User and system time, in seconds; on Linux with that of its children that have ended, so that a group's sum does not fall. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Entries of the environment that name one replica's processes on this machine. Its port is in it, so that equal apps in two folders differ. */
export type Mark = Readonly<Record<'GANTRY_REPLICA' | 'GANTRY_RELEASE' | 'PORT', string>>;

/** Linux reports times in hundredths of a second and memory in pages, whatever the hardware. */
const ticksPerSecond = 100;
const pageBytes = 4096;
const dead = new Set(['Z', 'X', 'x']);

/** Everything that runs on this machine and may be looked at. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  return process.platform === 'linux' ? readProc() : readPs();
}

function readProc(): ProcessInfo[] {
  return readdirSync('/proc').flatMap((name) => {
    const info = /^\d+$/.test(name) ? processInfo(Number(name)) : undefined;
    return info === undefined ? [] : [info];
  });
}

/** Linux only; undefined when there is no such process or it is dead. */
export function processInfo(pid: number): ProcessInfo | undefined {
  try {
    return parseProcess(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** One process out of `/proc/PID/stat`. The name in brackets may contain anything. */
export function parseProcess(pid: number, stat: string): ProcessInfo | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group = ''] = fields;
  if (dead.has(state) || fields.length < 22) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid,
    group: Number(group),
    state,
    startTime: fields[19] ?? '',
    cpuSeconds: ticks / ticksPerSecond,
    memoryBytes: Number(fields[21]) * pageBytes,
  };
}

async function readPs(): Promise<ProcessInfo[]> {
  const { stdout } = await run({
    argv: ['ps', '-A', '-o', 'pid=,pgid=,stat=,time=,rss=,lstart='],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  return stdout.split('\n').flatMap(parsePsLine);
}

export function parsePsLine(line: string): ProcessInfo[] {
  const [, pid, group, state = '', time = '', kilobytes, started = ''] =
    /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
  if (pid === undefined || dead.has(state.charAt(0))) return [];
  const cpuSeconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return [
    {
      pid: Number(pid),
      group: Number(group),
      state: state.charAt(0),
      startTime: String(Date.parse(started) / 1000),
      cpuSeconds,
      memoryBytes: Number(kilobytes) * 1024,
    },
  ];
}

/** The living processes of a replica: its group, and whatever has left the group but carries its mark. */
export async function members(leader: Identity, mark: Mark): Promise<ProcessInfo[]> {
  const all = await listProcesses();
  const reused = all.some(({ pid, startTime }) => pid === leader.pid && startTime !== leader.startTime);
  const group = reused ? [] : all.filter((info) => info.group === leader.pid);
  const known = new Set(group.map(({ pid }) => pid));
  const escaped = all.filter((info) => !known.has(info.pid) && !startedBefore(info, leader) && carries(info.pid, mark));
  return [...group, ...escaped];
}

function startedBefore(info: ProcessInfo, leader: Identity): boolean {
  return Number(info.startTime) < Number(leader.startTime);
}

/** All processes with one of the marks, for what an earlier supervisor started and could not record. */
export async function findMarked(marks: readonly Mark[]): Promise<ProcessInfo[]> {
  if (marks.length === 0) return [];
  return (await listProcesses()).filter(({ pid }) => marks.some((mark) => carries(pid, mark)));
}

/** Whether a process was started with exactly these variables. Unknown (false) for processes of other users, and outside of Linux. */
function carries(pid: number, mark: Mark): boolean {
  if (pid === process.pid) return false;
  const environment = environmentOf(pid);
  return environment !== undefined && Object.entries(mark).every(([name, value]) => environment.includes(`\0${name}=${value}\0`));
}

function environmentOf(pid: number): string | undefined {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    return undefined;
  }
}

/** Signals these processes, each only if it is still the same one. */
export async function signalAll(processes: readonly ProcessInfo[], signal: NodeJS.Signals): Promise<void> {
  for (const { pid, startTime } of processes) {
    const now = process.platform === 'linux' ? processInfo(pid) : await identify(pid);
    if (now?.startTime === startTime) send(pid, signal);
  }
}

/** Signals a whole process group as one step, if its leader is still the same process. False when it is not. */
export async function signalGroup(leader: Identity, signal: NodeJS.Signals): Promise<boolean> {
  return (await isAlive(leader)) && send(-leader.pid, signal);
}

/** Signals all that a replica consists of: its group as one step, and what has left the group. */
export async function signalReplica(leader: Identity, mark: Mark, signal: NodeJS.Signals): Promise<void> {
  const all = await members(leader, mark);
  if (!(await signalGroup(leader, signal))) return signalAll(all, signal);
  await signalAll(
    all.filter(({ group }) => group !== leader.pid),
    signal,
  );
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch {
    return false;
  }
}

/** Stopped by SIGSTOP or a terminal, so that it cannot answer. Linux only; elsewhere unknown (false). */
export function isFrozen(leader: Identity): boolean {
  if (process.platform !== 'linux') return false;
  const info = processInfo(leader.pid);
  return info !== undefined && info.startTime === leader.startTime && info.state === stoppedBySignal;
}

/** The same for any process of the group: the program itself may be a child of `npm`. */
export async function isGroupFrozen(leader: Identity): Promise<boolean> {
  return (await listProcesses()).some(({ group, state }) => group === leader.pid && state === stoppedBySignal);
}

const stoppedBySignal = 'T';

/** How often this machine's kernel has killed for want of memory since it started; undefined where it does not say. */
export function oomKills(): number | undefined {
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
