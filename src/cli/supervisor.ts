/** Entry of the supervisor process: `supervisor.cjs FOLDER APP ENVIRONMENT URL`, with the public socket as descriptor 3. */
import { join } from 'node:path';
import type { App, Environment } from '../app/model.ts';
import { builders } from '../builders/index.ts';
import { engines } from '../engines/index.ts';
import { folderStore } from '../platforms/folder-store.ts';
import { identifySelf } from '../platforms/identity.ts';
import { platforms } from '../platforms/index.ts';
import { placesOf, type Places } from '../platforms/local/places.ts';
import { preloadEnvironment } from '../platforms/local/preload/environment.ts';
import type { DeployRequest } from '../platforms/local/protocol.ts';
import { resourceDrivers } from '../platforms/local/resources/index.ts';
import { localSecrets } from '../platforms/local/secrets.ts';
import { supervisorMain } from '../platforms/local/supervisor/main.ts';
import type { DeployContext, DeployRunner } from '../platforms/local/supervisor/options.ts';
import { release } from '../release/runner.ts';
import type { Tools } from '../release/work.ts';
import { targets } from '../targets/index.ts';
import { distDir } from './dist.ts';
import { hostname } from 'node:os';
import { version } from './version.ts';

export async function main(): Promise<void> {
  const [folder = '', app = '', environment = '', url = ''] = process.argv.slice(2);
  const places = placesOf(folder);
  const secrets = localSecrets(places);
  process.exitCode = await supervisorMain({
    places,
    app,
    environment,
    version,
    url,
    env: baseEnvironment(),
    ingress: [process.execPath, join(distDir(), 'ingress.cjs')],
    deploy,
    secrets: (name, wanted) => secrets.read(name, wanted),
    resources: resourceDrivers,
    preload: (service, port) => preloadEnvironment(service, port, join(distDir(), 'preload.cjs')),
  });
}

const deploy: DeployRunner = async (request, context) => {
  const { app, environment } = request as DeployRequest & { readonly app: App; readonly environment: Environment };
  const identity = await identifySelf();
  const holder = { ...identity, who: request.who, operation: request.operation, since: new Date().toISOString(), host: hostname() };
  const result = await release(app, environment, holder, await toolsFor(environment, context));
  return { ...result, url: process.argv[5] ?? '' };
};

async function toolsFor(environment: Environment, { places, report, signal }: DeployContext): Promise<Tools> {
  const target = targets[environment.target];
  if (target === undefined) throw new Error(`unknown target ${environment.target}`);
  return {
    target,
    engines,
    builder: builders.folder,
    platform: platforms[target.platform],
    store: folderStore(places.storeDir),
    folder: places.folder,
    cacheDir: places.cacheDir,
    workDir: workDir(places),
    control: places.supervisorSocket,
    signal,
    report,
  };
}

function workDir(places: Places): string {
  return join(places.stateDir, 'work');
}

function baseEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8' } = process.env;
  return { PATH, HOME, LANG };
}
