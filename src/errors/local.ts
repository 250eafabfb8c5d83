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
  GL1003: {
    title: 'supervisor did not start',
    cause: 'The process that looks after the app could not be started or ended at once.',
    fix: 'Read its log, which is named; `gantry doctor` checks this machine.',
  },
  GL1004: {
    title: 'port cannot be used',
    cause: 'The public port is taken by another program, or may not be opened by this user.',
    fix: 'Stop that program, or choose another port: `gantry up --port 8090`, or PORT=8090.',
  },
  GL3001: {
    title: 'server program not found',
    cause: 'A resource needs a server program of the declared major version, and this machine has none.',
    fix: 'Install the version that the message names, correct `version` in gantry.yaml, or point `external` at a running server.',
  },
  GL3002: {
    title: 'data of another version',
    cause: 'The data folder was made by another major version than the declared one. Gantry never touches such data.',
    fix: 'Set `version` back to the one of the data, or move the data folder away and restore a dump into the new version.',
  },
  GL3003: {
    title: 'resource did not start',
    cause: 'The server program of a resource ended, or did not answer in time. The last lines of its log are shown.',
    fix: 'Correct what the log lines say, then run `gantry up` again. The data is untouched.',
  },
  GL3004: {
    title: 'external server does not answer',
    cause: 'A resource is `external`, and nothing that speaks its protocol answered at the address of its secret.',
    fix: 'Start that server, or correct the address with `gantry secret set local NAME`.',
  },
  GL3005: {
    title: 'data folder cannot be used',
    cause: 'The data folder of a resource cannot be written by the user that its server runs as.',
    fix: 'Correct the owner or the permissions that the message names, or set GANTRY_CACHE to a folder that every user may enter.',
  },
  GL3006: {
    title: 'data folder in use',
    cause: 'Another server, which Gantry did not start, works on the same data folder.',
    fix: 'Stop that server, whose pid the message names, then run `gantry up` again.',
  },
  GL3007: {
    title: 'database could not be created',
    cause: 'The program that makes a new database cluster failed. Nothing of it is left.',
    fix: 'Correct what its last lines say, then run `gantry up` again.',
  },
  GL3008: {
    title: 'external address cannot be read',
    cause: 'The secret that an `external` resource names is missing, or it is not a URL of that type of server.',
    fix: 'Set it to a URL such as postgres://user:password@host:5432/name with `gantry secret set local NAME`.',
  },
  GL4001: {
    title: 'secrets are readable by others',
    cause: 'The file with the secrets must belong to you and be readable by nobody else; otherwise it is not used.',
    fix: 'Run the `chmod` or `chown` that the message shows. If others had access, set the secrets again.',
  },
  GL4002: {
    title: 'secrets file is damaged',
    cause: 'The file with the secrets is not what Gantry wrote.',
    fix: 'Restore the file from a backup, or remove it and set the secrets again with `gantry secret set`.',
  },
  GL4003: {
    title: 'secret cannot be stored',
    cause: 'The name or the value is not one that a process can be given.',
    fix: 'Use letters, digits and underscores for the name, and a value without NUL bytes of at most 64 KiB.',
  },
  GL4004: {
    title: 'secrets are being written',
    cause: 'Another process has been changing the secrets for too long.',
    fix: 'Wait for the process that the message names, or stop it, then run the command again.',
  },
  GL4005: {
    title: 'state folder cannot be used',
    cause: 'The .gantry folder is not a folder of its own that belongs to you.',
    fix: 'Move away what is in its place, or run Gantry as the user who owns it.',
  },
  GL4006: {
    title: 'data lies in another cache folder',
    cause: 'This app has data in a cache folder that differs from the present one, and it could not be moved.',
    fix: 'Set GANTRY_CACHE as it was before, or move the folder as the message shows.',
  },
  GL4011: {
    title: 'lock was lost',
    cause: 'Somebody else has taken over this environment, so nothing more is written under the old lock.',
    fix: 'Look at `gantry status`, then run the command again if it is still needed.',
  },
  GL4012: {
    title: 'journal has moved on',
    cause: 'Another writer has added to the journal since it was read.',
    fix: 'Run the command again; it starts from the present state.',
  },
  GL4013: {
    title: 'journal is damaged',
    cause: 'The journal of this environment is damaged in both of its copies, so what is deployed is not known.',
    fix: 'Restore the folder that the message names from a backup. Running services are left alone meanwhile.',
  },
  GL4014: {
    title: 'state of a newer version',
    cause: 'The state folder was written by a newer version of Gantry than this one.',
    fix: 'Use that version or a newer one.',
  },
  GL4015: {
    title: 'stored file is missing or damaged',
    cause: 'A file that belongs to a release is missing from the store, or its content does not match its digest.',
    fix: 'Deploy again from the source; a rollback to that release is not possible.',
  },
  GL4016: {
    title: 'store folder cannot be used',
    cause: 'Something in the store is not a plain file or folder, or belongs to another user.',
    fix: 'Move away what is in its place, or run Gantry as the user who owns it.',
  },
} as const satisfies Record<string, ErrorEntry>;
