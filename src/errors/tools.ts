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
  GX2001: {
    title: 'disk full',
    cause: 'A file could not be written because its file system has no space, no free file entries, or your quota is used up.',
    fix: 'Free some space on the file system that the message names, then run the command again.',
  },
  GX2002: {
    title: 'read-only file system',
    cause: 'A file had to be written on a file system that is mounted read-only.',
    fix: 'Make the file system writable, or move the app or the cache (GANTRY_CACHE) to another one.',
  },
  GX2003: {
    title: 'not allowed to use a file',
    cause: 'The owner or the permissions of a file or folder do not let this user use it.',
    fix: 'Correct its owner or permissions, or run the command as the user who owns it.',
  },
  GX2004: {
    title: 'disk error',
    cause: 'The disk reported an input/output error. What was being written may be lost.',
    fix: 'Look at the system log; restore the folder from a backup once the disk is in order.',
  },
} as const satisfies Record<string, ErrorEntry>;
