/** `gantry destroy local`: shows what goes, asks, stops the app, removes its state and its data. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../errors.ts';
import { placesOf, type Places } from '../../platforms/local/places.ts';
import { openEnvironment } from '../environment.ts';
import { stopApp } from '../follow.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { reviveSupervisor } from '../local.ts';
import { ask, canAsk } from '../prompt.ts';
import { json, say, size, table } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const { app, env, project } = await openEnvironment(io, args.words['env'] ?? '', 'destroy');
  const places = placesOf(project.folder);
  const keepData = args.options['keep-data'] === true || args.options['keepData'] === true;
  const doomed = await whatGoes(places, keepData);
  show(io, doomed, keepData);
  await confirm(io, args, env.name);
  await reviveSupervisor(places, { app: app.name, environment: env.name }, io);
  await stopApp({ ...io, flags: { ...io.flags, quiet: true } }, places);
  for (const { path } of doomed) await rm(path, { recursive: true, force: true });
  await rm(places.socketDir, { recursive: true, force: true });
  json(io, { destroyed: env.name, removed: doomed });
  say(io, `✓ ${env.name} is gone${keepData ? '; the data of its resources is kept' : ''}. The app's own files are untouched.`);
  return 0;
};

interface Doomed {
  readonly what: string;
  readonly path: string;
  readonly bytes: number;
}

async function whatGoes(places: Places, keepData: boolean): Promise<Doomed[]> {
  const state = await children(places.stateDir, keepData ? [places.dataDir, places.secretsFile] : []);
  const cache = await children(places.cacheDir, keepData ? [places.dataDir] : []);
  const named = [...state, ...cache].map(async (path) => ({
    what: path === places.dataDir ? 'data of resources' : 'state',
    path,
    bytes: await bytesOf(path),
  }));
  return Promise.all(named);
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
  say(io, 'This removes:');
  for (const line of table(doomed.map(({ what, path, bytes }) => [what, path, size(bytes)]))) say(io, line);
  if (keepData) say(io, 'It keeps the data of the resources and the secrets that open it.');
}

async function confirm(io: Io, args: Arguments, name: string): Promise<void> {
  if (args.options['yes'] === true && (name === 'local' || args.options['confirm'] === name)) return;
  if (!canAsk(io))
    throw new GantryError('GC1005', `${name} would be destroyed, and nobody can be asked here`, {
      where: 'gantry destroy',
      state: 'nothing was removed',
      exitCode: 2,
    });
  const answer = await ask(io, `Type ${name} to destroy it: `);
  if (answer.trim() !== name)
    throw new GantryError('GC1005', `${JSON.stringify(answer)} is not ${name}`, { where: 'gantry destroy', state: 'nothing was removed' });
}
