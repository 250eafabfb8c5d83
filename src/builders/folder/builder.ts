/** The builder of the local platform: a prepared copy of a service's folder, by the address of what it was made from. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { asDiskError } from '../../exec/files.ts';
import { processesMarked } from '../../exec/processes.ts';
import { findProgram } from '../../exec/tool.ts';
import { GantryError } from '../../errors.ts';
import type { Build, Service } from '../../app/model.ts';
import type { ContentRef } from '../../stack/stack.ts';
import type { BuildContext, Builder, ToolReport } from '../builder.ts';
import { addressOf, type Entry } from './address.ts';
import { checkNoPackagesAbove, contentFolder, isComplete, lockContent, markComplete, markUsed, prune, removeContent } from './content.ts';
import { copyEntries, isFaithful } from './copy.ts';
import { parseIgnore, type IgnoreRules } from './dockerignore.ts';
import { buildMark, prepare, prepareEnvironment } from './prepare.ts';
import { scan } from './scan.ts';

export { contentFolder } from './content.ts';

/** Contents beyond those of kept releases that stay, newest first. */
const keptOthers = 4;

export const folderBuilder: Builder = {
  name: 'folder',
  check: checkNode,
  address: async (service, context) => toRef((await look(service, context, { readOnly: true })).address),
  build,
  has: async ({ address }, context) => isComplete(context.cacheDir, address),
  folder: ({ address }, { cacheDir }) => contentFolder(cacheDir, address),
  prune: async (keep, { cacheDir }) => void (await prune({ cacheDir, keep: keep.map(({ address }) => address), old: keptOthers })),
};

function toRef(address: string): ContentRef {
  return { kind: 'folder', address };
}

async function checkNode(): Promise<ToolReport> {
  const path = await findProgram('node', process.env['PATH'] ?? '');
  const node = {
    name: 'node',
    version: process.versions.node,
    ...(path === undefined ? { problem: 'not on PATH', fix: 'Add the folder of node to PATH.' } : { path }),
  };
  return { ok: path !== undefined, tools: [node] };
}

/** What would be built, and from what. */
interface Source {
  readonly service: Service;
  /** Absolute path of the build context. */
  readonly root: string;
  readonly entries: readonly Entry[];
  readonly address: string;
}

/** A plan looks without leaving a trace. */
async function look(service: Service, context: BuildContext, { readOnly = false } = {}): Promise<Source> {
  if (service.image !== undefined)
    throw new GantryError('GB1006', `the service ${service.name} is an image, and images do not run here`, {
      where: `services.${service.name}.image`,
    });
  const root = join(context.folder, service.build?.context ?? '.');
  const only = servedAsIs(service);
  const rules = only === undefined ? await ignoreRules(root, service.build) : onlyBelow(only);
  const isAppFile = (path: string): boolean => root === join(context.folder, '.') && path === 'gantry.yaml';
  const memory = {
    readOnly,
    file: join(
      context.cacheDir,
      'hashes',
      `${createHash('sha256')
        .update(`${root}\0${only ?? ''}`)
        .digest('hex')
        .slice(0, 16)}.json`,
    ),
  };
  const entries = await scan({
    root,
    ignores: (path) => isAppFile(path) || rules.ignores(path),
    hasExceptions: rules.hasExceptions,
    memory,
  });
  const machine = { nodeMajor: Number.parseInt(process.versions.node, 10), platform: process.platform, arch: process.arch };
  const address = addressOf({ entries, prepare: service.prepare, machine, ...(only === undefined ? {} : { only }) });
  return { service, root, entries, address };
}

/** A site that needs no preparation is its folder of files and nothing else, whatever .dockerignore says of built files. */
function servedAsIs(service: Service): string | undefined {
  return service.static !== undefined && service.prepare.length === 0
    ? posix.normalize(service.static.dir).replace(/(?<=.)\/$/, '')
    : undefined;
}

function onlyBelow(dir: string): IgnoreRules {
  return parseIgnore(dir === '.' ? '' : `*\n!${dir}`);
}

