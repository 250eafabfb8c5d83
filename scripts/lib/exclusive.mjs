/** One launcher at a time installs and builds in a folder; a second one waits and says for whom. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 200;

/**
 * Runs the action while this process holds `.launch.lock` in the folder.
 * @template T
 * @param {string} folder
 * @param {(pid: number) => void} onWait called once with the holder's pid, if there is one
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function exclusively(folder, onWait, action) {
  const file = join(folder, '.launch.lock');
  await acquire(file, onWait);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await action();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

async function acquire(file, onWait) {
  let told = false;
  while (!tryLock(file)) {
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeStale(file, holder);
      continue;
    }
    if (!told) onWait(holder.pid);
    told = true;
    await delay(pollMs);
  }
}

/** A link to a finished file: nobody ever reads a lock that is half written. */
function tryLock(file) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(temporary);
  }
}

function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // Released in this moment.
  }
}

/** A pid alone may belong to another program by now; with its start time it cannot. */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return startTime(pid) === started;
}

/** Moved away first: of two that find it stale, the slower one may have taken the new lock, and puts it back. */
function removeStale(file, holder) {
  const moved = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, moved);
    const now = readHolder(moved);
    if (now?.pid !== holder.pid || now?.started !== holder.started) linkSync(moved, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

/** In clock ticks since the boot; 0 where there is no /proc. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return 0;
  }
}
