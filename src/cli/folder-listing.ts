/** Reads a folder for `gantry init`: a bounded walk that leaves out what no person wrote or what must not be read. */
import { lstat, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isManifest, isTelling, largestText, type ListedFile, type Listing } from '../app/init.ts';
import { ignoreRules, type IgnoreRules } from './ignore-rules.ts';

export interface ListingLimits {
  readonly files: number;
  /** Folders below the top. */
  readonly depth: number;
  /** Bytes of text that are read, all files together. */
  readonly bytes: number;
}

const usualLimits: ListingLimits = { files: 20_000, depth: 8, bytes: 8 * 1024 * 1024 };

/** Never looked into, whatever .gitignore says. */
const skipped = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  '__pycache__',
  '.gantry',
  'dist',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.turbo',
  '.cache',
  'coverage',
  '.tox',
  '.mypy_cache',
  '.idea',
  '.vscode',
]);

/**
 * @param folder of the app; files that are links, sockets or devices are left out, and links to folders are not followed
 * @throws the file system's error when the folder itself cannot be read; what lies below is skipped when it cannot be read
 */
export async function listFolder(folder: string, limits: ListingLimits = usualLimits): Promise<Listing> {
  const top = resolve(folder);
  const walk: Walk = { top, limits, files: [], truncated: false };
  await visit(walk, '', 0, [await rulesOf(top, '')]);
  const texts = await readTexts(walk);
  return { folder: top, files: walk.files, texts, truncated: walk.truncated };
}

interface Walk {
  readonly top: string;
  readonly limits: ListingLimits;
  readonly files: ListedFile[];
  truncated: boolean;
}

async function visit(walk: Walk, path: string, depth: number, rules: readonly IgnoreRules[]): Promise<void> {
  const entries = await readdir(join(walk.top, path), { withFileTypes: true }).catch((error: unknown) => {
    if (depth === 0) throw error;
    return [];
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isFile()) await add(walk, child, rules);
    else if (entry.isDirectory() && !skipped.has(entry.name) && !isIgnored(rules, child, true))
      await descend(walk, child, depth + 1, rules);
  }
}

async function descend(walk: Walk, path: string, depth: number, rules: readonly IgnoreRules[]): Promise<void> {
  if (depth > walk.limits.depth) walk.truncated = true;
  else if (walk.files.length < walk.limits.files) await visit(walk, path, depth, [...rules, await rulesOf(walk.top, path)]);
  else walk.truncated = true;
}

async function add(walk: Walk, path: string, rules: readonly IgnoreRules[]): Promise<void> {
  if (isIgnored(rules, path, false)) return;
  if (walk.files.length >= walk.limits.files) {
    walk.truncated = true;
    return;
  }
  const size = await lstat(join(walk.top, path)).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size !== undefined) walk.files.push({ path, size });
}

function isIgnored(rules: readonly IgnoreRules[], path: string, folder: boolean): boolean {
  return rules.reduce((ignored, rule) => rule.judge(path, folder) ?? ignored, false);
}

async function rulesOf(top: string, path: string): Promise<IgnoreRules> {
  const text = await readText(join(top, path, '.gitignore'), 64 * 1024).catch(() => undefined);
  return ignoreRules(text ?? '', path);
}

/** Manifests first, then the sources nearest to the top, until the budget is spent. */
async function readTexts(walk: Walk): Promise<Readonly<Record<string, string>>> {
  const rank = ({ path }: ListedFile): number => (isManifest(path) ? 0 : 1000) + path.split('/').length;
  const wanted = walk.files.filter(isTelling).toSorted((a, b) => rank(a) - rank(b));
  const texts: [string, string][] = [];
  let budget = walk.limits.bytes;
  for (const { path, size } of wanted) {
    if (size > budget) {
      walk.truncated = true;
      continue;
    }
    budget -= size;
    const text = await readText(join(walk.top, path), Math.min(size, largestText)).catch(() => undefined);
    if (text !== undefined) texts.push([path, text]);
  }
  return Object.fromEntries(texts);
}

/** Undefined for content that is no text. A file that grew since it was listed is read up to the limit. */
async function readText(file: string, limit: number): Promise<string | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(limit), 0, limit, 0);
    const bytes = buffer.subarray(0, bytesRead);
    return bytes.includes(0) ? undefined : bytes.toString('utf8');
  } finally {
    await handle.close();
  }
}
