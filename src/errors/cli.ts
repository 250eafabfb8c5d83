import type { ErrorEntry } from '../errors.ts';

/** GCxxxx: how a command was called. */
export const cliErrors = {
  GC1001: {
    title: 'unknown command',
    cause: 'The first word is not a command of gantry.',
    fix: 'Run `gantry --help` for the list of commands.',
  },
  GC1002: {
    title: 'wrong arguments',
    cause: 'The command was called with an argument or an option that it does not have, or without one that it needs.',
    fix: 'Run the command with `--help` to see what it takes.',
  },
  GC1003: {
    title: 'unknown environment',
    cause: 'The environment named is neither `local` nor a file in environments/. It is the first word of most commands.',
    fix: 'Name one of the environments that `gantry check` lists.',
    example: 'gantry logs local backend',
  },
  GC1004: {
    title: 'unknown service',
    cause: 'The service named is not under `services` in gantry.yaml.',
    fix: 'Name one of the services that `gantry check` lists.',
  },
  GC1005: {
    title: 'confirmation needed',
    cause: 'The command removes something, and nobody could be asked or the answer was not the name.',
    fix: 'Answer with the name that is asked for; in scripts give `--yes`, and `--confirm ENV` for any environment but local.',
  },
  GC1006: {
    title: 'no value given',
    cause: 'A secret was to be set, and standard input was empty.',
    fix: 'Type it at the hidden prompt, or pipe it in: `printf %s "$VALUE" | gantry secret set local NAME`.',
  },
  GC1007: {
    title: 'file exists',
    cause: 'The command would replace a file that is already there.',
    fix: 'Edit that file, or add `--force` to replace it.',
  },
  GC1008: {
    title: 'output cannot be written',
    cause: 'The file or device that the output of the command goes to takes no more, for example because its disk is full.',
    fix: 'Make room, or send the output elsewhere. What the command did is done; `gantry status ENV` shows what is true.',
  },
} as const satisfies Record<string, ErrorEntry>;
