/** PostgreSQL as a resource of the local platform. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDiskError } from '../../../exec/files.ts';
import { isAlive, type Identity } from '../../../exec/identity.ts';
import { processesIn } from '../../../exec/processes.ts';
import { Secret } from '../../../exec/secret.ts';
import { GantryError } from '../../../errors.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { ResourceContext, ResourceDriver, ResourceRecord, RunningResource } from '../supervisor/resources.ts';
import { externalServer } from './external.ts';
import { createCluster, findCluster, passwordSql, readPostmasterFile, serverArgs, singleUser, type Cluster } from './postgres-cluster.ts';
import { requirePostgres, type PostgresPrograms } from './postgres-programs.ts';
import { greet, signIn, speaksPostgres, type PostgresAnswer } from './postgres-protocol.ts';
import {
  checkOwner,
  endOrphans,
  ensureDataHome,
  freePort,
  launch,
  loopback,
  pauseBefore,
  serverUser,
  terminate,
  type ServerUser,
} from './server.ts';

/** Recovery after a crash reads the log since the last checkpoint, which may take a while. */
const startTimeoutMs = 120_000;
const adoptTimeoutMs = 5000;
const checkTimeoutMs = 2000;
const programNames = ['postgres'];
const wrongPassword = '28P01';
/** It works; the app has taken every connection. */
const tooManyConnections = '53300';
/** A fast shutdown ends open transactions and writes a checkpoint; an immediate one recovers at the next start. */
const stopSteps = [
  ['SIGINT', 60_000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 5000],
] as const;

export const postgresDriver: ResourceDriver = {
  type: 'postgres',

  async start(spec, context) {
    if (context.external !== undefined) return startExternal(spec, context);
    const user = await serverUser();
    await ensureDataHome(context.places.dataDir, user);
    return startOwn(spec, join(context.places.dataDir, spec.name), user, context);
  },

  async adopt(spec, record, context) {
    if (context.external !== undefined) return record.identity === undefined ? startExternal(spec, context) : undefined;
    const cluster = await findCluster(join(context.places.dataDir, spec.name), spec);
    if (cluster === undefined || record.identity === undefined || !(await isAlive(record.identity))) return undefined;
    const { identity } = record;
    const answer = await untilWelcome(cluster, record.port, context, adoptTimeoutMs, async () => !(await isAlive(identity)));
    if (answer.kind === 'welcome') return running(record, cluster, answer.version, context);
    if (answer.kind === 'refused' && answer.state === tooManyConnections) return running(record, cluster, String(spec.version), context);
    await terminate(record.identity, stopSteps);
    return undefined;
  },

  async stop({ record }) {
    const folder = record.details?.['folder'];
    if (record.identity === undefined || typeof folder !== 'string') return;
    await terminate(record.identity, stopSteps);
    await endOrphans(folder, programNames);
  },

  async check({ record, outputs }) {
    const host = String(outputs['host']);
    if (record.identity === undefined) return speaksPostgres({ host, port: record.port }, checkTimeoutMs);
    return (await greet({ host, port: record.port }, String(outputs['user']), checkTimeoutMs)).kind === 'asks';
  },
};

async function startExternal(spec: ResourceSpec, context: ResourceContext): Promise<RunningResource> {
  const server = externalServer(spec, context.external);
  if (await speaksPostgres(server, checkTimeoutMs * 2)) return server.resource;
  throw new GantryError('GL3004', `no PostgreSQL server answers at ${server.resource.connection} (resource ${spec.name})`, {
    where: server.resource.connection,
  });
}

async function startOwn(spec: ResourceSpec, folder: string, user: ServerUser, context: ResourceContext): Promise<RunningResource> {
  const found = await findCluster(folder, spec).catch(async (error: unknown) => Promise.reject(await asDiskError(error, folder)));
  const programs = await requirePostgres(spec.version, dirname(context.places.cacheDir), context.env, context.report);
  if (found === undefined) {
    context.report(`creating the data of PostgreSQL ${spec.version}`);
    return boot(spec, await createCluster(folder, spec, programs, user, context), programs, user, context);
  }
  await checkOwner(folder, user);
  return (await findRunning(spec, found, context)) ?? boot(spec, found, programs, user, context);
}

