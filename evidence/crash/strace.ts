/** `strace` on one thread of a process: what it calls, and faults in the middle of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** `main` runs JavaScript, starts processes and speaks; `files` reads and writes (there is one of it when UV_THREADPOOL_SIZE is 1). */
export type Thread = 'main' | 'files';

export type Fault = 'KILL' | 'ENOSPC' | 'EIO' | 'EMFILE';

export interface Call {
  readonly thread: Thread;
  readonly syscall: string;
  /** Counts the calls of this name on this thread from 1. */
  readonly nth: number;
  /** What it touches, where that has the same name in every run, and the number among the calls of this name that touch it. */
  readonly file?: { readonly path: string; readonly nth: number };
  /** The name with what it touches and how often it did, the same in every run: `rename .gantry/runtime.json #3`. */
  readonly what: string;
}

/** What changes something that outlives the process, or speaks with somebody. */
const changing = ['write', 'pwrite64', 'writev', 'pwritev', 'fsync', 'fdatasync', 'ftruncate', 'truncate', 'copy_file_range', 'sendfile'];
const naming = ['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'link', 'linkat', 'symlink', 'mkdir', 'mkdirat', 'rmdir'];
const permitting = ['chmod', 'fchmod', 'chown', 'fchown'];
const speaking = ['connect', 'bind', 'listen', 'sendmsg', 'sendto'];
const starting = ['clone', 'clone3', 'vfork', 'fork', 'kill'];
const traced = [...changing, ...naming, ...permitting, ...speaking, ...starting];

export interface Injection {
  readonly syscall: string;
  readonly nth: number;
  /** Only calls that touch this count. */
  readonly path?: string;
  readonly fault: Fault;
}

export interface Trace {
  /** Lets go of the process. */
  stop(): Promise<void>;
}

/** Where the thread's id is found. The thread for files is the last one that Node starts. */
export function threadId(pid: number, thread: Thread): number {
  if (thread === 'main') return pid;
  return Math.max(...readdirSync(`/proc/${pid}/task`).map(Number));
}

/** Resolves when the thread is held; what it calls from then on goes to `file`. */
export async function attach(tid: number, file: string, injection?: Injection): Promise<Trace> {
  const child = spawn('strace', ['-p', String(tid), ...options(file, injection)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await attached(child);
  return {
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Ends the observation of a process, whoever does it. */
export async function letGo(pid: number): Promise<void> {
  for (let tracer = tracerOf(pid); tracer !== 0; tracer = tracerOf(pid)) {
    process.kill(tracer, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function tracerOf(pid: number): number {
  try {
    return Number(/^TracerPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The words that start a program under observation, all of its threads, but nothing that it starts. */
export function observed(file: string, injection?: Injection): string[] {
  return ['strace', '-f', '-b', 'execve', '-I', 'anywhere', ...options(file, injection)];
}

function options(file: string, injection: Injection | undefined): string[] {
  const inject = injection === undefined ? [] : ['-e', `inject=${injection.syscall}:${effect(injection.fault)}:when=${injection.nth}`];
  const only = injection?.path === undefined ? [] : ['-P', injection.path];
  return ['-y', '-s', '0', '-e', `trace=${traced.join(',')}`, '-e', 'signal=none', ...only, ...inject, '-o', file];
}

function effect(fault: Fault): string {
  return fault === 'KILL' ? 'signal=KILL' : `error=${fault}`;
}

async function attached(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('attached')) resolve();
    });
    child.once('close', () => reject(new Error(`strace ended: ${said}`)));
  });
}

export interface Seen {
  /** In order. The last one is where a kill came, if one did. */
  readonly calls: readonly Call[];
  readonly hasFired: boolean;
}

/** A call that never returned, or whose answer was made up. */
const fired = / = \?\s*$| \(INJECTED\)$/m;
const unfinished = / <unfinished \.\.\.>$/;

/**
 * What was called. Of a file with several threads the first one is `main`.
 * @param base folder of the app; paths are told from there
 */
export function parse(text: string, base: string, only: Thread = 'main'): Seen {
  const first = /^\d+ /.exec(text)?.[0].trim();
  const counts = new Map<string, number>();
  const count = (key: string): number => {
    const number = (counts.get(key) ?? 0) + 1;
    counts.set(key, number);
    return number;
  };
  const calls = text.split('\n').flatMap((line): Call[] => {
    const [, pid, syscall = '', words = ''] = /^(?:(\d+) +)?([a-z0-9_]+)\((.*)$/.exec(line) ?? [];
    if (syscall === '') return [];
    const thread = pid === undefined ? only : pid === first ? 'main' : 'files';
    const { name, path } = subjectOf(words.replace(unfinished, ''), base);
    const ofName = count(`${pid}${syscall}`);
    const ofSubject = count(`${pid}${syscall} ${name}`);
    const what = `${syscall} ${name} #${ofSubject}`;
    return [{ thread, syscall, nth: ofName, what, ...(path === undefined ? {} : { file: { path, nth: ofSubject } }) }];
  });
  return { calls, hasFired: fired.test(text) };
}

interface Subject {
  /** Without what differs between runs. */
  readonly name: string;
  /** Where nothing differs. */
  readonly path?: string;
}

function subjectOf(words: string, base: string): Subject {
  const kind = /^-?\d+<(?:anon_inode:)?\[?(eventfd|socket|pipe|UNIX|TCP)/.exec(words)?.[1];
  const socket = /sun_path="([^"]*)"/.exec(words)?.[1];
  if (socket !== undefined) return { name: socket.slice(socket.lastIndexOf('/') + 1).replace(/^[0-9a-f]{12}/, '*') };
  if (words.includes('sa_family=AF_INET')) return { name: 'tcp' };
  if (kind !== undefined) return { name: kind };
  const quoted = [...words.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path);
  const path = /^\d+<([^>]*)>/.exec(words)?.[1] ?? quoted.at(-1) ?? '';
  const known = path.startsWith(base) ? path.slice(base.length + 1) : path;
  const name = plain(known);
  return name === known && name !== '' ? { name, path } : { name };
}

function plain(path: string): string {
  return path
    .replace(/\/(hashes|locks)\/.*/, '/$1/*')
    .replace(/\/blobs\/.*/, '/blobs/*')
    .replaceAll(/[0-9a-f]{12,}/g, '*')
    .replaceAll(/-[0-9a-f]{4,12}-\d+/g, '-*');
}

export function parseFile(file: string, base: string, only: Thread): Seen {
  return parse(readFileSync(file, 'utf8'), base, only);
}

/** Wakes another thread of the same process, how often is a matter of luck: nobody outside can tell the instants before and after it apart. */
export function isWakeUp({ what }: Call): boolean {
  return what.includes(' eventfd ');
}

/** The file system or the kernel may refuse it in real life. Node itself cannot start without its threads: it hangs. */
export function canFail({ what, syscall }: Call): boolean {
  return !/ (eventfd|socket|pipe|UNIX|TCP) /.test(what) && !['kill', 'clone3'].includes(syscall);
}
