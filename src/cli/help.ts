/** The help text, made from the command map; the build keeps a copy so that `gantry --help` needs no other code. */
import { commands, type CommandSpec } from './commands.ts';

const groups = ['Build', 'Release', 'Look', 'Keep'] as const;
const nameWidth = 28;

export function helpText(): string {
  const sections = groups.map((group) => [group, ...commands.filter((command) => command.group === group).map(row), ''].join('\n'));
  return [
    'gantry: runs one web app, described once in gantry.yaml',
    '',
    'Usage: gantry COMMAND [options]',
    '',
    ...sections,
    'Every command has --json, --quiet, --verbose and --dir DIR (folder of the app).',
    '`gantry COMMAND --help` says more; `gantry explain CODE` explains an error.',
    'Exit codes: 0 ok, 1 failed, 2 usage or bad file, 3 changes or drift.',
    '',
  ].join('\n');
}

function row(command: CommandSpec): string {
  return `  ${usage(command).padEnd(nameWidth)} ${command.summary}`;
}

export function usage(command: CommandSpec): string {
  return [command.name, ...command.words.map(({ usage: word }) => shown(word))].join(' ');
}

function shown(word: string): string {
  const name = word.slice(1, -1).replace('...', '').toUpperCase();
  if (word.includes('...')) return '-- COMMAND';
  return word.startsWith('<') ? name : `[${name}]`;
}