/** BuildKit prefers a file that belongs to the Dockerfile. */
async function ignoreRules(root: string, build: Build | undefined): Promise<IgnoreRules> {
  const files = [`${build?.dockerfile ?? 'Dockerfile'}.dockerignore`, '.dockerignore'].map((name) => join(root, name));
  const file = files.find((candidate) => existsSync(candidate));
  return parseIgnore(file === undefined ? '' : await readFile(file, 'utf8'));
}

/** Builds of this process, so that services which share content wait for one. */
const underWay = new Map<string, Promise<void>>();

async function build(service: Service, context: BuildContext): Promise<ContentRef> {
  const attempts = 3;
  for (let attempt = 1; ; attempt++) {
    const source = await look(service, context);
    if (await isMade(source, context)) return toRef(source.address);
    if (attempt === attempts)
      throw new GantryError('GB1007', `files in ${source.root} change while they are copied`, { where: source.root });
    context.report(`${service.name}: files changed while they were copied; starting again`);
  }
}

/** False when the source changed meanwhile. */
async function isMade(source: Source, context: BuildContext): Promise<boolean> {
  const { cacheDir } = context;
  const folder = contentFolder(cacheDir, source.address);
  await underWay.get(folder)?.catch(() => undefined);
  if (isComplete(cacheDir, source.address)) {
    await markUsed(cacheDir, source.address);
    return true;
  }
  let changed = false;
  const work = make(source, context).then((faithful) => void (changed = !faithful));
  underWay.set(folder, work);
  await work.finally(() => underWay.get(folder) === work && underWay.delete(folder));
  return !changed;
}

/**
 * Makes the folder in its final place, because some tools write absolute paths into what they install. It counts only once its marker
 * is there; half-made content is removed.
 */
async function make(source: Source, context: BuildContext): Promise<boolean> {
  const { cacheDir, signal, report } = context;
  checkNoPackagesAbove(cacheDir);
  const lock = await lockContent(cacheDir, source.address, signal, report).catch(async (error: unknown) =>
    Promise.reject(await asDiskError(error, cacheDir)),
  );
  try {
    if (isComplete(cacheDir, source.address)) return true;
    await endLeftovers(source.address);
    const faithful = await fill(source, context);
    if (faithful) await markComplete(cacheDir, source.address);
    else await removeContent(cacheDir, source.address);
    return faithful;
  } catch (error) {
    const problem = await asDiskError(error, contentFolder(cacheDir, source.address));
    await removeContent(cacheDir, source.address).catch(() => undefined);
    throw problem;
  } finally {
    await lock.release();
  }
}

/** Programs of a build whose Gantry was killed would write into the new attempt. */
async function endLeftovers(address: string): Promise<void> {
  for (const { pid } of await processesMarked(buildMark, address)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

async function fill({ service, root, entries, address }: Source, context: BuildContext): Promise<boolean> {
  const { cacheDir, signal, report } = context;
  const folder = contentFolder(cacheDir, address);
  await removeContent(cacheDir, address);
  await mkdir(folder);
  await chmod(folder, 0o755);
  if (!(await copyAll(entries, root, folder))) return false;
  await prepare({
    service: service.name,
    commands: service.prepare,
    folder,
    source: root,
    env: prepareEnvironment(process.env, cacheDir, address),
    signal,
    report,
  });
  await checkSite(service, folder, root);
  return true;
}

/** A file that vanishes or changes between the look and the copy makes the copy worthless. */
async function copyAll(entries: readonly Entry[], from: string, to: string): Promise<boolean> {
  try {
    await copyEntries(entries, from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return isFaithful(entries, await scan({ root: to, ignores: () => false, hasExceptions: false }));
}

async function checkSite({ name, static: site }: Service, folder: string, source: string): Promise<void> {
  if (site === undefined) return;
  const dir = join(folder, site.dir);
  if (await isFolder(dir)) return;
  const pages = await pagesIn(folder);
  const hint = pages.length === 0 ? '' : ` Files named index.html are in: ${pages.join(', ')}.`;
  throw new GantryError('GB1008', `the site ${name} has no folder ${site.dir}${hint === '' ? '' : ' after it was prepared'}`, {
    where: `services.${name}.static (${source})`,
    fix: `Set \`static\` to the folder that \`prepare\` writes, relative to ${basename(source)}.${hint}`,
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function pagesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name !== 'node_modules' && existsSync(join(folder, name, 'index.html')));
}
