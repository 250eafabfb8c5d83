/** Finding processes that an ended one left behind. All of it needs /proc; elsewhere nothing is found. */
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { identify, type Identity } from './identity.ts';

/** Processes of the given programs (file names) that work in the folder. A person's shell that stands there is none of them. */
export async function processesIn(folder: string, programs: readonly string[]): Promise<readonly Identity[]> {
  const real = await realpath(folder).catch(() => undefined);
  return real === undefined
    ? []
    : findProcesses(async (pid) => (await linkOf(pid, 'cwd')) === real && programs.includes(programName(await linkOf(pid, 'exe'))));
}

/** Processes that were started with this variable in their environment, and all that they started. */
export async function processesMarked(name: string, value: string): Promise<readonly Identity[]> {
  const mark = `\0${name}=${value}\0`;
  return findProcesses(async (pid) => `\0${await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')}\0`.includes(mark));
}

async function findProcesses(matches: (pid: number) => Promise<boolean>): Promise<readonly Identity[]> {
  const names = process.platform === 'linux' ? await readdir('/proc') : [];
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await matches(pid)) ? identify(pid) : undefined)));
  return found.filter((identity) => identity !== undefined);
}

async function linkOf(pid: number, name: 'cwd' | 'exe'): Promise<string> {
  return readlink(`/proc/${pid}/${name}`).catch(() => '');
}

/** The system marks a program whose file was replaced meanwhile. */
function programName(path: string): string {
  return basename(path.replace(/ \(deleted\)$/, ''));
}
