/** `gantry secret`: values come from standard input or a hidden prompt, never from the command line. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { GantryError } from '../../errors.ts';
import { platforms } from '../../platforms/index.ts';
import type { Secrets } from '../../platforms/platform.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { askHidden, canAsk, readStdin } from '../prompt.ts';
import { json, say, table } from '../print/text.ts';
import { releaseRunning } from '../release-running.ts';

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export const run: Run = async (io, args) => {
  const action = actions[args.words['action'] ?? ''];
  if (action === undefined)
    throw usage(`${JSON.stringify(args.words['action'])} is not set, import, list or rm`, 'Write for example: gantry secret list local');
  const opened = await openEnvironment(io, args.words['env'] ?? '', `secret ${args.words['action'] ?? ''}`);
  const secrets = platforms[opened.target.platform].secrets(opened.context);
  return action(io, secrets, args, opened);
};

type Action = (io: Io, secrets: Secrets, args: Arguments, opened: OpenEnvironment) => Promise<number>;

const actions: Readonly<Record<string, Action>> = { set, import: importAll, list, rm };

async function set(io: Io, secrets: Secrets, args: Arguments, opened: OpenEnvironment): Promise<number> {
  const name = secretName(args);
  const value = canAsk(io) ? await askHidden(io, `Value of ${name} (not shown): `) : await readStdin(io);
  if (value === '') throw new GantryError('GC1006', `no value for ${name}`, { where: 'standard input', exitCode: 2 });
  const version = await secrets.put(name, value, 'user');
  json(io, { name, version });
  say(io, `✓ ${name} has version ${version}`);
  await used(io, args, opened);
  return 0;
}

async function importAll(io: Io, secrets: Secrets, args: Arguments, opened: OpenEnvironment): Promise<number> {
  const file = args.words['name'];
  const text =
    file === undefined || file === '-' ? await readStdin(io) : await readFile(resolve(io.cwd, file), 'utf8').catch(unreadable(file));
  const entries = Object.entries(parseEnv(text)).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const wrong = entries.find(([name]) => !namePattern.test(name));
  if (wrong !== undefined) throw usage(`${JSON.stringify(wrong[0])} is not the name of a variable`, fileFix);
  if (entries.length === 0)
    throw new GantryError('GC1006', 'no NAME=value lines were found', { where: file ?? 'standard input', exitCode: 2 });
  for (const [name, value] of entries) await secrets.put(name, value, 'user');
  json(io, { imported: entries.map(([name]) => name) });
  say(io, `✓ imported ${entries.map(([name]) => name).join(', ')}`);
  await used(io, args, opened);
  return 0;
}

function unreadable(file: string): (error: Error) => never {
  return (error) => {
    throw usage(`${file} cannot be read: ${error.message}`, fileFix);
  };
}

async function list(io: Io, secrets: Secrets): Promise<number> {
  const all = await secrets.list();
  json(io, all);
  for (const line of table(all.map(({ name, version, updated, origin }) => [name, `version ${version}`, origin, updated]))) say(io, line);
  if (all.length === 0) say(io, 'No secrets.');
  return 0;
}

async function rm(io: Io, secrets: Secrets, args: Arguments): Promise<number> {
  const name = secretName(args);
  const removed = await secrets.remove(name);
  if (!removed)
    throw new GantryError('GR1002', `there is no secret ${name}`, {
      where: 'gantry secret rm',
      fix: '`gantry secret list ENV` shows the names.',
    });
  json(io, { name, removed });
  say(io, `✓ removed ${name}`);
  return 0;
}

/** A new value changes nothing that runs until the next release. */
async function used(io: Io, args: Arguments, opened: OpenEnvironment): Promise<void> {
  if (args.options['deploy'] === true) say(io, `✓ release ${(await releaseRunning(io, opened, 'up')).release ?? ''}`);
  else say(io, '  It is used from the next release on: `gantry up`, or add --deploy.');
}

function secretName(args: Arguments): string {
  const name = args.words['name'] ?? '';
  if (namePattern.test(name)) return name;
  throw usage(
    name.includes('=')
      ? 'a value may not stand on the command line, where others can read it'
      : `${JSON.stringify(name)} is not the name of a secret`,
    args.words['action'] === 'rm'
      ? 'Write: gantry secret rm ENV NAME; `gantry secret list ENV` shows the names.'
      : 'Write: gantry secret set ENV NAME, and give the value on standard input. A name has letters, digits and _, and begins with no digit.',
  );
}

const fileFix = 'Write: gantry secret import ENV FILE, a file with NAME=value lines, or pipe such lines in.';

function usage(message: string, fix: string): GantryError {
  return new GantryError('GC1002', message, { where: 'gantry secret', fix, exitCode: 2 });
}
