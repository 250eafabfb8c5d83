/**
 * One supervisor makes way for another, without anybody noticing. The old one starts the new one and goes on until that says it is ready; only
 * then does it let go of the socket. Up to there nothing has happened when something goes wrong. Afterwards the way back is the one of a
 * supervisor that died: it ends, and the ingress starts another one like it.
 */
import { closeSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fromWire, GantryError } from '../../../errors.ts';
import { background } from '../../../exec/exec.ts';
import { identify, type Identity } from '../../../exec/identity.ts';
import { openChannel } from '../channel.ts';
import { protocolVersion, type Operations, type StepEvent } from '../protocol.ts';
import { sleep } from './clock.ts';
import { openLog } from './launcher.ts';
import { lastLines } from './log-rotation.ts';
import { signalGroup } from './processes.ts';
import { supervisorExit } from './options.ts';
import type { Supervisor } from './supervisor.ts';

/** Says to a supervisor which one makes way for it. */
export const predecessorVariable = 'GANTRY_PREDECESSOR';

const readyMs = 20_000;
const answerMs = 20_000;
const pollMs = 25;
const shownLines = 10;
const upgradeName = 'upgrade';
const who = 'Gantry';

/** What the process around the supervisor does. */
export interface HandoverParts {
  /** Stops listening at the socket; connections that are open stay. */
  letGo(): void;
  /** Ends this process once everybody has been answered, and leaves everything else as it is. */
  end(): void;
}

interface Successor {
  readonly pid: number;
  readonly identity: Identity | undefined;
  /** Resolves when it is ready to take over. @throws GantryError why it cannot */
  readonly ready: Promise<void>;
  exit(): Promise<number | null>;
  report(problem: GantryError | undefined): void;
  hasExited(): boolean;
}

export class Handover {
  readonly #parts: HandoverParts;
  #successor: Successor | undefined;
  #release: (() => void) | undefined;
  #isFree: Promise<void> | undefined;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** @throws GantryError GR1001 while an operation runs, GL1034 when the successor did not come up */
  async upgrade(
    supervisor: Supervisor,
    { argv, env }: Operations['upgrade']['params'],
    emit: (event: StepEvent) => void,
  ): Promise<Operations['upgrade']['result']> {
    const { hub, gate, desired } = supervisor;
    if (desired.unsaved !== undefined) throw desired.unsaved.error;
    return gate.run(upgradeName, who, emit, async (report) => {
      const say = (message: string): void => {
        hub.say('supervisor', upgradeName, message);
        report({ step: upgradeName, state: 'running', message, elapsedMs: 0 });
      };
      say('starting the successor');
      const successor = await startSuccessor(supervisor, argv, env);
      this.#successor = successor;
      try {
        await untilReady(supervisor, successor);
      } catch (error) {
        this.#successor = undefined;
        await end(successor);
        hub.say('supervisor', upgradeName, `not done: ${(error as Error).message}`, 'error');
        throw error;
      }
      say(`making way for pid ${successor.pid}`);
      return this.#makeWay(supervisor, successor);
    });
  }

  /** What the successor says before it takes over. */
  async relieve({ pid, problem }: Operations['relieve']['params']): Promise<Operations['relieve']['result']> {
    const successor = this.#successor;
    if (successor?.pid !== pid) throw new GantryError('GL1015', 'another supervisor already looks after this folder');
    this.#isFree = new Promise<void>((resolve) => (this.#release = resolve));
    successor.report(problem === undefined ? undefined : fromWire(problem));
    if (problem === undefined) await this.#isFree;
    return { released: true };
  }

  async #makeWay(supervisor: Supervisor, successor: Successor): Promise<{ readonly pid: number }> {
    const { options, ingress } = supervisor;
    try {
      await leaveEverything(supervisor);
      await writeFile(options.places.handoverFile, `${successor.pid}\n`, { mode: 0o600 });
      this.#parts.letGo();
      this.#release?.();
      await untilAnswering(supervisor, successor);
      return { pid: successor.pid };
    } catch (error) {
      await end(successor);
      this.#parts.letGo();
      await ingress.recall();
      throw failed(error, await supervisorLines(supervisor));
    } finally {
      ingress.disconnect();
      this.#parts.end();
    }
  }
}

