/** An `Io` for commands under test: what they print is kept. */
import { Readable, Writable } from 'node:stream';
import type { Flags, Io } from '../../src/cli/io.ts';

export interface TestIo extends Io {
  out(): string;
  err(): string;
}

export function testIo(
  options: {
    readonly cwd?: string;
    readonly input?: string;
    readonly flags?: Partial<Flags>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): TestIo {
  const kept = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        kept[name] += chunk.toString();
        done();
      },
    });
  return {
    stdout: into('out'),
    stderr: into('err'),
    stdin: () => Readable.from([options.input ?? '']) as unknown as NodeJS.ReadStream,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    signal: new AbortController().signal,
    flags: { json: false, quiet: false, verbose: false, ...options.flags },
    out: () => kept.out,
    err: () => kept.err,
  };
}
