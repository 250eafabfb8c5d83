/** PostgreSQL's data folder: how it is made, opened and recognised. */
import { readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from '../../../exec/exec.ts';
import { asDiskError, syncFolder } from '../../../exec/files.ts';
import { temporaryName } from '../../../exec/files.ts';
import type { Secret } from '../../../exec/secret.ts';
import { GantryError, isGantryError } from '../../../errors.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import type { ResourceContext } from '../supervisor/resources.ts';
import { majorOf, type PostgresPrograms } from './postgres-programs.ts';
import { scramVerifier } from './postgres-protocol.ts';
import { loopback, makeDataFolder, noteFile, otherVersion, readNote, type DataNote, type ServerUser } from './server.ts';

/** Nobody can sign in as this role: pg_hba.conf lets in the app's role alone. */
const superuser = 'postgres';

export interface Cluster {
  readonly folder: string;
  /** Database, and the role that owns it. */
  readonly user: string;
}

/**
 * What is in the data folder.
 * @returns undefined when there is no data yet
 * @throws GantryError GL3002 (another major version), GL3005 (something else)
 */
export async function findCluster(folder: string, spec: ResourceSpec): Promise<Cluster | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return undefined;
  const version = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined)
    throw new GantryError('GL3005', `${folder} holds something that is not PostgreSQL's data`, {
      where: folder,
      fix: `Look at what is in ${folder} and move it away.`,
    });
  if (majorOf(version) !== spec.version) throw otherVersion(folder, 'postgres', version.trim(), spec.version);
  return { folder, user: (await readNote(folder))?.user ?? sanitise(spec.user) };
}

/** A name that needs no quoting in SQL, in a URL and in a shell. */
export function sanitise(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, 63);
  return /^[a-z_]/.test(plain) && !plain.startsWith('pg_') && plain !== superuser ? plain : `app_${plain}`.slice(0, 63);
}

/** Makes the data beside its final place, puts it on the disk, and moves it in: a folder with its name is always complete. */
export async function createCluster(
  folder: string,
  spec: ResourceSpec,
  programs: PostgresPrograms,
  user: ServerUser,
  context: ResourceContext,
): Promise<Cluster> {
  const cluster = { folder, user: sanitise(spec.user) };
  await removeLeftovers(folder);
  const temporary = join(dirname(folder), `${leftoverPrefix(folder)}${basename(temporaryName(folder))}`);
  await makeDataFolder(temporary, user);
  try {
    await fill(temporary, cluster.user, spec, programs, user, context);
    await rmdir(folder).catch(() => undefined);
    await rename(temporary, folder);
    await syncFolder(dirname(folder));
    return cluster;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw await creationError(error, folder);
  }
}

function leftoverPrefix(folder: string): string {
  return `.new-${basename(folder)}`;
}

/** Half-made data of an attempt that was killed. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(dirname(folder));
  const left = names.filter((name) => name.startsWith(leftoverPrefix(folder)));
  await Promise.all(left.map(async (name) => rm(join(dirname(folder), name), { recursive: true, force: true })));
}

async function creationError(error: unknown, folder: string): Promise<unknown> {
  if (!isGantryError(error)) return asDiskError(error, folder);
  return error.code === 'GX1002'
    ? new GantryError('GL3007', `PostgreSQL could not create its data: ${error.message}`, {
        where: folder,
        lines: error.lines,
        cause: error,
      })
    : error;
}

async function fill(
  folder: string,
  name: string,
  spec: ResourceSpec,
  programs: PostgresPrograms,
  user: ServerUser,
  context: ResourceContext,
): Promise<void> {
  const shared = { cwd: folder, env: context.env, signal: context.signal, timeoutMs: 120_000, ...user };
  await run({ ...shared, argv: initdbArgs(programs, folder, spec.version) });
  await singleUser(folder, programs, user, context, await creationSql(name, context.password));
  await writeFile(join(folder, 'pg_hba.conf'), accessRules(name));
  await writeFile(noteFile(folder), `${JSON.stringify({ type: 'postgres', version: spec.version, user: name } satisfies DataNote)}\n`);
  await run({ ...shared, argv: [programs.initdb, '--pgdata', folder, '--sync-only'] });
}

/** Version 17 has a collation of its own with Unicode's upper and lower case that sorts alike on every machine. */
export function initdbArgs(programs: PostgresPrograms, folder: string, major: number): string[] {
  const locale = major >= 17 ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C'];
  return [
    programs.initdb,
    '--pgdata',
    folder,
    '--username',
    superuser,
    '--auth=reject',
    '--encoding=UTF8',
    ...locale,
    '--data-checksums',
    '--no-sync',
    '--no-instructions',
  ];
}

/** Runs statements, one a line, on data that no server has open. PostgreSQL reports a failed one and goes on. */
export async function singleUser(
  folder: string,
  programs: PostgresPrograms,
  user: ServerUser,
  context: ResourceContext,
  statements: readonly string[],
): Promise<void> {
  await run({
    argv: [programs.postgres, '--single', '-D', folder, 'postgres'],
    cwd: folder,
    env: context.env,
    signal: context.signal,
    timeoutMs: 120_000,
    input: `${statements.join('\n')}\n`,
    ...user,
  });
}

async function creationSql(name: string, password: Secret): Promise<string[]> {
  return [`CREATE ROLE "${name}" LOGIN PASSWORD '${await scramVerifier(password)}'`, `CREATE DATABASE "${name}" OWNER "${name}"`];
}

export async function passwordSql(name: string, password: Secret): Promise<string[]> {
  return [`ALTER ROLE "${name}" LOGIN PASSWORD '${await scramVerifier(password)}'`];
}

export function accessRules(name: string): string {
  return `# Written by Gantry: the app's role with its password, from this machine only.\nhost all "${name}" ${loopback}/32 scram-sha-256\n`;
}

/** Durable as PostgreSQL ships it (fsync and synchronous_commit are on); no Unix socket, whose path could be too long. */
export function serverArgs(programs: PostgresPrograms, folder: string, port: number): string[] {
  const settings = {
    listen_addresses: loopback,
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
  };
  return [programs.postgres, '-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
}

/** What a running server, or one that was killed, wrote about itself. */
export async function readPostmasterFile(folder: string): Promise<PostmasterFile | undefined> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return Number.isSafeInteger(pid) && pid > 0 ? { pid, port } : undefined;
}
