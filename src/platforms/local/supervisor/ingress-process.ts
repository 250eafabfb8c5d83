/** Ingress processes of one app folder: starting one, finding those that an earlier supervisor left, ending them. */
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { background } from '../../../exec/exec.ts';
import { identify, isAlive, type Identity } from '../../../exec/identity.ts';
import type { IngressStart } from '../ingress/start.ts';
import { logFile } from '../log-files.ts';
import type { Places } from '../places.ts';
import { sleep, type Clock } from './clock.ts';
import type { IngressLink } from './ingress-link.ts';
import { openLog } from './launcher.ts';
import { listProcesses, signalGroup } from './processes.ts';

export interface IngressProgram {
  readonly places: Places;
  readonly argv: readonly string[];
  /** What starts this supervisor, for an ingress that finds it dead. */
  readonly supervisor: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly publicSocket: number;
}

export interface StartedIngress {
  readonly identity: Identity | undefined;
  readonly pid: number;
  isGone(): Promise<boolean>;
}

const variable = 'GANTRY_INGRESS';
const pollMs = 25;
const startMs = 5000;

/** Where a successor can be spoken to until it takes the predecessor's place. */
export function successorSocket({ socketDir }: Places): string {
  return join(socketDir, 'next.sock');
}

/** @throws GantryError GX1001 when it cannot be started */
export async function startIngress(program: IngressProgram, controlSocket: string): Promise<StartedIngress> {
  const { places, argv, env, publicSocket } = program;
  const log = await openLog(places.logDir, 'ingress');
  try {
    const { pid, exit } = await background({
      argv,
      cwd: places.folder,
      env: { ...env, [variable]: JSON.stringify(startOptions(program, controlSocket)) },
      stdio: ['ignore', log, log, publicSocket],
    });
    let exited = false;
    void exit.then(() => (exited = true));
    return { pid, identity: await identify(pid), isGone: async () => exited };
  } finally {
    closeSync(log);
  }
}

/**
 * Started by the present one, the successor inherits every socket on which that listens.
 * @throws GantryError GL2005 when it does not know how; what else it says; GL1010, GL1011 when it does not answer
 */
export async function succeedIngress(present: IngressLink, program: IngressProgram, controlSocket: string): Promise<StartedIngress> {
  const { places, argv, env } = program;
  const start = startOptions(program, controlSocket);
  const log = logFile(places.logDir, 'ingress');
  const answer = await present.call({ op: 'succeed', argv, cwd: places.folder, env, start, logFile: log }, startMs);
  const { pid } = answer as { readonly pid: number };
  const identity = await identify(pid);
  return { pid, identity, isGone: async () => identity === undefined || !(await isAlive(identity)) };
}

function startOptions({ places, supervisor, env }: IngressProgram, controlSocket: string): IngressStart {
  return {
    controlSocket,
    tableFile: places.tableFile,
    accessLog: logFile(places.logDir, 'access'),
    supervisor: {
      socketPath: places.supervisorSocket,
      argv: supervisor,
      cwd: places.folder,
      env,
      logFile: logFile(places.logDir, 'supervisor'),
    },
  };
}

/**
 * Ingress processes of this folder that run, by what they were started with; where the system does not say that, those among `recorded`
 * that are alive.
 */
export async function findIngresses({ tableFile }: Places, recorded: readonly Identity[]): Promise<Identity[]> {
  const found = new Map<number, Identity>();
  for (const identity of recorded) if (await isAlive(identity)) found.set(identity.pid, identity);
  if (process.platform !== 'linux') return [...found.values()];
  const mark = `"tableFile":${JSON.stringify(tableFile)}`;
  for (const { pid } of await listProcesses()) {
    if (found.has(pid) || pid === process.pid || !startedWith(pid, mark)) continue;
    const identity = await identify(pid);
    if (identity !== undefined) found.set(pid, identity);
  }
  return [...found.values()];
}

function startedWith(pid: number, mark: string): boolean {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
    const at = environment.indexOf(`\0${variable}=`);
    return at >= 0 && environment.slice(at + 1, environment.indexOf('\0', at + 1)).includes(mark);
  } catch {
    return false;
  }
}

/** Lets them finish what they have, and kills what is left after `ms`. */
export async function dismiss(identities: readonly Identity[], ms: number, clock: Clock): Promise<void> {
  for (const identity of identities) await signalGroup(identity, 'SIGTERM');
  await Promise.all(identities.map(async (identity) => outlive(identity, ms, clock)));
}

/** Resolves when it has ended; after `ms` it is killed. */
export async function outlive(identity: Identity, ms: number, clock: Clock): Promise<void> {
  for (const deadline = clock.now() + ms; await isAlive(identity); await sleep(clock, pollMs)) {
    if (clock.now() > deadline) await signalGroup(identity, 'SIGKILL');
  }
}
