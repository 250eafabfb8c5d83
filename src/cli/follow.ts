/** The foreground: tells what happens until Ctrl-C stops the app, or until somebody else does. */
import type { Client } from '../platforms/local/client.ts';
import type { Places } from '../platforms/local/places.ts';
import type { SupervisorEvent } from '../platforms/local/protocol.ts';
import type { Io } from './io.ts';
import { endSupervisor, findSupervisor } from './local.ts';
import { printable } from './print/error.ts';
import { paint } from './print/paint.ts';
import { progressPrinter } from './print/progress.ts';
import { say } from './print/text.ts';

const patienceMs = 10_000;
const retryMs = 100;

/** Gives the exit code. */
export async function follow(io: Io, places: Places, first: Client): Promise<number> {
  let client: Client | undefined = first;
  while (client !== undefined && !io.signal.aborted) {
    await client.request('events', {}, { onEvent: (event) => tell(io, event), signal: io.signal }).catch(() => {});
    if (io.signal.aborted) break;
    client = await again(io, places);
  }
  if (io.signal.aborted) await stopApp(io, places);
  else say(io, 'The app was stopped.');
  return 0;
}

function tell(io: Io, event: SupervisorEvent): void {
  if (event.level === 'info' && !io.flags.verbose) return;
  const { red, yellow, dim } = paint(io);
  const colour = event.level === 'error' ? red : event.level === 'warn' ? yellow : dim;
  say(io, `${dim(event.at.slice(11, 19))}  ${colour(`${event.subject}  ${printable(event.message)}`)}`);
}

/** A supervisor that died is started again by the ingress; then the app goes on and so does this terminal. */
async function again(io: Io, places: Places): Promise<Client | undefined> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline && !io.signal.aborted) {
    const client = await findSupervisor(places).catch(() => undefined);
    if (client !== undefined) return client;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return undefined;
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
