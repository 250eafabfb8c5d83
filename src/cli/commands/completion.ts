/** Completion scripts: commands, their options, and the environments of the folder. */
import { GantryError } from '../../errors.ts';
import { commands } from '../commands.ts';
import type { Run } from '../io.ts';

export const run: Run = async (io, args) => {
  const script = scripts[args.words['shell'] ?? ''];
  if (script === undefined)
    throw new GantryError('GC1002', `there is no completion for ${JSON.stringify(args.words['shell'])}`, {
      where: 'gantry completion',
      fix: 'Name bash, zsh or fish.',
      exitCode: 2,
    });
  io.stdout.write(script());
  return 0;
};

const names = commands.filter(({ group }) => group !== 'hidden').map(({ name }) => name);
const withEnvironment = commands.filter(({ words }) => words.some(({ usage }) => usage === '<env>')).map(({ name }) => name);

function optionsOf(name: string): string[] {
  const own = commands.find((command) => command.name === name)?.options ?? [];
  return [...own.map(({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? ''), '--json', '--quiet', '--verbose', '--dir', '--help'].filter(
    Boolean,
  );
}

const scripts: Readonly<Record<string, () => string>> = { bash, zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`, fish };

function bash(): string {
  const cases = names.map((name) => `      ${name}) options="${optionsOf(name).join(' ')}" ;;`).join('\n');
  return `_gantry() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" options="" environments="local"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names.join(' ')} --help --version" -- "$word"))
    return
  fi
  if [ -d environments ]; then
    environments="local $(ls environments | sed -n 's/\\.ya\\{0,1\\}ml$//p' | tr '\\n' ' ')"
  fi
  if [[ "$word" == -* ]]; then
    case "$command" in
${cases}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [ "$COMP_CWORD" -eq 2 ] && [[ " ${withEnvironment.join(' ')} " == *" $command "* ]]; then
    COMPREPLY=($(compgen -W "$environments" -- "$word"))
  fi
}
complete -F _gantry gantry
`;
}

function fish(): string {
  const rows = commands
    .filter(({ group }) => group !== 'hidden')
    .map(({ name, summary }) => `complete -c gantry -n __fish_use_subcommand -a ${name} -d "${summary.replaceAll('"', "'")}"`);
  const flags = names.flatMap((name) =>
    optionsOf(name).map((option) => `complete -c gantry -n "__fish_seen_subcommand_from ${name}" -l ${option.slice(2)}`),
  );
  const environments = `complete -c gantry -n "__fish_seen_subcommand_from ${withEnvironment.join(' ')}" -a "local (ls environments 2>/dev/null | string replace -r '\\.ya?ml\\$' '')"`;
  return `complete -c gantry -f\n${[...rows, ...flags, environments].join('\n')}\n`;
}
