/** Sudden death of several processes at one moment. */
import { existsSync, readFileSync } from 'node:fs';
import { until } from './until.ts';

/** None of them sees another one die, and so none starts a successor: all are stopped before the first is killed. */
export async function killTogether(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGSTOP');
  if (existsSync('/proc/self/stat')) await until('all of them are stopped', async () => pids.every(isStopped));
  for (const pid of pids) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** By the third field of /proc/PID/stat (the second, a name in brackets, may hold anything); one that has ended is stopped too. */
function isStopped(pid: number): boolean {
  try {
    return /.*\) [TZX]/su.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
