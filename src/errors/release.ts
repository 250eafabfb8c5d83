import type { ErrorEntry } from '../errors.ts';

/** GRxxxx: releases. */
export const releaseErrors = {
  GR1001: {
    title: 'a release is in progress',
    cause: 'One writer changes an environment at a time, and another one holds the lock.',
    fix: 'Wait until it has ended, or look at it with `gantry status ENV`.',
  },
} as const satisfies Record<string, ErrorEntry>;
