/** Redis or Valkey as a resource of the local platform. */
import { constants, existsSync } from 'node:fs';
import { open, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run, type Environment } from '../../../exec/exec.ts';
import { asDiskError, temporaryName, writeSynced } from '../../../exec/files.ts';
import { isAlive, type Identity } from '../../../exec/identity.ts';
import { processesIn } from '../../../exec/processes.ts';
import { Secret } from '../../../exec/secret.ts';
import { findProgram } from '../../../exec/tool.ts';
import { GantryError } from '../../../errors.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { ResourceContext, ResourceDriver, ResourceRecord, RunningResource } from '../supervisor/resources.ts';
import { externalServer } from './external.ts';
import { ping, type RedisAnswer } from './redis-protocol.ts';
import {
  checkOwner,
  endOrphans,
  ensureDataHome,
  freePort,
  launch,
  loopback,
  makeDataFolder,
  noteFile,
  otherVersion,
  pauseBefore,
  readNote,
  serverUser,
  terminate,
  type DataNote,
  type Launched,
  type ServerUser,
} from './server.ts';

const programNames = ['valkey-server', 'redis-server'];
/** One file has several names; distributions choose freely which one is the file and which are links. */
export const fileNames = [...programNames, 'valkey-check-rdb', 'redis-check-rdb', 'valkey-check-aof', 'redis-check-aof'];
const startTimeoutMs = 60_000;
const adoptTimeoutMs = 5000;
const checkTimeoutMs = 2000;
/** SIGTERM saves and ends. */
const stopSteps = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 5000],
] as const;

export const redisDriver: ResourceDriver = {
  type: 'redis',

  async start(spec, context) {
    if (context.external !== undefined) return startExternal(spec, context);
    const program = await requireRedis(spec.version, context.env);
    const user = await serverUser();
    const folder = join(context.places.dataDir, spec.name);
    await ensureDataHome(context.places.dataDir, user);
    await openData(folder, spec, user);
    return boot(spec, folder, program, user, context);
  },

  async adopt(spec, record, context) {
    if (context.external !== undefined) return record.identity === undefined ? startExternal(spec, context) : undefined;
    if (record.identity === undefined || record.details?.['version'] !== spec.version || !(await isAlive(record.identity)))
      return undefined;
    const { identity } = record;
    const answer = await untilReady(record.port, context, adoptTimeoutMs, async () => !(await isAlive(identity)));
    if (answer.kind === 'ready') return running(record, String(record.details['program']), context);
    await terminate(record.identity, stopSteps);
    return undefined;
  },

  async stop({ record }) {
    const folder = record.details?.['folder'];
    if (record.identity === undefined || typeof folder !== 'string') return;
    await terminate(record.identity, stopSteps);
    await endOrphans(folder, fileNames);
  },

  async check({ record, outputs }) {
    const password = outputs['password'];
    const answer = await ping(
      String(outputs['host']),
      record.port,
      password instanceof Secret && password.reveal() !== '' ? password : undefined,
      checkTimeoutMs,
    );
    return answer.kind === 'ready';
  },
};

async function startExternal(spec: ResourceSpec, context: ResourceContext): Promise<RunningResource> {
  const { host, port, resource } = externalServer(spec, context.external);
  const answer = await ping(host, port, undefined, checkTimeoutMs * 2);
  if (answer.kind !== 'silent') return resource;
  throw new GantryError('GL3004', `no Redis server answers at ${resource.connection} (resource ${spec.name})`, {
    where: resource.connection,
  });
}

export interface RedisProgram {
  readonly path: string;
  /** `7.0.15` */
  readonly version: string;
}

/** @throws GantryError GL3001 when PATH has neither, or another major version */
export async function requireRedis(major: number, env: Environment): Promise<RedisProgram> {
  const found = await findRedis(env);
  const match = found.find(({ version }) => Number.parseInt(version, 10) === major);
  if (match !== undefined) return match;
  const have = found.map(({ path, version }) => `${version} (${path})`).join(', ');
  const versions = [...new Set(found.map(({ version }) => Number.parseInt(version, 10)))];
  const change =
    versions.length === 0 ? '' : `Set \`version: ${versions.join('` or `version: ')}\` in gantry.yaml, or install version ${major}, or `;
  const install = 'Install it (Debian: `apt-get install redis-server`, macOS: `brew install valkey`), or ';
  throw new GantryError(
    'GL3001',
    `Redis ${major} is not here; this machine has ${have === '' ? 'neither valkey-server nor redis-server on PATH' : have}`,
    {
      fix: `${change || install}point \`external\` at a running server.`,
    },
  );
}

/** Every Valkey and Redis on PATH. */
export async function findRedis(env: Environment): Promise<readonly RedisProgram[]> {
  const paths = await Promise.all(programNames.map(async (name) => findProgram(name, env['PATH'] ?? '')));
  const present = paths.filter((path) => path !== undefined);
  const programs = await Promise.all(present.map(async (path) => versionOf(path, env)));
  return programs.filter((program) => program !== undefined);
}

