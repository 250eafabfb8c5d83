/** Single keys while something goes on, only on a terminal that this process has to itself. */
import { readFileSync } from 'node:fs';
import type { Io } from './io.ts';
import { canAsk } from './prompt.ts';

/** Fields of /proc/self/stat after the name in parentheses. */
const groupField = 2;
const terminalGroupField = 5;

const interruptKey = '\u0003';

export interface Keys {
  /** Begins to listen; more than once is the same as once. */
  start(): void;
  /** Gives the terminal back as it was. */
  stop(): void;
}

/** Ctrl-C stays what it is. Does nothing where no key can come. */
export function listenForKey(io: Io, key: string, pressed: () => void): Keys {
  if (!canAsk(io) || isInBackground()) return { start: () => {}, stop: () => {} };
  const input = io.stdin();
  let listening = false;
  const onData = (data: Buffer | string): void => {
    const text = data.toString();
    if (text.includes(interruptKey)) process.kill(process.pid, 'SIGINT');
    else if (text.toLowerCase().includes(key)) pressed();
  };
  const stop = (): void => {
    if (!listening) return;
    listening = false;
    input.off('data', onData).setRawMode(false);
    input.pause();
  };
  return {
    start: () => {
      if (listening) return;
      listening = true;
      input.setRawMode(true).on('data', onData).resume();
      input.once('error', stop);
    },
    stop,
  };
}

/** A background job that reads from its terminal is stopped by the kernel. */
function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[groupField] !== fields[terminalGroupField];
  } catch {
    return false;
  }
}
