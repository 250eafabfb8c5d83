/** The local platform and the process engine under the contracts that all of their kind keep. */
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { engineContract } from '../../../test/contracts/engine.ts';
import { platformContract } from '../../../test/contracts/platform.ts';
import { processEngine } from '../../engines/process/engine.ts';
import { jsonFile, type JsonWithParts } from '../../stack/parts.ts';
import type { SetSpec } from '../../stack/process.ts';
import type { Stack } from '../../stack/stack.ts';
import { localPlatform } from './platform.ts';
import { bundle, service, set, webApp, World, type Bundles } from './supervisor/testing/kit.ts';

let bundles: Bundles;

const limits = {
  headerBytes: 32_768,
  bodyBytes: 1_048_576,
  headersTimeoutMs: 5000,
  idleTimeoutMs: 30_000,
  responseTimeoutMs: 30_000,
  holdMs: 5000,
};

/** A supervisor of its own, where commands that look for it by the folder find it. */
async function startWorld(): Promise<World> {
  const world = new World(bundles);
  vi.stubEnv('XDG_RUNTIME_DIR', `${world.folder}/run`);
  vi.stubEnv('GANTRY_CACHE', `${world.folder}/cache`);
  for (const content of ['c1', 'c2']) world.content(content, { 'main.cjs': webApp("console.log('listening');") });
  await world.start();
  return world;
}

function webSet(release: string, content: string): SetSpec {
  return set(release, [service('web', content, { replicas: 2 })]);
}

function services(sets: Readonly<Record<string, SetSpec>>): Stack {
  const files = Object.entries(sets).map(([name, spec]) => [`sets/${name}.json`, jsonFile(spec as unknown as JsonWithParts)] as const);
  return {
    id: 'services',
    engine: 'process',
    phase: 'release',
    needs: [],
    outputs: {},
    files: { 'entry.json': jsonFile({ limits }), ...Object.fromEntries(files) },
  };
}

describe('the local place', () => {
  beforeAll(async () => {
    bundles = await bundle();
  });
  afterAll(() => {
    bundles.remove();
    vi.unstubAllEnvs();
  });

  engineContract('process', async () => {
    const world = await startWorld();
    return {
      engine: processEngine,
      context: {
        app: 'shop',
        environment: 'local',
        workDir: world.folder,
        control: world.places.supervisorSocket,
        content: { live: {}, next: {} },
        signal: new AbortController().signal,
      },
      stack: services({ live: webSet('r1', 'c1') }),
      changed: services({ live: webSet('r2', 'c2') }),
      end: async () => world.stop(),
    };
  });

  platformContract('local', async () => {
    const world = await startWorld();
    const client = await world.client();
    await client.request('want', { desired: { live: webSet('r1', 'c1'), next: webSet('r2', 'c2'), share: 0, entry: { limits } } });
    await client.request('awaitSet', { set: 'live' });
    const status = await client.request('status', {});
    const jobs = {
      release: 'r2',
      secrets: {},
      jobs: [{ name: 'web', content: 'c2', run: [process.execPath, '-e', "console.log('migrated'); process.exitCode = 3"], env: {} }],
    };
    return {
      platform: localPlatform,
      context: { app: status.app, environment: status.environment, folder: world.folder, signal: new AbortController().signal },
      live: 'r1',
      next: 'r2',
      job: { stack: 'migrate', name: 'web', files: { 'migrate.json': JSON.stringify(jobs) } },
      end: async () => world.stop(),
    };
  });
});
