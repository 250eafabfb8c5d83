/** A real supervisor process for tests: `FOLDER URL INGRESS`, secrets from a JSON file, a deploy runner that obeys a file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '../../../../errors.ts';
import { Secret } from '../../../../exec/secret.ts';
import { placesOf } from '../../places.ts';
import type { OperationRunner, PreloadEnvironment, RecoveryWork } from '../options.ts';
import type { ResourceDriver } from '../resources.ts';
import { supervisorMain } from '../main.ts';
import { fakeResource } from './fake-resource.ts';

const [folder = '', url = '', ingress = ''] = process.argv.slice(2);
const places = placesOf(folder);

function json(name: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Reports steps until the file `deploy-may-end` exists in the app's folder. */
const operate: OperationRunner = async (_request, { report, signal }) => {
  report({ step: 'build', state: 'running', message: 'first', elapsedMs: 1 });
  report({ step: 'smoke', state: 'running', message: 'second', elapsedMs: 2 });
  while (json('deploy-may-end')['now'] !== true) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { release: 'aaaa00000000', number: 1, url, changed: true, durationMs: 3 };
};

/** The successor of an upgrade that dies as soon as it has the socket: its state is read before anything else. */
if (process.env['TEST_DIES'] !== undefined) {
  const { connect } = await import('../../client.ts');
  const look = async (): Promise<void> => {
    const pid = await connect(places.supervisorSocket).then(
      async (client) => (await client.request('hello', {})).pid,
      () => 0,
    );
    if (pid === process.pid) process.kill(process.pid, 'SIGKILL');
    else setTimeout(() => void look(), 1);
  };
  void look();
}

/** Comes to the step that `recovery.json` names, stays there until `recovery-may-end` exists, and fails if `recovery.json` says so. */
const recover: RecoveryWork['run'] = async ({ report, signal }) => {
  report({ step: String(json('recovery.json')['step']), state: 'running', message: '', elapsedMs: 1 });
  while (json('recovery-may-end')['now'] !== true) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (json('recovery.json')['fails'] === true) throw new GantryError('GX2001', 'no space left on /disk');
  writeFileSync(join(folder, 'recovery.json'), '{"due":false}');
};

const drivers: Record<'postgres' | 'redis', () => Promise<ResourceDriver>> = {
  postgres: async () => fakeResource('postgres'),
  redis: async () => fakeResource('redis'),
};
const preload: PreloadEnvironment = (service) => (service.run[0] === process.execPath ? { NODE_OPTIONS: '--no-warnings' } : undefined);

process.exitCode = await supervisorMain({
  places,
  app: 'demo',
  environment: 'local',
  version: '0.0.0',
  url,
  env: { PATH: process.env['PATH'] ?? '', HOME: folder, LANG: 'C' },
  ingress: [process.execPath, ingress],
  build: process.env['TEST_BUILD'] ?? 'b0',
  operate,
  recovery: {
    isDue: async () => json('recovery.json')['due'] === true,
    run: recover,
  },
  ...(process.env['GANTRY_PREDECESSOR'] === undefined ? {} : { predecessor: Number(process.env['GANTRY_PREDECESSOR']) }),
  secrets: async (name, version) => {
    const value = json('test-secrets.json')[version === undefined ? name : `${name}@${version}`];
    return typeof value === 'string' ? new Secret(value) : undefined;
  },
  resources: drivers,
  preload,
  autoscaler: json('autoscaler.json'),
});
