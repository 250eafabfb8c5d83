/** From a supervisor that died to the next one. */
import type { Client } from '../platforms/local/client.ts';
import type { Places } from '../platforms/local/places.ts';
import type { Io } from './io.ts';
import { findSupervisor, ranWithout, startSupervisor, type SupervisorNames } from './local.ts';

const patienceMs = 30_000;
/** The ingress starts a supervisor that died again well within this time. */
const ingressTurnMs = 2000;
const retryMs = 100;

/**
 * A supervisor that died is started again by the ingress, or by this process when the ingress died with it. One that ended in order leaves
 * no record of anything that runs: then undefined, after `doubtMs`, in which a record may still come.
 * @throws GantryError when it cannot be started
 */
export async function nextSupervisor(
  io: Io,
  places: Places,
  names: SupervisorNames,
  port: number | undefined,
  doubtMs = 0,
): Promise<Client | undefined> {
  const began = performance.now();
  while (!io.signal.aborted) {
    const client = await findSupervisor(places).catch(() => undefined);
    if (client !== undefined) return client;
    const waited = performance.now() - began;
    const ran = await ranWithout(places);
    if (!ran && waited >= doubtMs) return undefined;
    if (ran && waited > ingressTurnMs) {
      const started = await startSupervisor(places, names, port, io).catch(unlessLate(waited));
      if (started !== undefined) return started;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return undefined;
}

function unlessLate(waitedMs: number): (error: unknown) => undefined {
  return (error) => {
    if (waitedMs > patienceMs) throw error;
  };
}
