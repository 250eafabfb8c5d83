/** Processes of this machine, by /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Processor time that all threads of a process have had, ms, to the nanosecond. */
export function processorMs(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + ofThread(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

/** One may end while it is looked at. */
function ofThread(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** The first whose command line has all these words, and that is a child of `parent` where one is given. */
export function processWith(words, parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const isChild = parent === undefined || new RegExp(`^PPid:\\s+${parent}$`, 'm').test(read(`/proc/${pid}/status`));
      return isChild && words.every((word) => command.includes(word));
    });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
