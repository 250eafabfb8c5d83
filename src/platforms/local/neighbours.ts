/** Other apps that run on this machine: found by the command lines of their supervisors. Linux only; elsewhere nobody is seen. */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { startsNode } from '../../stack/programs.ts';
import type { NeighbourApp } from '../platform.ts';
import { placesOf } from './places.ts';
import type { Desired } from './protocol.ts';
import { loadState } from './supervisor/state-file.ts';

const program = 'supervisor.cjs';

/** @param own folder of the app that asks, real path */
export async function neighbours(own: string): Promise<readonly NeighbourApp[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(async (pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const others = lines.map((line) => line.split('\0')).filter(([, script = '', folder]) => basename(script) === program && folder !== own);
  const found = await Promise.all(others.map(async (words) => neighbour(words)));
  return found.filter((one) => one !== undefined);
}

/** `node supervisor.cjs FOLDER APP ENVIRONMENT URL` */
async function neighbour([, , folder = '', app = '', environment = '', url = '']: readonly string[]): Promise<NeighbourApp | undefined> {
  try {
    const fixed = await fixedPorts(folder);
    return { app, environment, folder, ports: [Number(new URL(url).port), ...fixed] };
  } catch {
    return undefined;
  }
}

/** Programs that cannot take another port hold the one that they are written for. */
async function fixedPorts(folder: string): Promise<readonly number[]> {
  const loaded = await loadState<Desired>(placesOf(folder).desiredFile);
  const services = [loaded?.value.live, loaded?.value.next].flatMap((set) => set?.services ?? []);
  return services.flatMap(({ port, fixedPort, run }) => (fixedPort && port !== undefined && !startsNode(run) ? [port] : []));
}
