/** The supervisor as a process. */
import { fstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { GantryError, isGantryError } from '../../../errors.ts';
import { withhold } from '../../../exec/exec.ts';
import type { EventHub } from './event-hub.ts';
import { handlers } from './handlers.ts';
import { Handover, takenOver, takeOver } from './handover.ts';
import { systemClock } from './clock.ts';
import { watchHome } from './home.ts';
import { claimSocket } from './lock.ts';
import { supervisorExit, type SupervisorOptions } from './options.ts';
import { abandon } from './abandon.ts';
import { reception } from './server.ts';
import { loadState } from './state-file.ts';
import { openHub, openSupervisor, stopEverything, type Supervisor } from './supervisor.ts';

const publicSocket = 3;

/**
 * Looks after the app until it is told to stop. Resolves with the exit code of the process (`supervisorExit`).
 * @throws GantryError GL1016 (socket folder), GL1018 (no public socket)
 */
export async function supervisorMain(options: SupervisorOptions): Promise<number> {
  const descriptor = options.publicSocket ?? publicSocket;
  requireSocket(descriptor);
  withhold(descriptor);
  const hub = openHub();
  const opening = deferred<Supervisor>();
  const ending = endOnce(options, opening.promise, hub);
  let letGo = (): void => undefined;
  const handover = new Handover({ letGo: () => letGo(), end: ending.leave });
  const visitors = reception(handlers({ options, ready: opening.promise, stop: ending.stop, handover }));
  const unfit = options.predecessor === undefined ? undefined : await takeOver(options.places.supervisorSocket, async () => check(options));
  if (unfit !== undefined) return unfit;
  const server = await claim(options, visitors.accept, hub);
  if (server === undefined) return supervisorExit.another;
  letGo = () => void server.close();
  openSupervisor(options, hub).then(opening.resolve, opening.reject);
  opening.promise.catch((error: unknown) => hub.say('supervisor', 'supervisor', `cannot work: ${(error as Error).message}`, 'error'));
  const stop = (): void => void ending.stop(() => undefined);
  const release = onSignals(stop);
  const home = watchHome(options.places.stateDir, systemClock, () => {
    hub.say('supervisor', 'supervisor', `${options.places.stateDir} is gone; everything is stopped`, 'error');
    stop();
  });
  const way = await ending.ended;
  release();
  home.cancel();
  await Promise.all([visitors.closeAll(), new Promise((resolve) => server.close(resolve))]);
  if (way === 'stopped') await rm(options.places.ingressSocket, { force: true });
  return supervisorExit.stopped;
}

/** Undefined when another supervisor has the socket. */
async function claim({ places }: SupervisorOptions, accept: (socket: Socket) => void, hub: EventHub): Promise<Server | undefined> {
  try {
    return await claimSocket(places.supervisorSocket, accept);
  } catch (error) {
    if (!isGantryError(error) || error.code !== 'GL1015') throw error;
    hub.say('supervisor', 'supervisor', `${error.message}; this one ends`);
    return undefined;
  } finally {
    await takenOver(places.handoverFile);
  }
}

/** @throws GantryError GL1032, GL4014 when a newer version of Gantry has written what this one would have to go on with */
async function check({ places, recovery }: SupervisorOptions): Promise<void> {
  await loadState(places.desiredFile);
  await loadState(places.runtimeFile).catch(unlessNewer);
  await recovery?.isDue();
}

/** A damaged record of what runs costs restarts, no more. */
function unlessNewer(error: unknown): void {
  if (!isGantryError(error) || error.code === 'GL1032') throw error;
}

function requireSocket(descriptor: number): void {
  let isSocket = false;
  try {
    isSocket = fstatSync(descriptor).isSocket();
  } catch {
    // Not open.
  }
  if (!isSocket) throw new GantryError('GL1018', `file descriptor ${descriptor} is not a socket`);
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let settle!: Omit<Deferred<T>, 'promise'>;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}

interface Ending {
  stop(say: (step: string, message: string) => void): Promise<number>;
  /** Ends the process and lets everything run. */
  leave(): void;
  readonly ended: Promise<'stopped' | 'left'>;
}

/** Stops once, however often it is asked; `ended` comes after the answers to those who asked. */
function endOnce(options: SupervisorOptions, ready: Promise<Supervisor>, hub: EventHub): Ending {
  let stopping: Promise<number> | undefined;
  let end!: (way: 'stopped' | 'left') => void;
  const ended = new Promise<'stopped' | 'left'>((resolve) => (end = resolve));
  const stop: Ending['stop'] = async (say) => {
    stopping ??= ready.then(
      async (supervisor) => stopEverything(supervisor, say),
      async () => abandon(options, hub),
    );
    return stopping.finally(() => setImmediate(() => end('stopped')));
  };
  return { stop, leave: () => void setImmediate(() => end('left')), ended };
}

/** A terminal that closes is no reason to end. */
function onSignals(stop: () => void): () => void {
  const ignore = (): void => undefined;
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', ignore);
  return () => void process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', ignore);
}
