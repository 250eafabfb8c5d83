/** An ingress starts its own successor: only so can the successor inherit every socket on which this one listens. */
import { closeSync, openSync } from 'node:fs';
import { background } from '../../../exec/exec.ts';
import type { IngressStart, InheritedSocket } from './start.ts';
import type { IngressRequest } from './table.ts';

/** The descriptor of the public entry, in every ingress. */
export const publicFd = 3;

export type Succession = Extract<IngressRequest, { readonly op: 'succeed' }>;

/** Resolves with its pid; it serves a moment later. @throws GantryError GX1001 when it cannot be started */
export async function startSuccessor(how: Succession, sockets: readonly InheritedSocket[]): Promise<number> {
  const { argv, cwd, env, logFile } = how;
  const inherited = sockets.map(({ port }, at) => ({ port, fd: publicFd + 1 + at }));
  const start: IngressStart = { ...how.start, inherited };
  const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600);
  const output = log ?? 'ignore';
  try {
    const { pid } = await background({
      argv,
      cwd,
      env: { ...env, GANTRY_INGRESS: JSON.stringify(start) },
      stdio: ['ignore', output, output, publicFd, ...sockets.map(({ fd }) => fd)],
    });
    return pid;
  } finally {
    if (log !== undefined) closeSync(log);
  }
}
