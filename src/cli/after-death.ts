/** What became of an operation whose supervisor died in the middle: the next one finishes it or takes it back. */
import { GantryError, isGantryError } from '../errors.ts';
import type { Client } from '../platforms/local/client.ts';
import { placesOf, type Places } from '../platforms/local/places.ts';
import type { OperateResult, StepEvent } from '../platforms/local/protocol.ts';
import { readEvents } from '../release/journal.ts';
import { replay } from '../release/machine.ts';
import type { ReleaseRecord } from '../release/history.ts';
import type { OperationRequest } from '../release/request.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { meterOf, readPast, type Past } from './past.ts';
import { say } from './print/text.ts';
import { nextSupervisor } from './reconnect.ts';

export interface Begun {
  /** Monotonic, ms. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly who: string;
  /** Where the app answers. */
  readonly port: number | undefined;
  onEvent(event: StepEvent): void;
}

const lookMs = 200;
/** How long nobody may be at work on what is left, before it is said that nobody is. */
const idleMs = 10_000;
/** Before anything that runs is recorded, an end looks like one in order. */
const doubtMs = 3000;

/** @throws GantryError GR1004 with what serves, unless the operation has reached its end after all */
export async function afterDeath(io: Io, opened: OpenEnvironment, request: OperationRequest, begun: Begun): Promise<OperateResult> {
  say(io, '  the supervisor ended in the middle; the next one finishes or takes back what it left');
  const places = placesOf(opened.project.folder);
  for (;;) {
    await settled(io, opened, places, begun);
    const client = await supervisorAgain(io, opened, places, begun.port);
    try {
      const { url } = await client.request('hello', {});
      return await resultOf(opened, request, begun, url, client);
    } catch (error) {
      unlessLost(error);
    } finally {
      client.close();
    }
  }
}

/** A supervisor that dies again is followed by yet another one. */
function unlessLost(error: unknown): undefined {
  if (!isGantryError(error) || error.code !== 'GL1010') throw error;
}

async function supervisorAgain(io: Io, opened: OpenEnvironment, places: Places, port: number | undefined): Promise<Client> {
  const { app, env } = opened;
  const client = await nextSupervisor(io, places, { app: app.name, environment: env.name }, port, doubtMs);
  if (client !== undefined) return client;
  io.signal.throwIfAborted();
  throw new GantryError('GR1004', 'the app was stopped in the middle', { where: env.name, state: 'nothing of this app serves requests' });
}

/** Ends when the journal says that nothing is half-way any more; shows how that comes about. */
async function settled(io: Io, opened: OpenEnvironment, places: Places, { port, onEvent }: Begun): Promise<void> {
  const { store } = await readPast(opened);
  let lastSeen = performance.now();
  while (replay(await readEvents(store)).phase !== 'idle') {
    io.signal.throwIfAborted();
    const seen = await watched(io, await supervisorAgain(io, opened, places, port), onEvent).catch(unlessLost);
    if (seen?.stuck !== undefined) throw unsettled(opened, seen.stuck);
    if (seen === undefined || seen.working) lastSeen = performance.now();
    if (performance.now() - lastSeen > idleMs) throw unsettled(opened, 'nobody is at work on what it left');
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

interface Seen {
  readonly working: boolean;
  /** Why the recovery does not get anywhere. */
  readonly stuck: string | undefined;
}

async function watched(io: Io, client: Client, onEvent: Begun['onEvent']): Promise<Seen> {
  try {
    let heard = false;
    const listen: Begun['onEvent'] = (event) => {
      heard = true;
      onEvent(event);
    };
    await client.request('attach', {}, { onEvent: listen, signal: io.signal }).catch(onlyLost);
    const { operation, problems = [] } = await client.request('status', {});
    return { working: operation !== null || heard, stuck: problems.find(({ subject }) => subject === 'recovery')?.message };
  } finally {
    client.close();
  }
}

/** How the recovery ended is read from the journal. */
function onlyLost(error: unknown): void {
  if (isGantryError(error) && error.code === 'GL1010') throw error;
}

function unsettled({ env, project }: OpenEnvironment, why: string): GantryError {
  return new GantryError('GR1004', `the supervisor ended in the middle, and ${why}`, {
    where: env.name,
    lines: [`more is in ${placesOf(project.folder).logDir}/supervisor.log`],
    fix: `Look at \`gantry status ${env.name}\`; the next command that changes something finishes it or takes it back first.`,
  });
}

async function resultOf(
  opened: OpenEnvironment,
  request: OperationRequest,
  begun: Begun,
  url: string,
  client: Client,
): Promise<OperateResult> {
  const past = await readPast(opened);
  const durationMs = Math.round(performance.now() - begun.at);
  const result = { release: past.state.live, number: past.live?.number ?? 0, url, changed: true, durationMs };
  const own = ownRecord(past, request, begun);
  if (own?.outcome === 'promoted') return { ...result, ...measured(own) };
  if (own?.outcome === 'unchanged') return { ...result, changed: false };
  if (request.operation === 'destroy' && past.events.at(-1)?.type === 'destroyed') return result;
  if (request.operation === 'scale' && (await hasCount(client, request.service, request.count))) return result;
  throw new GantryError('GR1004', 'the supervisor ended before the operation did', {
    where: opened.env.name,
    state: past.state.live === null ? 'nothing of this app serves requests' : `release ${past.state.live} serves everything`,
    fix: `Do the same again; \`gantry status ${opened.env.name}\` shows what runs.`,
  });
}

/** Begun by another process of this machine, so by the same clock; one that was begun before is not ours, however little before. */
function ownRecord({ records }: Past, { operation }: OperationRequest, { since, who }: Begun): ReleaseRecord | undefined {
  const last = records.at(-1);
  const isOwn = last?.operation === operation && last.who === who && Date.parse(last.begun) >= since;
  return isOwn ? last : undefined;
}

function measured(record: ReleaseRecord): Pick<OperateResult, 'meter'> {
  const meter = meterOf(record);
  return meter === null ? {} : { meter };
}

async function hasCount(client: Client, name: string, count: number | 'auto'): Promise<boolean> {
  const { services } = await client.request('status', {});
  const service = services.find((one) => one.name === name);
  return count === 'auto' ? service?.pinned === false : service?.pinned === true && service.desired === count;
}
