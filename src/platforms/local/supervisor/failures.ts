/** Why a replica cannot become ready, as a message by which a person can mend it. */
import { catalogue, GantryError } from '../../../errors.ts';
import { lastLines } from './log-rotation.ts';
import { crashWindowMs } from './replica-machine.ts';
import type { Replica } from './replica.ts';

const shownLines = 50;

/** The replica that shows best what is wrong, if waiting for them is pointless. One that listens elsewhere explains those that crash beside it. */
export function hopeless(replicas: readonly Replica[]): Replica | undefined {
  const failed = replicas.filter((replica) => replica.state.failure !== null || listensOnDeclared(replica));
  if (failed.length === 0) return undefined;
  return (
    replicas.find(({ misplaced }) => misplaced !== undefined) ?? failed.find(({ startError }) => startError !== undefined) ?? failed[0]
  );
}

/** It ignores PORT for certain: it listens on the very port that the app file declares. */
function listensOnDeclared({ misplaced, service, port }: Replica): boolean {
  return misplaced !== undefined && service.port !== undefined && service.port !== port && misplaced.ports.includes(service.port);
}

/** GL1020 (ends again and again), GL1021 (not ready in time), GL1022 (listens elsewhere), or why it could not be started. */
export async function replicaError(replica: Replica, logDir: string): Promise<GantryError> {
  const { startError, misplaced, id, service, state } = replica;
  if (misplaced !== undefined) return misplacedError(replica, misplaced.ports, misplaced.words);
  if (startError !== undefined)
    return new GantryError(startError.code, `${id}: ${startError.message}`, {
      where: startError.where ?? `services.${service.name}`,
      fix: startError.fix,
      lines: startError.lines,
      cause: startError,
    });
  const lines = await lastLines(logDir, id, shownLines);
  const where = `services.${service.name}`;
  if (state.failure === 'startup') return new GantryError('GL1021', `${id} is ${state.detail}`, { where: `${where}.health`, lines });
  const message = `${id} ended ${state.crashes.length} times within ${crashWindowMs / 1000} s (${state.detail})`;
  return new GantryError('GL1020', message, { where, lines, ...portHint(lines, service.port) });
}

function misplacedError(replica: Replica, ports: readonly number[], words: string): GantryError {
  const { service, id } = replica;
  const number = ports.includes(service.port ?? 0) ? service.port : ports[0];
  const fix = `Let the program listen on the port that PORT says and the address that HOST says, or write in gantry.yaml under services.${service.name}: port: { number: ${number}, fixed: true }`;
  return new GantryError('GL1022', `${id}: ${words}`, {
    where: `services.${service.name}.port`,
    ...(ports.includes(replica.port) ? { fix: catalogue.GL1022.fix } : { fix }),
  });
}

/** A program that ignores PORT finds its port taken as soon as there are two of it. */
function portHint(lines: readonly string[], declared: number | undefined): { readonly fix?: string } {
  if (!lines.some((line) => /EADDRINUSE|address already in use/i.test(line))) return {};
  const number = declared ?? 3000;
  return {
    fix: `The port it wants is taken. Let the program listen on the port that PORT says, or, if it cannot, write in gantry.yaml: port: { number: ${number}, fixed: true }`,
  };
}
