import type { Path, Problem } from '../issue.ts';
import { splitWords, type ShellProblem } from '../words.ts';
import { perService } from './rule.ts';

/** Commands start directly; what only a shell can do is refused with the way to get there. */
export const commandRule = perService((raw) => [
  ...(typeof raw.prepare === 'string'
    ? command(raw.prepare, ['prepare'])
    : (raw.prepare ?? []).flatMap((item, index) => command(item, ['prepare', index]))),
  ...command(raw.run, ['run']),
  ...(typeof raw.migrate === 'object' && !Array.isArray(raw.migrate)
    ? command(raw.migrate.run, ['migrate', 'run'])
    : command(raw.migrate, ['migrate'])),
]);

function command(value: string | readonly string[] | undefined, path: Path): Problem[] {
  if (value === undefined) return [];
  if (typeof value !== 'string') return value[0]?.trim() === '' ? [problem({ kind: 'empty', found: 'no command' }, '', path)] : [];
  const split = splitWords(value);
  return 'problem' in split ? [problem(split.problem, value, path)] : [];
}

function problem(shell: ShellProblem, text: string, path: Path): Problem {
  const [message, fix] = texts[shell.kind](shell.found, String(path[0]), text);
  return { code: 'GA2006', path, message, fix };
}

type Text = (found: string, key: string, text: string) => readonly [message: string, fix: string];

const script = 'put the command line into a script of the service and run that, for example `sh start.sh`';

const texts: Readonly<Record<ShellProblem['kind'], Text>> = {
  chain: (found, key, text) => [`"${found}" needs a shell, and there is none`, chainFix(found, key, text)],
  pipe: (found) => [`"${found}" needs a shell, and there is none`, script],
  background: (found) => [
    `"${found}" needs a shell, and there is none`,
    'a service is one program in the foreground: make the other program a service of its own (or quote the character if it is meant as text)',
  ],
  redirect: (found) => [
    `"${found}" needs a shell, and there is none`,
    'delete the redirection: Gantry keeps what the program prints (or quote the character if it is meant as text)',
  ],
  group: (found) => [`"${found}" needs a shell, and there is none`, `${script} (or quote the character if it is meant as text)`],
  expansion: (found, key) => [`"${found}" is not expanded here`, expansionFix(found, key)],
  glob: () => [
    '"*" is not expanded here',
    'put the word in quotes if the program itself understands the pattern; otherwise name the files',
  ],
  home: () => ['"~" is not expanded here', 'write a path relative to the folder of the service, or put the word in quotes'],
  assignment: (found) => [
    `"${found}" is not set as a variable here`,
    `move it to \`variables\`: { ${found.slice(0, found.indexOf('='))}: ... }`,
  ],
  comment: () => ['"#" begins a comment in a shell, and there is none', 'delete the comment, or put the word in quotes'],
  quote: (found) => [
    found === '\\' ? 'nothing follows the last backslash' : `a ${found} is not closed`,
    found === '\\' ? 'delete the backslash' : 'close the quote, or write a backslash before it',
  ],
  line: (_found, key) => [
    'a command is one line',
    key === 'prepare'
      ? 'make it a list with one command per line'
      : 'put the first commands into `prepare`, as a list, and keep one line here',
  ],
  empty: () => ['the command is empty', 'write the program to start and its arguments, or delete the key'],
};

function chainFix(found: string, key: string, text: string): string {
  if (key === 'prepare')
    return `make it a list with one command per item: [${text
      .split(found, 2)
      .map((part) => part.trim())
      .join(', ')}]`;
  if (/^\s*cd\s/.test(text)) return 'delete `cd`: commands run in the folder that `build` names';
  if (found === '||') return script;
  return key === 'run'
    ? 'put the first commands into `prepare`, and keep the last one in `run`'
    : `put the commands into a script and run that, for example \`${key}: sh ${key}.sh\``;
}

function expansionFix(found: string, key: string): string {
  if (found.startsWith('$(') || found.startsWith('`')) return script;
  if (/^\$\{?PORT\b/.test(found))
    return 'delete it: the program reads PORT by itself; a program that cannot listens on a fixed port, written as `port: { number: 5000, fixed: true }`';
  return key === 'prepare'
    ? script
    : 'let the program read its variables by itself, or put the word in single quotes if it is meant as text';
}
