/** `gantry init`: writes gantry.yaml for the app in this folder and says what it guessed. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { init, type Answers, type InitResult } from '../../app/init.ts';
import { GantryError } from '../../errors.ts';
import { listFolder } from '../folder-listing.ts';
import type { Io, Run } from '../io.ts';
import { printable } from '../print/error.ts';
import { ask, canAsk } from '../prompt.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const file = join(io.cwd, 'gantry.yaml');
  const dry = args.options['dryRun'] === true;
  if (!dry && args.options['force'] !== true && existsSync(file))
    throw new GantryError('GC1007', 'gantry.yaml is already here', { where: file, exitCode: 2 });
  const listing = await listFolder(io.cwd);
  const first = init(listing);
  const result = first.questions.length > 0 && canAsk(io) ? init(listing, await answers(io, first)) : first;
  if (dry) return print(io, result);
  await writeFile(file, result.text, { flag: args.options['force'] === true ? 'w' : 'wx' });
  json(io, { file, ...result });
  for (const { what, why, sure } of result.guesses) say(io, `  ${sure ? ' ' : '?'} ${printable(what)}  (${printable(why)})`);
  for (const { id, suggestion } of result.questions)
    say(io, `  ? ${id} is ${suggestion === '' ? 'left out' : `written as ${suggestion}`}: look at it`);
  say(io, `✓ wrote ${file}`);
  say(io, '  Next: gantry check, then gantry up');
  return 0;
};

function print(io: Io, result: InitResult): number {
  json(io, result);
  if (!io.flags.json) io.stdout.write(result.text);
  return 0;
}

async function answers(io: Io, result: InitResult): Promise<Answers> {
  const given: [string, string][] = [];
  for (const { id, ask: question, suggestion } of result.questions) {
    const answer = (await ask(io, `${question} [${suggestion}] `)).trim();
    if (answer !== '') given.push([id, answer]);
  }
  return Object.fromEntries(given);
}
