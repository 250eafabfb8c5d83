import type { ErrorEntry } from '../errors.ts';

/** GXxxxx: programs that Gantry starts. GBxxxx: builders. */
export const toolErrors = {
  GX1001: {
    title: 'program not found',
    cause: 'A program that is needed is not on PATH.',
    fix: 'Install it, or correct the name.',
  },
  GX1002: {
    title: 'program failed',
    cause: 'A program that Gantry started ended with an error.',
    fix: 'Read the last lines of its output, which are shown.',
  },
  GX1003: {
    title: 'program took too long',
    cause: 'A program that Gantry started did not end in time and was stopped.',
    fix: 'Look at what it waits for; its last lines are shown.',
  },
  GX1004: {
    title: 'program stopped',
    cause: 'The operation was interrupted, and the program that ran was stopped.',
    fix: 'Run the command again; nothing is left half done.',
  },
} as const satisfies Record<string, ErrorEntry>;