async function startSuccessor(supervisor: Supervisor, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Successor> {
  const { options } = supervisor;
  const { logDir, folder } = options.places;
  const log = await openLog(logDir, 'supervisor');
  try {
    const { pid, exit } = await background({
      argv,
      cwd: folder,
      env: { ...env, [predecessorVariable]: String(process.pid) },
      stdio: ['ignore', log, log, options.publicSocket ?? 3],
    });
    return await successorOf(pid, exit);
  } finally {
    closeSync(log);
  }
}

async function successorOf(pid: number, exit: Promise<{ readonly code: number | null }>): Promise<Successor> {
  let exited = false;
  let report!: Successor['report'];
  const ready = new Promise<void>((resolve, reject) => {
    report = (problem) => (problem === undefined ? resolve() : reject(problem));
  });
  ready.catch(() => undefined);
  const code = exit.then((ended) => {
    exited = true;
    return ended.code;
  });
  return { pid, identity: await identify(pid), ready, exit: async () => code, report, hasExited: () => exited };
}

async function untilReady(supervisor: Supervisor, successor: Successor): Promise<void> {
  const done = new AbortController();
  const late = sleep(supervisor.clock, readyMs, done.signal).then(() => `was not ready within ${readyMs / 1000} s`);
  const ended = successor.exit().then((code) => `ended with exit code ${code ?? 'unknown'}`);
  late.catch(() => undefined);
  try {
    const problem = await Promise.race([successor.ready.then(() => undefined), late, ended]);
    if (problem !== undefined) throw notUp(problem, await supervisorLines(supervisor));
  } finally {
    done.abort(new Error('no longer waited for'));
  }
}

/** Afterwards nothing is started, stopped, probed or written here any more. */
async function leaveEverything(supervisor: Supervisor): Promise<void> {
  const { fleet, ingress, resources, rotation, runtime, desired, recovery, autoscaler, disturber } = supervisor;
  supervisor.ending = new GantryError('GL1033', 'the supervisor is being replaced by another version of itself');
  recovery.stop();
  autoscaler.stop();
  await disturber.end();
  await fleet.leave();
  await ingress.leave();
  await resources.leave();
  rotation.stop();
  await Promise.all([runtime.seal(), desired.seal()]);
}

/** It answers for what runs: it has read what should be, and found what is. */
async function untilAnswering({ clock, options }: Supervisor, successor: Successor): Promise<void> {
  for (const deadline = clock.now() + answerMs; clock.now() < deadline && !successor.hasExited(); await sleep(clock, pollMs)) {
    const channel = await openChannel(options.places.supervisorSocket, protocolVersion).catch(() => undefined);
    if (channel === undefined) continue;
    try {
      const { pid } = (await channel.call({ op: 'hello', params: {} }, { timeoutMs: answerMs })) as Operations['hello']['result'];
      if (pid !== successor.pid) continue;
      await channel.call({ op: 'status', params: {} }, { timeoutMs: answerMs });
      return;
    } finally {
      channel.close();
    }
  }
  throw new GantryError('GL1034', successor.hasExited() ? 'it ended before it answered' : `it did not answer within ${answerMs / 1000} s`);
}

async function end({ identity, exit }: Successor): Promise<void> {
  if (identity !== undefined && (await signalGroup(identity, 'SIGKILL'))) await exit();
}

async function supervisorLines({ options }: Supervisor): Promise<readonly string[]> {
  return lastLines(options.places.logDir, 'supervisor', shownLines);
}

function notUp(problem: string, lines: readonly string[]): GantryError {
  return new GantryError('GL1034', `the new supervisor ${problem}`, { lines, state: 'the app runs as before' });
}

function failed(error: unknown, lines: readonly string[]): GantryError {
  return new GantryError('GL1034', `the new supervisor did not take over: ${(error as Error).message}`, {
    lines,
    state: 'the app serves as before; a supervisor like the one before takes over',
    cause: error,
  });
}

/**
 * The side of the successor: it looks whether it understands what the predecessor has written, and then asks for the socket. Resolves when the
 * socket is free, or when there is no predecessor any more. Gives the exit code when this one cannot take over.
 */
export async function takeOver(socketPath: string, check: () => Promise<void>): Promise<number | undefined> {
  const problem = await check().then(
    () => undefined,
    (error: unknown) => (error instanceof GantryError ? error : new GantryError('GL1034', (error as Error).message, { cause: error })),
  );
  const channel = await openChannel(socketPath, protocolVersion).catch(() => undefined);
  const params = { pid: process.pid, ...(problem === undefined ? {} : { problem: problem.toJSON() }) };
  await channel?.call({ op: 'relieve', params }).catch(() => undefined);
  channel?.close();
  return problem === undefined ? undefined : supervisorExit.unfit;
}

/** Whoever looks for the supervisor does not have to wait for this one any more. */
export async function takenOver(handoverFile: string): Promise<void> {
  await rm(handoverFile, { force: true }).catch(() => undefined);
}
