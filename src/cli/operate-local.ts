/** Operations of the local target: the supervisor carries them out, and this process asks and watches. */
import { GantryError, isGantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import { placesOf } from '../platforms/local/places.ts';
import type { OperateResult } from '../platforms/local/protocol.ts';
import type { OperationRequest } from '../release/request.ts';
import type { OpenEnvironment } from './environment.ts';
import { hasHungUp, type Io } from './io.ts';
import { leftBehind } from './left-behind.ts';
import { findSupervisor, whoAmI } from './local.ts';
import type { RunOptions } from './operate.ts';
import { say } from './print/text.ts';

const turnPauseMs = 100;

export async function bySupervisor(
  io: Io,
  opened: OpenEnvironment,
  request: OperationRequest,
  options: RunOptions,
): Promise<OperateResult> {
  const client = await required(opened);
  const begun = { at: performance.now(), since: Date.now(), who: whoAmI() };
  const port = client.request('hello', {}).then(({ url }) => Number(new URL(url).port), unknownPort);
  const ignore = listenForInterrupt(io, client, options.onInterrupt);
  try {
    io.signal.throwIfAborted();
    const { operation } = request;
    const asked = { operation, request, who: begun.who, path: io.env['PATH'] ?? '' };
    return await client.request('operate', asked, { onEvent: (event) => options.onEvent(event) });
  } catch (error) {
    const isEnded = hasHungUp(io) || (io.signal.aborted && options.onInterrupt === 'stop');
    if (isEnded || !isGantryError(error) || error.code !== 'GL1010') throw error;
    const { afterDeath } = await import('./after-death.ts');
    return await afterDeath(io, opened, request, { ...begun, port: await port, onEvent: (event) => options.onEvent(event) });
  } finally {
    ignore();
    client.close();
  }
}

async function required({ project }: OpenEnvironment): Promise<Client> {
  const client = await findSupervisor(placesOf(project.folder));
  if (client === undefined) throw new GantryError('GL1001', 'the app does not run', { where: project.folder });
  return client;
}

function unknownPort(): undefined {}

/**
 * A terminal that is gone takes nothing back: nobody has asked for that, and the supervisor needs no audience. The terminal that started
 * the app ends it.
 */
function listenForInterrupt(io: Io, client: Client, then: RunOptions['onInterrupt']): () => void {
  const onAbort = (): void => {
    if (hasHungUp(io) && then === 'interrupt') return client.close();
    if (then === 'interrupt') {
      leftBehind.text = 'The supervisor goes on with what it was asked to end; `gantry status local` shows what serves.';
      say(io, '  interrupted: waiting for a safe end; Ctrl-C again does not wait');
    }
    client.request(then, {}).catch(() => {});
  };
  io.signal.addEventListener('abort', onAbort, { once: true });
  return () => io.signal.removeEventListener('abort', onAbort);
}

export async function interruptSupervisor(opened: OpenEnvironment): Promise<boolean> {
  const client = await required(opened);
  try {
    return (await client.request('interrupt', { by: whoAmI() })).interrupted;
  } finally {
    client.close();
  }
}

/** The lock may also be held by somebody of whom the supervisor knows nothing: then it is tried again and again. */
export async function nextTurnOfSupervisor(io: Io, opened: OpenEnvironment): Promise<void> {
  const client = await required(opened);
  try {
    await client.request('attach', {}, { signal: io.signal }).catch(() => {});
  } finally {
    client.close();
  }
  io.signal.throwIfAborted();
  await new Promise((resolve) => setTimeout(resolve, turnPauseMs));
}
