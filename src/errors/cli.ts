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
} as const satisfies Record<string, ErrorEntry>;
