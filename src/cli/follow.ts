/** The foreground: tells what happens until Ctrl-C stops the app, or until somebody else does. */
import type { Client } from '../platforms/local/client.ts';
import type { Places } from '../platforms/local/places.ts';
import type { SupervisorEvent } from '../platforms/local/protocol.ts';
import type { Io } from './io.ts';
import { endSupervisor, findSupervisor, reviveSupervisor, type SupervisorNames } from './local.ts';
import { printable } from './print/error.ts';
import { paint } from './print/paint.ts';
import { progressPrinter } from './print/progress.ts';
import { say } from './print/text.ts';
import { nextSupervisor } from './reconnect.ts';

/** Tells nothing while `isMuted`. Gives the exit code. */
export async function follow(
  io: Io,
  places: Places,
  names: SupervisorNames,
  first: Client,
  isMuted = (): boolean => false,
): Promise<number> {
  let client: Client | undefined = first;
  const port = await publicPort(first);
  while (client !== undefined && !io.signal.aborted) {
    await client.request('events', {}, { onEvent: (event) => isMuted() || tell(io, event), signal: io.signal }).catch(() => {});
    if (io.signal.aborted) break;
    client = await nextSupervisor(io, places, names, port);
  }
  if (io.signal.aborted) return stopForGood(io, places, names);
  say(io, 'The app was stopped.');
  return 0;
}

async function publicPort(client: Client): Promise<number | undefined> {
  return client.request('hello', {}).then(
    ({ url }) => Number(new URL(url).port),
    () => undefined,
  );
}

async function stopForGood(io: Io, places: Places, names: SupervisorNames): Promise<number> {
  await reviveSupervisor(places, names, io);
  await stopApp(io, places);
  return 0;
}

function tell(io: Io, event: SupervisorEvent): void {
  if (event.level === 'info' && !io.flags.verbose) return;
  const { red, yellow, dim } = paint(io);
  const colour = event.level === 'error' ? red : event.level === 'warn' ? yellow : dim;
  say(io, `${dim(event.at.slice(11, 19))}  ${colour(`${event.subject}  ${printable(event.message)}`)}`);
}

/** Stops everything and waits until it is so. */
export async function stopApp(io: Io, places: Places): Promise<boolean> {
  const client = await findSupervisor(places);
  if (client === undefined) return false;
  const printer = progressPrinter(io);
  try {
    await endSupervisor(places, client, printer);
    return true;
  } finally {
    printer.end();
    say(io, 'Stopped. Your data stays in .gantry/');
  }
}
