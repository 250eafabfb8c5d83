/** Where finished content lies, and how it is told from content that is being made. */
import { existsSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolders, writeDurably } from '../../exec/files.ts';
import { claim, type Claim } from '../../exec/generations.ts';
import { identifySelf, isAlive, type Identity } from '../../exec/identity.ts';
import { GantryError } from '../../errors.ts';

/** One folder per address. */
export function contentHome(cacheDir: string): string {
  return join(cacheDir, 'content');
}

export function contentFolder(cacheDir: string, address: string): string {
  return join(contentHome(cacheDir), address);
}

/** Written when the folder is complete; beside it, so that the program finds in its folder what it would find elsewhere. */
function markerFile(cacheDir: string, address: string): string {
  return join(contentHome(cacheDir), `${address}.complete`);
}

function lockFolder(cacheDir: string, address: string): string {
  return join(contentHome(cacheDir), '.locks', address);
}

export function isComplete(cacheDir: string, address: string): boolean {
  return existsSync(markerFile(cacheDir, address)) && existsSync(contentFolder(cacheDir, address));
}

export async function markComplete(cacheDir: string, address: string): Promise<void> {
  await writeDurably(markerFile(cacheDir, address), `${new Date().toISOString()}\n`);
}

/** Notes that the content was asked for now: `prune` removes what was not wanted for the longest time. */
export async function markUsed(cacheDir: string, address: string): Promise<void> {
  const now = new Date();
  await utimes(markerFile(cacheDir, address), now, now).catch(() => undefined);
}

/** Waits while another process makes the same content. */
export async function lockContent(cacheDir: string, address: string, signal: AbortSignal, report: (line: string) => void): Promise<Claim> {
  const record = await identifySelf();
  await makeFolders(contentHome(cacheDir));
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    const result = await claim<Identity>({ folder: lockFolder(cacheDir, address), record, isAlive });
    if ('claim' in result) return result.claim;
    if (!waited) report(`waiting for process ${result.holder.pid}, which makes the same content`);
    await delay(50);
  }
}

/** Node looks for packages in every folder above a program; content must not find any that it did not install. */
export function checkNoPackagesAbove(cacheDir: string): void {
  for (let at = resolve(contentHome(cacheDir)); at !== dirname(at); at = dirname(at)) {
    const found = join(at, 'node_modules');
    if (!existsSync(found)) continue;
    throw new GantryError('GB1005', `${found} lies above the folder in which services are prepared (${contentHome(cacheDir)})`, {
      where: found,
      fix: `Set GANTRY_CACHE to a folder without node_modules above it, or remove ${found}.`,
    });
  }
}

/** Marker first: whatever is left of a removal that is interrupted counts as incomplete. */
export async function removeContent(cacheDir: string, address: string): Promise<void> {
  await rm(markerFile(cacheDir, address), { force: true });
  await rm(contentFolder(cacheDir, address), { recursive: true, force: true, maxRetries: 3 });
}

export interface PruneOptions {
  readonly cacheDir: string;
  /** Addresses in use: never removed. */
  readonly keep: readonly string[];
  /** How many others stay, those used last. */
  readonly old: number;
}

/** Removes content that is not in use and has not been wanted for longest. Gives the removed addresses. */
export async function prune({ cacheDir, keep, old }: PruneOptions): Promise<readonly string[]> {
  const names = await readdir(contentHome(cacheDir)).catch((): string[] => []);
  const addresses = names.filter((name) => /^[0-9a-f]{32}$/.test(name) && !keep.includes(name));
  const used = await Promise.all(addresses.map(async (address) => ({ address, at: await usedAt(cacheDir, address) })));
  const surplus = used.toSorted((a, b) => b.at - a.at).slice(old);
  const removed = await Promise.all(surplus.map(async ({ address }) => removeUnlocked(cacheDir, address)));
  return removed.filter((address) => address !== undefined);
}

async function usedAt(cacheDir: string, address: string): Promise<number> {
  return stat(markerFile(cacheDir, address)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function removeUnlocked(cacheDir: string, address: string): Promise<string | undefined> {
  const result = await claim<Identity>({ folder: lockFolder(cacheDir, address), record: await identifySelf(), isAlive });
  if ('holder' in result) return undefined;
  try {
    await removeContent(cacheDir, address);
    return address;
  } finally {
    await result.claim.release();
  }
}
