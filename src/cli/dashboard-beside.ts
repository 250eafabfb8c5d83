/** The dashboard of an app that this terminal runs: it must never harm what it shows. */
import type { Client } from '../platforms/local/client.ts';
import type { Dashboard } from './dashboard.ts';
import type { Io } from './io.ts';
import { printable } from './print/error.ts';
import { say } from './print/text.ts';

const lastPort = 65_535;

/** On a port near the app's. Undefined, with a line that says why, when it cannot be started. */
export async function dashboardBeside(io: Io, folder: string, client: Client): Promise<Dashboard | undefined> {
  try {
    const { url } = await client.request('hello', {});
    const { openDashboard } = await import('./dashboard.ts');
    const port = Number(new URL(url).port);
    return await openDashboard(io, folder, port < lastPort ? port + 1 : 0);
  } catch (error) {
    say(io, `  The dashboard could not be started: ${printable((error as Error).message).split('\n')[0] ?? ''}`);
    return undefined;
  }
}
