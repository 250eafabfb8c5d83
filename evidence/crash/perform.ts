/** One operation, with or without a fault in the middle of it, and what is left. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { App, Said, Standing } from './app.ts';
import { judge, operations, type Operation, type OperationName, type Outcome, type Victim } from './operations.ts';
import { attach, letGo, observed, parseFile, threadId, type Call, type Injection, type Seen, type Thread } from './strace.ts';

export interface Task {
  readonly operation: OperationName;
  readonly victim: Victim;
  readonly thread: Thread;
  readonly injection?: Injection;
  /** Where the trace is written. */
  readonly trace: string;
}

export interface Performed {
  readonly hasFired: boolean;
  /** The call at which it was killed, or that was answered with an error. */
  readonly hit: string | undefined;
  readonly outcome: Outcome | 'violated';
  /** Why it counts as violated. */
  readonly problem?: string;
  readonly failedRequests: readonly string[];
  readonly requests: number;
  readonly command: Said;
  readonly ms: number;
  readonly calls: readonly Call[];
}

/** The next supervisor answers, and has put everything in order, within this time. */
const settleMs = 10_000;

export async function perform(app: App, task: Task): Promise<Performed> {
  const operation = operations[task.operation];
  const began = performance.now();
  const before = await app.settled(settleMs);
  const asked = { requests: app.probe?.requests ?? 0, failed: app.probe?.failed.length ?? 0 };
  const words = await operation.prepare(app, before);
  if (operation.stops) await app.probe?.pause();
  const interrupted = await ways[task.victim](app, task, words);
  const left = await leftOf(app, task, before, { words, said: interrupted.said }).catch((error: unknown) => ({
    problem: (error as Error).message,
  }));
  app.probe?.goOn();
  const failedRequests = app.probe?.failed.slice(asked.failed) ?? [];
  const problem = 'problem' in left ? left.problem : failedRequests.length > 0 ? `${failedRequests.length} requests failed` : undefined;
  return {
    hasFired: interrupted.seen.hasFired,
    hit: task.injection === undefined || !interrupted.seen.hasFired ? undefined : hitOf(interrupted.seen, task.injection),
    outcome: problem !== undefined || 'problem' in left ? 'violated' : left.outcome,
    ...(problem === undefined ? {} : { problem }),
    failedRequests,
    requests: (app.probe?.requests ?? 0) - asked.requests,
    command: interrupted.said,
    ms: Math.round(performance.now() - began),
    calls: interrupted.seen.calls,
  };
}

/** Observed is either one path alone, or everything. */
function hitOf({ calls }: Seen, { fault, syscall, nth }: Injection): string | undefined {
  const own = calls.filter((call) => call.syscall === syscall);
  return (fault === 'KILL' ? own.at(-1) : own[nth - 1])?.what;
}

/** @throws Error when it is neither the old state nor the new, or the command did not tell the truth about it */
async function leftOf(
  app: App,
  { operation: name, injection }: Task,
  before: Standing,
  { words, said }: { readonly words: readonly string[]; readonly said: Said },
): Promise<{ readonly outcome: Outcome }> {
  const operation = operations[name];
  if (operation.name === 'down') await reallyDown(app);
  if (operation.name === 'up' && said.code !== 0) await app.up();
  const outcome = judge(operation, await app.settled(settleMs), before);
  if (said.code === 0 && outcome === 'old' && operation.name !== 'down')
    throw new Error(`the command said that it was done, but the old state stands: ${said.text}`);
  if (said.code === 1 && !/\bG[A-Z]\d{4}\b/.test(said.text)) throw new Error(`the command failed without a code: ${said.text}`);
  if (/^ {4}at /m.test(said.text)) throw new Error(`the command failed with a stack: ${said.text}`);
  if (outcome === 'old' && !operation.stops && injection !== undefined && injection.fault !== 'KILL')
    await works(app, operation, before, words);
  return { outcome };
}

/** What an error has hindered works when it is done again. */
async function works(app: App, operation: Operation, before: Standing, words: readonly string[]): Promise<void> {
  const { code, text } = await app.run(words);
  if (code !== 0 || judge(operation, await app.settled(settleMs), before) !== 'new')
    throw new Error(`the same again ended with ${code}: ${text}`);
}

/** Stopped for good by the next `down`, whatever the one before has left; then everything is brought back as it was. */
async function reallyDown(app: App): Promise<void> {
  await down(app);
  await app.up();
}

async function down(app: App): Promise<void> {
  const { code, text } = await app.run(['down']);
  if (code !== 0) throw new Error(`down ended with ${code}: ${text}`);
  const deadline = performance.now() + settleMs;
  for (let left = app.everything(); left.length > 0; left = app.everything()) {
    if (performance.now() > deadline) throw new Error(`still there after down: ${left.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

interface Interrupted {
  readonly said: Said;
  readonly seen: Seen;
}

const ways: Readonly<Record<Victim, (app: App, task: Task, words: readonly string[]) => Promise<Interrupted>>> = {
  supervisor: async (app, { thread, injection, trace }, words) => {
    const { pid } = await app.hello();
    const tracing = await attach(threadId(pid, thread), trace, injection);
    const said = await app.run(words);
    await tracing.stop();
    return { said, seen: parseFile(trace, app.base, thread) };
  },
  cli: async (app, { injection, trace }, words) => {
    const said = await app.start(words, observed(trace, injection)).said;
    await new Promise((resolve) => setTimeout(resolve, arrivedMs));
    return { said: said.code === null ? { ...said, code: killedCode } : said, seen: parseFile(trace, app.base, 'main') };
  },
  start: async (app, { injection, trace }, words) => {
    await down(app);
    const ended = await startObserved(app, trace, injection);
    const said = await app.run(words);
    await ended.release();
    return { said, seen: parseFile(trace, app.base, 'main') };
  },
};

/** What a shell says of a killed program. */
const killedCode = 137;
/** A request that was on its way when the command died has begun by then. */
const arrivedMs = 150;

/** Who ended just now may hold the port for another moment. */
async function listening(server: Server, port: number): Promise<void> {
  for (const deadline = performance.now() + settleMs; ;) {
    const problem = await new Promise<Error | undefined>((resolve) => {
      server.once('error', resolve);
      server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => resolve(undefined));
    });
    if (problem === undefined) return;
    if (performance.now() > deadline) throw problem;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A supervisor as the command line starts it, observed from its first moment on. */
async function startObserved(app: App, trace: string, injection: Injection | undefined): Promise<{ release(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await listening(server, app.port);
  const { _handle: handle } = server as unknown as { readonly _handle: { readonly fd: number } };
  const log = openSync(join(app.places.logDir, 'supervisor.log'), 'a', 0o600);
  const [program = '', ...words] = [...observed(trace, injection), '-D', ...app.supervisorWords];
  const child = spawn(program, words, { cwd: app.folder, env: app.env, stdio: ['ignore', log, log, handle.fd], detached: true });
  closeSync(log);
  await app.answers(() => child.exitCode !== null || child.signalCode !== null);
  server.close();
  return { release: async () => letGo(child.pid ?? 0) };
}
