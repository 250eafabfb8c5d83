import type { ErrorEntry } from '../errors.ts';

/** GLxxxx: the local platform: supervisor, ingress, replicas, resources, stores. */
export const localErrors = {
  GL1001: {
    title: 'not running',
    cause: 'The command needs the running app, and no supervisor answers for this folder.',
    fix: 'Start it with `gantry up` or `gantry up --detach`.',
  },
  GL1002: {
    title: 'socket path too long',
    cause: 'The path of a Unix socket may not exceed 100 bytes; the system would cut it in silence.',
    fix: 'Set XDG_RUNTIME_DIR to a shorter folder that only you can read.',
  },
} as const satisfies Record<string, ErrorEntry>;
