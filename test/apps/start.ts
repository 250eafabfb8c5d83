/** Starts a program of an example app as its README says, without Gantry, and stops it again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const appFolder = (name: string): string => fileURLToPath(new URL(`../../apps/${name}`, import.meta.url));

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Program {
  readonly argv: readonly [string, ...string[]];
  readonly folder: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Asked until it answers anything at all; without it, the port only has to be open. */
  readonly path?: string;
}

const deadlineMs = 15_000;

export async function start({ argv, folder, port, env = {}, path = '/' }: Program): Promise<Running> {
  const child = spawn(argv[0], argv.slice(1), {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', PORT: String(port), HOST: '127.0.0.1', ...env },
    stdio: 'ignore',
    detached: true,
  });
  const running = { url: `http://127.0.0.1:${port}`, stop: () => stop(child) };
  await answers(`${running.url}${path}`, child).catch(async (error: unknown) => {
    await running.stop();
    throw error;
  });
  return running;
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode} before it answered ${url}`);
    const answer = await fetch(url).catch((error: unknown) => error);
    if (answer instanceof Response || isNotHttp(answer)) return;
    if (Date.now() > deadline) throw new Error(`${url} did not answer in ${deadlineMs} ms`, { cause: answer });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Redis hangs up on a client that speaks HTTP, which shows that it listens. */
function isNotHttp(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && !('code' in cause && cause.code === 'ECONNREFUSED');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  await ended;
}
