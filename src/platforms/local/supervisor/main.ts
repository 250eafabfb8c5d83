/** The supervisor as a process. */
import { fstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { GantryError, isGantryError } from '../../../errors.ts';
import { withhold } from '../../../exec/exec.ts';
import type { EventHub } from './event-hub.ts';
import { handlers } from './handlers.ts';
import { claimSocket } from './lock.ts';
import { supervisorExit, type SupervisorOptions } from './options.ts';
import { abandon } from './abandon.ts';
import { serve } from './server.ts';
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
  const server = await claimSocket(options.places.supervisorSocket).catch((error: unknown) => {
    if (!isGantryError(error) || error.code !== 'GL1015') throw error;
    hub.say('supervisor', 'supervisor', `${error.message}; this one ends`);
    return undefined;
  });
  if (server === undefined) return supervisorExit.another;
  const ready = openSupervisor(options, hub);
  ready.catch((error: unknown) => hub.say('supervisor', 'supervisor', `cannot work: ${(error as Error).message}`, 'error'));
  const ending = endOnce(options, ready, hub);
  const closeConnections = serve(server, handlers({ options, ready, stop: ending.stop }));
  const release = onSignals(() => void ending.stop(() => undefined));
  await ending.ended;
  release();
  await Promise.all([
    closeConnections(),
    new Promise((resolve) => server.close(resolve)),
    rm(options.places.ingressSocket, { force: true }),
  ]);
  return supervisorExit.stopped;
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

interface Ending {
  stop(say: (step: string, message: string) => void): Promise<number>;
  readonly ended: Promise<void>;
}

/** Stops once, however often it is asked; `ended` comes after the answers to those who asked. */
function endOnce(options: SupervisorOptions, ready: Promise<Supervisor>, hub: EventHub): Ending {
  let stopping: Promise<number> | undefined;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const stop: Ending['stop'] = async (say) => {
    stopping ??= ready.then(
      async (supervisor) => stopEverything(supervisor, say),
      async () => abandon(options, hub),
    );
    return stopping.finally(() => setImmediate(end));
  };
  return { stop, ended };
}

/** A terminal that closes is no reason to end. */
function onSignals(stop: () => void): () => void {
  const ignore = (): void => undefined;
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', ignore);
  return () => void process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', ignore);
}
