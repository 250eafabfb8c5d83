/** docs/errors.md from the error catalogue, docs/commands.md from the command map, docs/guardrails.md from the rules. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, type CommandSpec } from '../src/cli/commands.ts';
import { usage } from '../src/cli/help.ts';
import { catalogue, type ErrorEntry } from '../src/errors.ts';
import { rules } from '../src/guard/index.ts';

const families = [
  ['GA', 'The app file and its environments'],
  ['GE', 'Environments and what a target can do'],
  ['GC', 'How a command was called'],
  ['GL', 'The local platform'],
  ['GR', 'Releases'],
  ['GX', 'Programs that Gantry starts'],
  ['GB', 'Builders'],
] as const;

function errorsPage(): string {
  const entries = Object.entries<ErrorEntry>(catalogue).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sections = families.flatMap(([prefix, title]) => {
    const own = entries.filter(([code]) => code.startsWith(prefix));
    return own.length === 0 ? [] : [`## ${prefix}: ${title}`, ...own.map(errorSection)];
  });
  const intro =
    'Every problem that a person can solve has a code. `gantry explain CODE` prints the same text. This page is made from `src/errors/` by `npm run generate`.';
  return ['# Errors', intro, ...sections].join('\n\n') + '\n';
}

function errorSection([code, { title, cause, fix, example }]: [string, ErrorEntry]): string {
  const shown = example === undefined ? [] : ['**Example**', fenced(example)];
  return [`### ${code}`, `**${sentence(title)}** ${cause}`, `**How to solve.** ${fix}`, ...shown].join('\n\n');
}

const groups = ['Build', 'Release', 'Look', 'Keep', 'hidden'] as const;

function commandsPage(): string {
  const intro = [
    '# Commands',
    'Every command has `--json` (one stable document), `--quiet`, `--verbose`, and `--dir DIR`, the folder of the app. Exit codes: 0 ok, 1 failed, 2 usage or bad file, 3 changes or drift.',
    'This page is made from `src/cli/commands.ts` by `npm run generate`.',
  ];
  const sections = groups.flatMap((group) => [
    `## ${group === 'hidden' ? 'Not in the help' : group}`,
    ...commands.filter((command) => command.group === group).map(commandSection),
  ]);
  return [...intro, ...sections].join('\n\n') + '\n';
}

function commandSection(command: CommandSpec): string {
  const words = command.words.map((word) => [word.usage, word.help]);
  const options = command.options.map((option) => [option.flags, option.help]);
  const rows = [...words, ...options].map(([name, help]) => `- \`${name}\`: ${help}`).join('\n');
  const examples = fenced(command.examples.join('\n'));
  return [`### ${usage(command)}`, sentence(command.summary), ...(rows === '' ? [] : [rows]), examples].join('\n\n');
}

function guardrailsPage(): string {
  const intro = [
    '# Guardrails',
    'Before a release changes anything, Gantry looks for what has hurt people before. A rule that blocks stops the release unless it is let pass with a reason, which is recorded in the release: `gantry deploy ENV --allow G25 "hotfix"`. A rule that confirms asks. On `gantry up` all of them only warn, except where the run would mislead or break. `gantry check` shows what can be said without building anything, and `gantry explain ID` prints what stands here.',
    'Every rule looks at a bounded number of files, without tests, built files and installed packages; what it cannot read it does not judge. A rollback goes back to what has been judged before: only what its plan would do is looked at.',
    'Exit codes of `gantry check`: 2 when a file is wrong, 1 when a guardrail blocks or a target cannot do what the app asks for, 0 with warnings only. With `--json`, each environment has `guardrails: { rules, findings }`: how many rules looked, and for each finding `id`, `severity` (`block`, `confirm` or `warn`), `message`, `where` (`FILE:LINE`, absent when it is about no file), `why` and `fix`. The record of a release has the same in its notes about `guard`, with what was `allowed`, why, and the commit (`source`).',
    '`check` lists at most 200 folders of an app, subfolders included; a release lists up to 1,500.',
    'This page is made from `src/guard/` by `npm run generate`.',
    [
      '| id | rule | severity |',
      '|---|---|---|',
      ...rules.map(({ text: { id, title, severity } }) => `| [${id}](#${id.toLowerCase()}) | ${title} | ${severity} |`),
    ].join('\n'),
  ];
  const sections = rules.map(({ text: { id, title, severity, cause, fix, example } }) =>
    [
      `## ${id}`,
      `**${sentence(title)}** ${cause}`,
      `**Severity.** ${sentence(severity)}`,
      `**What to do.** ${fix}`,
      ...(example === undefined ? [] : ['**Example**', fenced(example)]),
    ].join('\n\n'),
  );
  return [...intro, ...sections].join('\n\n') + '\n';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

function place(file: string, content: string, checkOnly: boolean): void {
  const path = join(process.cwd(), file);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return;
  if (!checkOnly) return writeFileSync(path, content);
  console.error(`${file} is stale: run \`npm run generate\``);
  process.exitCode = 1;
}

const checkOnly = process.argv.includes('--check');
place('docs/errors.md', errorsPage(), checkOnly);
place('docs/commands.md', commandsPage(), checkOnly);
place('docs/guardrails.md', guardrailsPage(), checkOnly);