/** A server of an earlier supervisor whose record was lost. Afterwards nothing works on the data any more, or this has thrown. */
async function findRunning(spec: ResourceSpec, cluster: Cluster, context: ResourceContext): Promise<RunningResource | undefined> {
  const left = await readPostmasterFile(cluster.folder);
  if (left === undefined) return undefined;
  const owner = (await processesIn(cluster.folder, programNames)).find(({ pid }) => pid === left.pid);
  if (owner !== undefined) {
    const answer = await untilWelcome(cluster, left.port, context, adoptTimeoutMs, async () => !(await isAlive(owner)));
    if (answer.kind === 'welcome') return running(recordOf(spec, cluster, owner, left.port), cluster, answer.version, context);
    if (await isAlive(owner)) throw inUse(cluster.folder, left.pid);
  }
  context.report('recovering after a crash');
  await endOrphans(cluster.folder, programNames);
  if (process.platform === 'linux' && isTaken(left.pid)) await rm(join(cluster.folder, 'postmaster.pid'), { force: true });
  return undefined;
}

/** PostgreSQL refuses to start while its old pid is somebody's, be it a zombie that a lazy init has not collected yet. */
function isTaken(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function inUse(folder: string, pid: number): GantryError {
  return new GantryError('GL3006', `process ${pid} works on ${folder}`, {
    where: folder,
    fix: `Stop it with \`kill -INT ${pid}\`, then run \`gantry up\` again.`,
  });
}

async function boot(
  spec: ResourceSpec,
  cluster: Cluster,
  programs: PostgresPrograms,
  user: ServerUser,
  context: ResourceContext,
): Promise<RunningResource> {
  const attempt = async (): Promise<RunningResource | Failure> => bootOnce(spec, cluster, programs, user, context);
  let result = await attempt();
  if ('answer' in result && result.answer.kind === 'refused' && result.answer.state === wrongPassword) {
    context.report('setting the new password');
    await singleUser(cluster.folder, programs, user, context, await passwordSql(cluster.user, context.password));
    result = await attempt();
  }
  if (!('answer' in result)) return result;
  throw startError(spec, cluster, result);
}

interface Failure {
  readonly answer: PostgresAnswer;
  readonly lines: readonly string[];
}

/** Somebody may take the port between the look and the start; then another one is tried. */
const portAttempts = 3;

async function bootOnce(
  spec: ResourceSpec,
  cluster: Cluster,
  programs: PostgresPrograms,
  user: ServerUser,
  context: ResourceContext,
  left = portAttempts,
): Promise<RunningResource | Failure> {
  const port = await freePort(context.port);
  const server = await launch({ argv: serverArgs(programs, cluster.folder, port), cwd: cluster.folder, user }, context);
  try {
    const answer = await untilWelcome(cluster, port, context, startTimeoutMs, server.hasEnded);
    if (answer.kind === 'welcome') return running(recordOf(spec, cluster, server.identity, port), cluster, answer.version, context);
    await terminate(server.identity, stopSteps);
    if (left > 1 && (await freePort(port)) !== port) return bootOnce(spec, cluster, programs, user, context, left - 1);
    return { answer, lines: await server.lastLines() };
  } catch (error) {
    await terminate(server.identity, stopSteps);
    throw error;
  }
}

function startError(spec: ResourceSpec, { folder }: Cluster, { answer, lines }: Failure): GantryError {
  const why = answer.kind === 'refused' ? answer.message : answer.kind === 'silent' ? answer.reason : 'it does not let its user in';
  return new GantryError('GL3003', `PostgreSQL (resource ${spec.name}) did not start: ${why}`, {
    where: folder,
    lines,
    state: 'The data was not touched.',
  });
}

/** Asks until the server lets its user in, refuses for good, is gone, or the time is over. */
async function untilWelcome(
  cluster: Cluster,
  port: number,
  context: ResourceContext,
  timeoutMs: number,
  isGone: () => Promise<boolean>,
): Promise<PostgresAnswer> {
  const deadline = performance.now() + timeoutMs;
  const login = { host: loopback, port, user: cluster.user, database: cluster.user, password: context.password };
  for (let asked = 1; ; asked++) {
    context.signal.throwIfAborted();
    const answer = await signIn(login, checkTimeoutMs);
    if (answer.kind === 'welcome' || (answer.kind === 'refused' && !answer.state.startsWith('57P'))) return answer;
    if (await isGone()) return { kind: 'silent', reason: 'it ended' };
    if (performance.now() > deadline) return answer;
    await delay(pauseBefore(asked));
  }
}

function recordOf(spec: ResourceSpec, { folder }: Cluster, identity: Identity, port: number): ResourceRecord {
  return { name: spec.name, type: 'postgres', identity, port, details: { folder } };
}

function running(record: ResourceRecord, { user }: Cluster, version: string, context: ResourceContext): RunningResource {
  const address = `${loopback}:${record.port}/${user}`;
  return {
    record,
    version,
    connection: `postgres://${user}@${address}`,
    outputs: {
      host: loopback,
      port: record.port,
      user,
      name: user,
      password: context.password,
      url: new Secret(`postgres://${user}:${encodeURIComponent(context.password.reveal())}@${address}`),
    },
  };
}
