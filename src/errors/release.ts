import type { ErrorEntry } from '../errors.ts';

/** GRxxxx: releases. */
export const releaseErrors = {
  GR1001: {
    title: 'a release is in progress',
    cause: 'One writer changes an environment at a time, and another one holds the lock.',
    fix: 'Wait until it has ended, or look at it with `gantry status ENV`.',
  },
  GR1002: {
    title: 'secret is not set',
    cause: 'A service lists a secret that has no value in this environment.',
    fix: 'Give it a value with `gantry secret set ENV NAME`; the input is hidden.',
  },
  GR1003: {
    title: 'the target cannot do what the app asks for',
    cause: 'The app uses a feature that the target of this environment does not have. Nothing is left out in silence.',
    fix: 'Remove it, or override it for this environment; `gantry check ENV` shows what each target can do.',
  },
  GR1004: {
    title: 'release interrupted',
    cause: 'The process that ran the release ended before the release did. It was taken back, or finished if users were on it already.',
    fix: 'Release again; `gantry status ENV` shows what serves now.',
  },
  GR2001: {
    title: 'migration failed',
    cause: 'The migrate command of a service ended with an error. No request has reached the new release.',
    fix: 'Correct the migration; its last lines are shown. Then release again: what was applied is not applied twice.',
  },
  GR3001: {
    title: 'smoke check failed',
    cause: 'The next set answers a smoke check otherwise than expected. No user has reached it.',
    fix: 'Correct the service or the check under `smoke` in gantry.yaml, then release again.',
  },
} as const satisfies Record<string, ErrorEntry>;
