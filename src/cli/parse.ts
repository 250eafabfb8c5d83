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
  const own = dash < 0 ? words : words.slice(0, dash);
  const command = describe(spec, io);
  try {
    command.parse([...own], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return commanderEnd(spec, error);
    throw error;
  }
  const options = command.opts<Record<string, string | boolean | undefined>>();
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
  for (const option of spec.options) command.option(option.flags, option.help);
  command
    .option('--json', 'machine-readable output')
    .option('--quiet', 'only problems')
    .option('--verbose', 'say more')
    .option('--dir <dir>', 'folder of the app (default: here or above)');
  command.allowExcessArguments(false).showSuggestionAfterError();
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}\n`);
  return command;
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
