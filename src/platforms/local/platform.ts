/** Platform `local`: this machine, seen through the supervisor of one app folder. */
import { GantryError } from '../../errors.ts';
import { interactive } from '../../exec/exec.ts';
import type { JobsSpec } from '../../stack/process.ts';
import { folderStore } from '../folder-store.ts';
import type { Platform, PlatformContext, Status } from '../platform.ts';
import { connect, type Client } from './client.ts';
import { readLogs } from './logs.ts';
import { neighbours } from './neighbours.ts';
import { placesOf } from './places.ts';
import { localSecrets } from './secrets.ts';

export const localPlatform: Platform = {
  name: 'local',
  entry: (set, context) => ask(context, (client) => client.request('entry', { set })),
  status,
  logs: (selector, context) => readLogs(placesOf(context.folder), selector, context.signal),
  metrics: (context, wanted) => ask(context, (client) => client.request('measure', wanted ?? {}, { signal: context.signal })),
  drift: async (context) => (await ask(context, (client) => client.request('drift', {}))).drift,
  run: (job, onLine, context) =>
    ask(context, (client) =>
      client.request(
        'run',
        { jobs: JSON.parse(job.files[`${job.stack}.json`] ?? '{}') as JobsSpec, name: job.name },
        { onEvent: ({ line }) => onLine(line), signal: context.signal },
      ),
    ),
  exec,
  awaitReady: async (set, report, context) => {
    const { ready } = await ask(context, (client) =>
      client.request('awaitSet', { set }, { onEvent: ({ step, message }) => report(`${step} ${message}`), signal: context.signal }),
    );
    return ready;
  },
  shift: async (share, context) => {
    await ask(context, (client) => client.request('shift', { share }));
  },
  drain: async (_set, context) => {
    await ask(context, (client) => client.request('awaitRetired', {}));
  },
  scale: async (service, count, context) => {
    await ask(context, (client) => client.request('scale', { service, count }));
  },
  restart: async (service, context) => {
    await ask(context, (client) => client.request('restart', service === undefined ? {} : { service }));
  },
  progress: async (onEvent, context) => {
    await ask(context, (client) => client.request('attach', {}, { onEvent, signal: context.signal })).catch(() => {});
  },
  disturb: async (disturbance, context) => (await ask(context, (client) => client.request('disturb', disturbance))).text,
  neighbours: async ({ folder }) => neighbours(placesOf(folder).folder),
  secrets: (context) => localSecrets(placesOf(context.folder)),
  store: async (context) => folderStore(placesOf(context.folder).storeDir),
};

/** One request over a connection of its own. @throws GantryError GL1001 when no supervisor answers */
async function ask<T>(context: PlatformContext, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(placesOf(context.folder).supervisorSocket);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function status(context: PlatformContext): Promise<Status> {
  try {
    return await ask(context, (client) => client.request('status', {}, { signal: context.signal }));
  } catch (error) {
    if (error instanceof GantryError && error.code === 'GL1001') return stopped(context);
    throw error;
  }
}

function stopped(context: PlatformContext): Status {
  const { app, environment } = context;
  return {
    app,
    environment,
    url: '',
    release: null,
    state: 'stopped',
    services: [],
    resources: [],
    scaling: [],
    operation: null,
    share: 0,
  };
}

/** Runs on this terminal with the service's folder and variables. */
async function exec(service: string, command: readonly string[], context: PlatformContext): Promise<number> {
  const { cwd, env } = await ask(context, (client) => client.request('environment', { service }));
  return interactive({ argv: command, cwd, env });
}
