/** `gantry destroy local`: shows what goes, asks, stops the app, removes its state and its data. */
import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GantryError } from '../../errors.ts';
import { destroyQuestion } from '../../guard/plan.ts';
import { placesOf, type Places } from '../../platforms/local/places.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import { stopApp } from '../follow.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { findSupervisor, reviveSupervisor } from '../local.ts';
import { operate } from '../operate.ts';
import { ask, canAsk } from '../prompt.ts';
import { json, say, size, table } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'destroy');
  const { app, env, project } = opened;
  const places = placesOf(project.folder);
  const keepData = args.options['keep-data'] === true || args.options['keepData'] === true;
  const doomed = await whatGoes(places, keepData);
  show(io, doomed, keepData);
  await confirm(io, args, env.name);
  await reviveSupervisor(places, { app: app.name, environment: env.name }, io);
  await takeAway(io, opened, places);
  await stopApp({ ...io, flags: { ...io.flags, quiet: true } }, places);
  for (const { path } of doomed) await rm(path, { recursive: true, force: true });
  await rm(places.socketDir, { recursive: true, force: true });
  for (const folder of [places.stateDir, places.cacheDir]) await rmdir(folder).catch(keptFull);
  json(io, { destroyed: env.name, removed: doomed });
  say(io, `✓ ${env.name} is gone${keepData ? '; the data of its resources is kept' : ''}. The app's own files are untouched.`);
  return 0;
};

/** Under the lock, so that nobody releases meanwhile, and with the requests under way finished first. */
async function takeAway(io: Io, opened: OpenEnvironment, places: Places): Promise<void> {
  const running = await findSupervisor(places);
  running?.close();
  if (running === undefined) return;
  const { app, env } = opened;
  await operate(io, opened, { operation: 'destroy', app, env });
}

/** With --keep-data something stays in it. */
function keptFull(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
}

interface Doomed {
  readonly what: string;
  readonly path: string;
  readonly bytes: number;
}

async function whatGoes(places: Places, keepData: boolean): Promise<Doomed[]> {
  const state = await children(places.stateDir, keepData ? [places.dataDir, places.secretsFile] : []);
  const cache = await children(places.cacheDir, keepData ? [places.dataDir] : []);
  const named = [...state, ...cache].map(async (path) => ({ what: kindOf(path, places), path, bytes: await bytesOf(path) }));
  return Promise.all(named);
}

function kindOf(path: string, { dataDir, secretsFile, logDir, contentDir }: Places): string {
  const kinds = { [dataDir]: 'data of resources', [secretsFile]: 'secrets', [logDir]: 'logs', [contentDir]: 'builds' };
  return kinds[path] ?? 'state';
}

async function children(folder: string, kept: readonly string[]): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((path) => !kept.includes(path));
}

async function bytesOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path).catch(() => [])).map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function show(io: Io, doomed: readonly Doomed[], keepData: boolean): void {
  say(io, 'This stops the app and removes:');
  for (const line of table(rows(doomed))) say(io, line);
  if (keepData) say(io, 'It keeps the data of the resources and the secrets that open it.');
}

/** One line for each kind, what cannot be made again first. */
function rows(doomed: readonly Doomed[]): string[][] {
  const order = ['data of resources', 'secrets', 'logs', 'builds', 'state'];
  const all = order.map((kind) => ({ kind, items: doomed.filter(({ what }) => what === kind) }));
  return all
    .filter(({ items }) => items.length > 0)
    .map(({ kind, items }) => [kind, size(items.reduce((sum, { bytes }) => sum + bytes, 0)), folders(items)]);
}

function folders(items: readonly Doomed[]): string {
  const [first] = items;
  return items.length === 1 && first !== undefined ? first.path : [...new Set(items.map(({ path }) => dirname(path)))].join(', ');
}

async function confirm(io: Io, args: Arguments, name: string): Promise<void> {
  if (args.options['yes'] === true && (name === 'local' || args.options['confirm'] === name)) return;
  if (!canAsk(io))
    throw new GantryError('GC1005', `${name} would be destroyed, and nobody can be asked here`, {
      where: 'gantry destroy',
      state: 'nothing was removed',
      exitCode: 2,
    });
  const answer = await ask(io, destroyQuestion(name));
  if (answer.trim() !== name)
    throw new GantryError('GC1005', `${JSON.stringify(answer)} is not ${name}`, { where: 'gantry destroy', state: 'nothing was removed' });
}
