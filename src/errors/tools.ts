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
  GB1001: {
    title: 'folder of a service not found',
    cause: 'The `build` of a service names a folder that does not exist.',
    fix: 'Correct `build` in gantry.yaml, or create the folder.',
  },
  GB1002: {
    title: 'link leaves the folder',
    cause: 'A symbolic link in the folder of a service points outside of it. Only the folder is copied, so its target would be missing.',
    fix: 'Replace the link by a copy of its target, point it at something in the folder with a relative path, or list it in .dockerignore.',
  },
  GB1003: {
    title: 'preparation failed',
    cause: 'A command of `prepare` ended with an error. Its last lines are shown.',
    fix: 'Correct what the last lines say, then run the command again.',
  },
  GB1004: {
    title: 'program of a preparation not found',
    cause: 'A command of `prepare` names a program that is not on PATH.',
    fix: 'Install the program, or correct the command in `prepare`.',
  },
  GB1005: {
    title: 'packages above the cache folder',
    cause:
      'Services are prepared in the cache folder, and a folder above it holds node_modules. A service could load packages from there that it does not have elsewhere.',
    fix: 'Set GANTRY_CACHE to a folder without node_modules above it.',
  },
  GB1006: {
    title: 'image cannot run here',
    cause: 'The service is a ready image, and this target runs processes without containers.',
    fix: 'Give the service `build`, `prepare` and `run`, or use a target that runs containers.',
  },
  GB1007: {
    title: 'files change while they are copied',
    cause: 'Files of a service changed each time while Gantry copied them.',
    fix: 'Stop what writes into the folder, or list what it writes in .dockerignore.',
  },
  GB1008: {
    title: 'site has no files',
    cause: 'The folder that `static` names does not exist after `prepare`.',
    fix: 'Set `static` to the folder that `prepare` writes.',
  },
} as const satisfies Record<string, ErrorEntry>;
