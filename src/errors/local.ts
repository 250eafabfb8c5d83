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
  GL1005: {
    title: 'already running at another address',
    cause: 'The app runs in this folder, and a running app keeps its address.',
    fix: 'Stop it with `gantry down`, then start it with the new port.',
  },
  GL1006: {
    title: 'folder or program missing',
    cause: 'The app file names a folder that does not exist, or a program that is not on PATH.',
    fix: 'Make the folder, install the program, or correct the name in gantry.yaml.',
  },
  GL1010: {
    title: 'connection lost',
    cause: 'The supervisor, or the process asked, ended before it had answered.',
    fix: 'Look at `gantry status local`; the supervisor is restarted by itself, and its log says why it ended.',
  },
  GL1011: {
    title: 'no answer in time',
    cause: 'The process asked is overloaded, stopped or hangs.',
    fix: 'Try again; if it stays so, read its log (`gantry logs local supervisor`, `gantry logs local ingress`).',
  },
  GL1012: {
    title: 'runs as another user',
    cause: 'The socket of the running app belongs to another user.',
    fix: 'Run the command as the user who started the app.',
  },
  GL1013: {
    title: 'another version of Gantry runs',
    cause: 'The supervisor was started by another version of Gantry, whose messages differ.',
    fix: 'Stop the app with `gantry down` and start it again with `gantry up`; data stays.',
  },
  GL1014: {
    title: 'bug in the supervisor',
    cause: 'The supervisor met something that it was not written for.',
    fix: 'Report it with the lines shown and the supervisor log; `gantry down`, then `gantry up` starts afresh.',
  },
  GL1015: {
    title: 'supervisor already runs',
    cause: 'One supervisor looks after an app folder, and another one is there already.',
    fix: 'Nothing is to be done: the running one answers.',
  },
  GL1016: {
    title: 'socket folder is not private',
    cause: 'The folder for sockets belongs to another user, or is not a folder.',
    fix: 'Set XDG_RUNTIME_DIR to a folder that only you can read, or remove what is in its place.',
  },
  GL1017: {
    title: 'state file is damaged',
    cause: 'A file that says what should run, and the snapshot before it, cannot be read or do not match their checksums.',
    fix: 'Restore the file that the message names from a backup, or remove it and run `gantry up`, which makes it again. Data of resources is not touched.',
  },
  GL1018: {
    title: 'no public socket',
    cause: 'The supervisor is given the open public socket as file descriptor 3, and there is none.',
    fix: 'Start the app with `gantry up`.',
  },
  GL1019: {
    title: 'supervisor is stopping',
    cause: 'The app is being stopped, so nothing new is begun.',
    fix: 'Wait until it has stopped, then run `gantry up`.',
  },
  GL1020: {
    title: 'replica ends again and again',
    cause: 'The program of a service ended soon after each of its starts.',
    fix: 'Read its last lines, which are shown, and mend the program or its variables; then run `gantry up`.',
  },
  GL1021: {
    title: 'replica does not become ready',
    cause: 'The program runs, but did not answer its health check within its startup time.',
    fix: 'See that `health` names a path that answers 200 when the service can work, or raise `health.startup`.',
    example: 'health: { path: /healthz, startup: 60s }',
  },
  GL1022: {
    title: 'program listens elsewhere',
    cause: 'The program runs and listens, but not on the port that Gantry gave it in PORT, or not on 127.0.0.1.',
    fix: 'Let the program listen on PORT (and on HOST, if it binds to a name), or say that its port is fixed.',
    example: 'port: { number: 3000, fixed: true }',
  },
  GL1023: {
    title: 'port of a service is in use',
    cause: 'A program with a fixed port cannot start, as another program holds that port.',
    fix: 'Stop the program that the message names, or give the service another port.',
  },
  GL1024: {
    title: 'content is missing',
    cause: 'The release folder of a service is not there any more.',
    fix: 'Run `gantry up`, which builds it again.',
  },
  GL1025: {
    title: 'value is not known',
    cause: 'A variable refers to a secret, a resource or a service that has no such value now.',
    fix: 'Give the secret a value with `gantry secret set`, or correct the reference in gantry.yaml.',
  },
  GL1026: {
    title: 'unknown service',
    cause: 'Nothing of that name runs in this app.',
    fix: 'Use one of the names that `gantry status local` shows.',
  },
  GL1027: {
    title: 'count outside of its limits',
    cause: 'The number of replicas is not within the scale that the app file allows.',
    fix: 'Choose a number within the limits, or change `scale` in gantry.yaml and run `gantry up`.',
    example: 'scale: { min: 1, max: 6 }',
  },
  GL1028: {
    title: 'resource cannot start',
    cause: 'A database or cache that the app needs did not start.',
    fix: 'Read its last lines (`gantry logs local NAME`), which say why.',
  },
  GL1029: {
    title: 'nothing to wait for',
    cause: 'The set that was to become ready is not wanted any more.',
    fix: 'Look at `gantry status local`; another operation may have changed what should run.',
  },
  GL1030: {
    title: 'ingress does not answer',
    cause: 'The process that takes the requests of users did not confirm a change of its routes.',
    fix: 'Read its log (`gantry logs local ingress`), then run the command again.',
  },
  GL1031: {
    title: 'unknown job',
    cause: 'The release has no job of that name.',
    fix: 'Give the service a `migrate` command, or correct the name.',
  },
  GL1032: {
    title: 'state of a newer version',
    cause:
      'A newer version of Gantry has written what should run, or what does, in a way that this version would misread. Nothing was changed.',
    fix: 'Use that version again, or a later one. To go back to this version for good: `gantry down` with the newer version, then remove the file that the message names and run `gantry up`; data of resources is not touched.',
  },
  GL1033: {
    title: 'supervisor is being replaced',
    cause: 'Another build of Gantry takes over the running app at this moment; users notice nothing.',
    fix: 'Run the command again.',
  },
  GL1034: {
    title: 'new supervisor did not take over',
    cause: 'Another build of Gantry was to look after the running app, and its supervisor did not come up.',
    fix: 'The app runs as before. Read the lines shown and the supervisor log, then run the command again.',
  },
  GL1036: {
    title: 'nobody looks after the app',
    cause:
      'The supervisor ended without stopping the app. Its replicas go on as they are, and nobody replaces one that fails or carries out what is asked.',
    fix: 'Another supervisor is started by itself within seconds. When none comes, run `gantry up`: it takes over what runs.',
  },
  GL2001: {
    title: 'wrong routing table',
    cause: 'The ingress was given a routing table that it cannot use.',
    fix: 'Run `gantry up` again; if it happens again, report it, as Gantry writes this file itself.',
  },
  GL2002: {
    title: 'old routing table',
    cause: 'The ingress was given a routing table older than the one in force.',
    fix: 'Run the command again; another process has changed the routes in the meantime.',
  },
  GL2003: {
    title: 'ingress cannot start',
    cause: 'The process that takes the requests of users was started without what it needs.',
    fix: 'Start the app with `gantry up`, which starts the ingress itself.',
  },
  GL2004: {
    title: 'internal address taken',
    cause: 'Another program listens on a port that Gantry chose for an address inside the app.',
    fix: 'Run `gantry up` again; it chooses other ports.',
  },
  GL2005: {
    title: 'unknown message to the ingress',
    cause: 'The ingress and the process that steers it come from different versions of Gantry.',
    fix: 'Run `gantry down` and `gantry up`, so that both come from the same version.',
  },
  GL2006: {
    title: 'routes not prepared',
    cause: 'The ingress was told to switch to a routing table that it has not been given, or that another one has replaced since.',
    fix: 'Run the command again; another process has changed the routes in the meantime.',
  },
} as const satisfies Record<string, ErrorEntry>;