async function versionOf(path: string, env: Environment): Promise<RedisProgram | undefined> {
  const { stdout } = await run({ argv: [path, '--version'], cwd: '/', env, timeoutMs: 10_000, accept: () => true });
  const version = /\bv=(\d+(?:\.\d+)*)/.exec(stdout)?.[1];
  return version === undefined ? undefined : { path, version };
}

async function openData(folder: string, spec: ResourceSpec, user: ServerUser): Promise<void> {
  try {
    if (!existsSync(folder)) await makeDataFolder(folder, user);
    await checkOwner(folder, user);
    const note = await readNote(folder);
    if (note !== undefined && note.version !== spec.version) throw otherVersion(folder, 'redis', String(note.version), spec.version);
    if (note !== undefined) return;
    const names = (await readdir(folder)).filter((name) => !name.endsWith('.tmp'));
    if (names.length > 0)
      throw new GantryError('GL3005', `${folder} holds something that Gantry did not put there`, {
        where: folder,
        fix: `Look at what is in ${folder} and move it away.`,
      });
    await writeFile(noteFile(folder), `${JSON.stringify({ type: 'redis', version: spec.version } satisfies DataNote)}\n`);
  } catch (error) {
    throw await asDiskError(error, folder);
  }
}

async function boot(
  spec: ResourceSpec,
  folder: string,
  program: RedisProgram,
  user: ServerUser,
  context: ResourceContext,
): Promise<RunningResource> {
  const left = await processesIn(folder, fileNames);
  if (left.length > 0) context.report('ending a server that nobody watches any more');
  await Promise.all(left.map(async (identity) => terminate(identity, stopSteps)));
  const port = await freePort(context.port);
  const server = await launchWith(configuration(folder, port, context.password), folder, program, user, context);
  try {
    const answer = await untilReady(port, context, startTimeoutMs, server.hasEnded);
    if (answer.kind === 'ready') return running(recordOf(spec, folder, program, server.identity, port), program.version, context);
    await terminate(server.identity, stopSteps);
    throw await startError(spec, folder, answer, server);
  } catch (error) {
    await terminate(server.identity, stopSteps);
    throw error;
  }
}

/** The configuration goes through a file that loses its name before the server starts: the password is in no argument and stays on no disk. */
async function launchWith(
  text: string,
  folder: string,
  program: RedisProgram,
  user: ServerUser,
  context: ResourceContext,
): Promise<Launched> {
  const file = join(context.places.stateDir, basename(temporaryName(folder)));
  await writeSynced(file, text, 0o600);
  const handle = await open(file, constants.O_RDONLY);
  try {
    await rm(file);
    return await launch({ argv: [program.path, '-'], cwd: folder, user, input: handle }, context);
  } finally {
    await handle.close();
  }
}

/** Appends every write to a file and puts it on the disk once a second; 127.0.0.1 only. */
export function configuration(folder: string, port: number, password: Secret): string {
  const lines = [
    `bind ${loopback}`,
    `port ${port}`,
    'protected-mode yes',
    'daemonize no',
    'logfile ""',
    `dir "${folder.replaceAll(/["\\]/g, String.raw`\$&`)}"`,
    'appendonly yes',
    'appendfsync everysec',
    `requirepass ${password.reveal()}`,
  ];
  return `${lines.join('\n')}\n`;
}

async function startError(spec: ResourceSpec, folder: string, answer: RedisAnswer, server: Launched): Promise<GantryError> {
  const why = answer.kind === 'refused' ? answer.message : answer.kind === 'silent' ? answer.reason : '';
  return new GantryError('GL3003', `Redis (resource ${spec.name}) did not start: ${why}`, {
    where: folder,
    lines: await server.lastLines(),
  });
}

async function untilReady(port: number, context: ResourceContext, timeoutMs: number, isGone: () => Promise<boolean>): Promise<RedisAnswer> {
  const deadline = performance.now() + timeoutMs;
  for (let asked = 1; ; asked++) {
    context.signal.throwIfAborted();
    const answer = await ping(loopback, port, context.password, checkTimeoutMs);
    if (answer.kind === 'ready') return answer;
    if (await isGone()) return { kind: 'silent', reason: 'it ended' };
    if (performance.now() > deadline) return answer;
    await delay(pauseBefore(asked));
  }
}

function recordOf(spec: ResourceSpec, folder: string, program: RedisProgram, identity: Identity, port: number): ResourceRecord {
  return { name: spec.name, type: 'redis', identity, port, details: { folder, version: spec.version, program: program.version } };
}

function running(record: ResourceRecord, version: string, context: ResourceContext): RunningResource {
  const address = `${loopback}:${record.port}`;
  return {
    record,
    version,
    connection: `redis://${address}`,
    outputs: {
      host: loopback,
      port: record.port,
      password: context.password,
      url: new Secret(`redis://:${encodeURIComponent(context.password.reveal())}@${address}`),
    },
  };
}
