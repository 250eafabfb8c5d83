/** Entry of the supervisor process: `supervisor.cjs FOLDER APP ENVIRONMENT URL`, with the public socket as descriptor 3. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { contentFolder } from '../builders/folder/builder.ts';
import { builders } from '../builders/index.ts';
import { engines } from '../engines/index.ts';
import { folderStore } from '../platforms/folder-store.ts';
import { identifySelf } from '../platforms/identity.ts';
import type { Holder } from '../platforms/store.ts';
import { platforms } from '../platforms/index.ts';
import { placesOf, type Places } from '../platforms/local/places.ts';
import { preloadEnvironment } from '../platforms/local/preload/environment.ts';
import type { OperateRequest, OperateResult } from '../platforms/local/protocol.ts';
import { resourceDrivers } from '../platforms/local/resources/index.ts';
import { localSecrets } from '../platforms/local/secrets.ts';
import { supervisorMain } from '../platforms/local/supervisor/main.ts';
import { predecessorVariable } from '../platforms/local/supervisor/handover.ts';
import type { OperateContext, RecoveryWork } from '../platforms/local/supervisor/options.ts';
import { operate } from '../release/operate.ts';
import type { OperationRequest } from '../release/request.ts';
import { isSettled } from '../release/recovery.ts';
import { settle } from '../release/runner.ts';
import type { ServiceSpec } from '../stack/process.ts';
import type { Tools } from '../release/work.ts';
import { targets } from '../targets/index.ts';
import { buildDigest, distDir } from './dist.ts';
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
    build: buildDigest(),
    operate: async (request, context) => ({ ...(await carryOut(request, context)), url }),
    recovery: recoveryOf(places),
    ...predecessor(),
    secrets: (name, wanted) => secrets.read(name, wanted),
    resources: resourceDrivers,
    preload: (service, port) => preloadEnvironment(service, port, join(distDir(), 'preload.cjs'), folderOf(places, service)),
  });
}

/** A release that a dead supervisor left half-way is finished or taken back before anything else. */
function recoveryOf({ storeDir }: Places): RecoveryWork {
  return {
    isDue: async () => !(await isSettled(folderStore(storeDir))),
    run: async (context) => {
      await settle(await holderFor('Gantry', 'recovery'), toolsFor('local', context, process.env['PATH'] ?? ''));
    },
  };
}

function predecessor(): { readonly predecessor?: number } {
  const pid = Number(process.env[predecessorVariable]);
  return pid > 0 ? { predecessor: pid } : {};
}

async function carryOut({ request, who, operation, path }: OperateRequest, context: OperateContext): Promise<Omit<OperateResult, 'url'>> {
  const wanted = request as OperationRequest;
  return operate(wanted, await holderFor(who, operation), toolsFor(wanted.env.target, context, path));
}

async function holderFor(who: string, operation: string): Promise<Holder> {
  return { ...(await identifySelf()), who, operation, since: new Date().toISOString(), host: hostname() };
}

function folderOf(places: Places, { content }: ServiceSpec): string | undefined {
  return typeof content === 'string' ? contentFolder(places.cacheDir, content) : undefined;
}

function toolsFor(name: string, { places, report, signal }: OperateContext, path: string): Tools {
  const target = targets[name];
  if (target === undefined) throw new Error(`unknown target ${name}`);
  return {
    target,
    engines,
    builder: builders.folder,
    platform: platforms[target.platform],
    store: folderStore(places.storeDir),
    folder: places.folder,
    cacheDir: places.cacheDir,
    workDir: join(places.stateDir, 'work'),
    control: places.supervisorSocket,
    version,
    path,
    signal,
    report,
  };
}

function baseEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8' } = process.env;
  return { PATH, HOME, LANG };
}
