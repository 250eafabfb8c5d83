/** From words to a command with its arguments. Commander knows one command at a time: the one that was named. */
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { GantryError } from '../errors.ts';
import { nearest } from '../app/suggest.ts';
import { commands, type CommandSpec } from './commands.ts';
import { helpText } from './help.ts';
import type { Arguments, Flags, Io } from './io.ts';
import { version } from './version.ts';

export interface Call {
  readonly spec: CommandSpec;
  readonly args: Arguments;
  readonly flags: Flags;
  /** Folder that the command works in. */
  readonly folder: string;
}

/** Gives nothing when the line only asked for help or the version, which is then printed. @throws GantryError GC1001, GC1002 */
export async function parseCommandLine(argv: readonly string[], io: Io): Promise<Call | undefined> {
  const [name, ...words] = argv;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && words.length === 0)) return said(io, helpText());
  if (name === '--version' || name === '-V') return said(io, io.flags.json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
  if (name === 'help') return parseCommandLine([...words, '--help'], io);
  return parseOne(find(name), words, io);
}

function said(io: Io, text: string): undefined {
  io.stdout.write(text);
}

function find(name: string): CommandSpec {
  const spec = commands.find((command) => command.name === name);
  if (spec !== undefined) return spec;
  const guess = nearest(
    name,
    commands.map((command) => command.name),
  );
  const hint = guess === undefined ? {} : { fix: `Did you mean \`gantry ${guess}\`? \`gantry --help\` lists the commands.` };
  throw new GantryError('GC1001', `there is no command ${JSON.stringify(name)}`, { ...hint, exitCode: 2 });
}

function parseOne(spec: CommandSpec, words: readonly string[], io: Io): Call | undefined {
  const dash = words.indexOf('--');
  const own = joinPairs(spec, dash < 0 ? words : words.slice(0, dash));
  const command = describe(spec, io);
  try {
    command.parse([...own], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return commanderEnd(spec, error);
    throw error;
  }
  const options = command.opts<Record<string, string | boolean | string[] | undefined>>();
  return {
    spec,
    args: { words: named(spec, command.args), rest: dash < 0 ? overflow(spec, command.args) : words.slice(dash + 1), options },
    flags: { json: options['json'] === true, quiet: options['quiet'] === true, verbose: options['verbose'] === true },
    folder: resolve(io.cwd, typeof options['dir'] === 'string' ? options['dir'] : '.'),
  };
}

function describe(spec: CommandSpec, io: Io): Command {
  const command = new Command(`gantry ${spec.name}`).description(spec.summary).exitOverride();
  command.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => {} });
  for (const word of spec.words) command.argument(word.usage, word.help);
  for (const { flags, help, repeated } of spec.options) {
    if (repeated === true) command.option(flags, help, collect, []);
    else command.option(flags, help);
  }
  command
    .option('--json', 'machine-readable output')
    .option('--quiet', 'only problems')
    .option('--verbose', 'say more')
    .option('--dir <dir>', 'folder of the app (default: here or above)');
  command.allowExcessArguments(false).showSuggestionAfterError();
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}\n`);
  return command;
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** Options with two words, `--allow G25 "reason"`, which commander does not know, become `--allow=G25=reason`. */
function joinPairs(spec: CommandSpec, words: readonly string[]): string[] {
  const pairs = new Set(spec.options.filter(({ flags }) => / <.*> <.*>$/.test(flags)).map(({ flags }) => flags.split(' ')[0] ?? ''));
  const joined: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [word = '', first = '', second = ''] = words.slice(at, at + 3);
    if (!pairs.has(word) || first === '' || first.startsWith('-')) joined.push(word);
    else if (first.includes('=')) joined.push(`${word}=${words[(at += 1)] ?? ''}`);
    else {
      joined.push(`${word}=${first}=${second.startsWith('-') ? '' : second}`);
      at += second.startsWith('-') ? 1 : 2;
    }
  }
  return joined;
}

function commanderEnd(spec: CommandSpec, error: CommanderError): undefined {
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.help') return undefined;
  const message = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  throw new GantryError('GC1002', message, {
    where: `gantry ${spec.name}`,
    fix: `\`gantry ${spec.name} --help\` shows what it takes, for example: ${spec.examples[0] ?? spec.name}`,
    exitCode: 2,
  });
}

function named(spec: CommandSpec, words: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(spec.words.map((word, index) => [word.usage.slice(1, -1).replace('...', ''), words[index]]));
}

/** Words of a repeated argument that were written without `--`. */
function overflow(spec: CommandSpec, words: readonly string[]): readonly string[] {
  const at = spec.words.findIndex((word) => word.usage.includes('...'));
  return at < 0 ? [] : words.slice(at);
}
