/** Reading a build context: what is in it and what it hashes to, without reading again what has not changed. */
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, type BigIntStats } from 'node:fs';
import { mkdir, readFile, readdir, readlink, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { asDiskError, temporaryName } from '../../exec/files.ts';
import { GantryError } from '../../errors.ts';
import type { Entry } from './address.ts';
import { forEachAtOnce } from './pool.ts';

export interface ScanOptions {
  /** Absolute path. */
  readonly root: string;
  /** Whether a path, relative with `/`, stays out. */
  ignores(path: string): boolean;
  /** Whether the content of an ignored folder has to be looked at. */
  readonly hasExceptions: boolean;
  readonly memory?: HashMemory;
}

/** Hashes of files whose size, times and inode are the same as when they were read. */
export interface HashMemory {
  readonly file: string;
  /** What was learnt is not written down. */
  readonly readOnly?: boolean;
}

/** Never part of content: they are made anew by `prepare`, or belong to other tools. */
const never = new Set(['node_modules', '.git', '.gantry', '__pycache__']);
/** A virtual environment of Python holds absolute paths and links to the interpreter: a copy of it would not work. */
const virtualEnvironment = 'pyvenv.cfg';

/** A file changed within the clock's resolution of its reading might look unchanged. */
const settledNs = 1_100_000_000n;

type Known = Record<string, readonly [stamp: string, hash: string]>;

/**
 * Every file, folder and link of the context, sorted by path.
 * @throws GantryError GB1001 (no such folder), GB1002 (a link leaves the folder), GX2xxx (disk)
 */
export async function scan(options: ScanOptions): Promise<readonly Entry[]> {
  const found: Found[] = [];
  try {
    await walk(options, '', found);
    return await hashAll(options, found);
  } catch (error) {
    throw await asDiskError(error, options.root);
  }
}

interface Found {
  readonly path: string;
  readonly kind: Entry['kind'];
  readonly stats: BigIntStats;
}

/** Whether the folder is part of the content. */
async function walk(options: ScanOptions, folder: string, found: Found[]): Promise<boolean> {
  const names = await readdir(join(options.root, folder)).catch((error: NodeJS.ErrnoException) => {
    if (folder === '' && ['ENOENT', 'ENOTDIR'].includes(error.code ?? ''))
      throw new GantryError('GB1001', `${options.root} is not a folder`, { where: options.root });
    throw error;
  });
  if (folder !== '' && names.includes(virtualEnvironment)) return false;
  for (const name of names.toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (!never.has(name)) await visit(options, path, found);
  }
  return true;
}

/** An ignored folder is entered only when a `!` pattern could bring back something in it; then it exists for that alone. */
async function visit(options: ScanOptions, path: string, found: Found[]): Promise<void> {
  const ignored = options.ignores(path);
  if (ignored && !options.hasExceptions) return;
  const stats = lstatSync(join(options.root, path), { bigint: true });
  const kind = kindOf(stats);
  if (kind === 'folder') {
    const at = found.length;
    const taken = await walk(options, path, found);
    if (taken && (!ignored || found.length > at)) found.push({ path, kind, stats });
  } else if (kind !== undefined && !ignored) found.push({ path, kind, stats });
}

/** Sockets, pipes and devices are no content, as for Docker. */
function kindOf(stats: BigIntStats): Entry['kind'] | undefined {
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : undefined;
}

async function hashAll(options: ScanOptions, found: readonly Found[]): Promise<readonly Entry[]> {
  const known = await recall(options.memory);
  const now = BigInt(Date.now()) * 1_000_000n;
  const learnt: Known = {};
  const entries: Entry[] = [];
  await forEachAtOnce(8, found, async ({ path, kind, stats }) => {
    const content =
      kind === 'file' ? await hashKnown(options.root, path, stats, known) : kind === 'link' ? await checkedLink(options.root, path) : '';
    if (kind === 'file' && now - stats.mtimeNs > settledNs && now - stats.ctimeNs > settledNs) learnt[path] = [stamp(stats), content];
    entries.push({ path, kind, content, mode: kind === 'link' ? 0 : Number(stats.mode & 0o777n) });
  });
  await remember(options.memory, known, learnt);
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function hashKnown(root: string, path: string, stats: BigIntStats, known: Known): Promise<string> {
  const [stampThen, hash] = Object.hasOwn(known, path) ? (known[path] ?? []) : [];
  return hash !== undefined && stampThen === stamp(stats) ? hash : hashFile(join(root, path));
}

function stamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The target of a link, which has to lie in the folder, because only the folder is copied. */
async function checkedLink(root: string, path: string): Promise<string> {
  const file = join(root, path);
  const target = await readlink(file);
  const named = resolve(dirname(file), target);
  const real = await realpath(file).catch(() => undefined);
  const base = await realpath(root);
  if (!target.startsWith('/') && isWithin(root, named) && (real === undefined || isWithin(base, real))) return target;
  throw new GantryError('GB1002', `${file} is a link to ${target}, which is not in the folder`, { where: file });
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function recall(memory: HashMemory | undefined): Promise<Known> {
  const text = memory === undefined ? undefined : await readFile(memory.file, 'utf8').catch(() => undefined);
  try {
    return text === undefined ? {} : (JSON.parse(text) as Known);
  } catch {
    return {};
  }
}

/** Only saves time: a failure to write it is none of the build. */
async function remember(memory: HashMemory | undefined, known: Known, learnt: Known): Promise<void> {
  if (memory === undefined || memory.readOnly === true || isSame(known, learnt)) return;
  const temporary = temporaryName(memory.file);
  await mkdir(dirname(memory.file), { recursive: true })
    .then(async () => writeFile(temporary, JSON.stringify(learnt), { mode: 0o600 }))
    .then(async () => rename(temporary, memory.file))
    .catch(() => undefined);
}

function isSame(known: Known, learnt: Known): boolean {
  const paths = Object.keys(learnt);
  return paths.length === Object.keys(known).length && paths.every((path) => known[path]?.[0] === learnt[path]?.[0]);
}
