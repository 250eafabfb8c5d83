/** Starts programs: the folder, the port, the environment and the log of a replica or a job. */
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../../errors.ts';
import { background, type Environment } from '../../../exec/exec.ts';
import { identify } from '../../../exec/identity.ts';
import type { ContentPlaceholder, SpecValue } from '../../../stack/process.ts';
import { logFile } from '../log-files.ts';
import { portHolder } from '../ports.ts';
import { addressAttribute, processEnvironment, serviceOf, type ValueSources } from './environment.ts';
import { freePort, isFree } from './free-port.ts';
import type { SupervisorOptions } from './options.ts';
import type { Launched, Replica } from './replica.ts';
import type { RuntimeFile } from './runtime.ts';

export interface LauncherParts {
  readonly options: SupervisorOptions;
  readonly runtime: RuntimeFile;
  /** `db.port` of a resource that runs or ran. */
  resource(name: string): string | undefined;
  /** Versions of secrets that a release uses. */
  versions(release: string): Readonly<Record<string, number>>;
  /** Ports that replicas of this app have. */
  takenPorts(): ReadonlySet<number>;
  /** Records the replica's port before there is a process, so that the process can be found whatever happens. */
  recorded(): Promise<void>;
}

export interface ServiceProcess {
  readonly release: string;
  /** Value of GANTRY_REPLICA. */
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, SpecValue>>;
  readonly versions: Readonly<Record<string, number>>;
}

export interface Launcher {
  launch(replica: Replica): Promise<Launched>;
  environment(process: ServiceProcess): Promise<Record<string, string>>;
  freePort(): Promise<number>;
}

export function launcher(parts: LauncherParts): Launcher {
  const { options } = parts;
  const environment = async ({ release, name, port, env, versions }: ServiceProcess): Promise<Record<string, string>> =>
    processEnvironment(env, { release, replica: name, port }, valueSources(parts, release, versions, port), options.env);
  return {
    environment,
    freePort: async () => freePort(parts.takenPorts()),
    launch: async (replica) => {
      const { service, release, id } = replica;
      const cwd = contentFolder(options.places.contentDir, service.content, service.name);
      const preload = await choosePort(replica, parts);
      await parts.recorded();
      const env = await environment({ release, name: id, port: replica.port, env: service.env, versions: parts.versions(release) });
      return startLogged(service.run, cwd, { ...env, ...preload }, options.places.logDir, id);
    },
  };
}

/** Gives the replica a port, and the variables that make a program with a fixed port take it. */
async function choosePort(replica: Replica, parts: LauncherParts): Promise<Environment> {
  const { service } = replica;
  const declared = service.fixedPort ? service.port : undefined;
  if (declared === undefined) {
    replica.port = await freePort(parts.takenPorts());
    return {};
  }
  const port = await freePort(parts.takenPorts());
  const preload = parts.options.preload?.(service, port);
  replica.port = preload === undefined ? declared : port;
  if (preload === undefined && !(await isFree(declared))) throw await portInUse(declared, service.name);
  return preload ?? {};
}

async function portInUse(port: number, service: string): Promise<GantryError> {
  const holder = await portHolder(port);
  const who = holder === undefined ? 'another program' : `pid ${holder.pid} (${holder.command})`;
  return new GantryError('GL1023', `${service}: its fixed port ${port} is in use by ${who}`, { where: `services.${service}.port` });
}

/** @throws GantryError GL1024 when the release folder is gone */
export function contentFolder(contentDir: string, content: string | ContentPlaceholder, service: string): string {
  const folder = typeof content === 'string' ? join(contentDir, content) : undefined;
  if (folder !== undefined && existsSync(folder)) return folder;
  throw new GantryError('GL1024', `the content of ${service} is missing`, { where: folder ?? `services.${service}` });
}

async function startLogged(argv: readonly string[], cwd: string, env: Environment, logDir: string, source: string): Promise<Launched> {
  const log = await openLog(logDir, source);
  try {
    const { pid, exit } = await background({ argv, cwd, env, stdio: ['ignore', log, log] });
    const identity = (await identify(pid)) ?? { pid, startTime: 'ended', bootId: '' };
    return { identity, exit };
  } finally {
    closeSync(log);
  }
}

/** For appending. A log folder that cannot be written to must not keep the app from running: then output goes nowhere. */
export async function openLog(logDir: string, source: string): Promise<number> {
  await mkdir(logDir, { mode: 0o700 }).catch(() => undefined);
  try {
    return openSync(logFile(logDir, source), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch {
    return openSync('/dev/null', constants.O_WRONLY);
  }
}

function valueSources(parts: LauncherParts, release: string, versions: Readonly<Record<string, number>>, port: number): ValueSources {
  return {
    secret: async (name) => (await parts.options.secrets(name, versions[name]))?.reveal(),
    resource: parts.resource,
    service: async (name) => addressAttribute(name, await internalPort(parts, release, serviceOf(name))),
    replica: (name) => (name === 'port' ? String(port) : undefined),
  };
}

/** The port at which the ingress offers a service of one release to the others; allocated once. */
export async function internalPort(
  parts: Pick<LauncherParts, 'runtime' | 'takenPorts'>,
  release: string,
  service: string,
): Promise<number> {
  const known = findInternal(parts.runtime, release, service);
  if (known !== undefined) return known;
  const port = await freePort(parts.takenPorts());
  const again = findInternal(parts.runtime, release, service);
  if (again !== undefined) return again;
  await parts.runtime.update(({ internal }) => ({ internal: [...internal, { release, service, port }] }));
  return port;
}

function findInternal(runtime: RuntimeFile, release: string, service: string): number | undefined {
  return runtime.value.internal.find((one) => one.release === release && one.service === service)?.port;
}
