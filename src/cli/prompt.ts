/** Asking a person: only ever on a terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Io } from './io.ts';

export function canAsk(io: Io): boolean {
  return io.stdin().isTTY && io.stdout.isTTY === true && !io.flags.json;
}

export async function ask(io: Io, question: string): Promise<string> {
  const reader = createInterface({ input: io.stdin(), output: io.stdout, terminal: true });
  try {
    return await reader.question(question, { signal: io.signal });
  } finally {
    reader.close();
  }
}

/** What is typed is not shown. */
export async function askHidden(io: Io, question: string): Promise<string> {
  io.stdout.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: io.stdin(), output: nowhere, terminal: true });
  try {
    return await reader.question('', { signal: io.signal });
  } finally {
    reader.close();
    io.stdout.write('\n');
  }
}

/** Everything on standard input, without the newline that `echo` adds. */
export async function readStdin(io: Io): Promise<string> {
  return (await text(io.stdin())).replace(/\r?\n$/, '');
}
