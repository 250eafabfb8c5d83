/** An app in a temporary folder, judged by one rule. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadApp, loadEnvironment } from '../../app/load.ts';
import type { App } from '../../app/model.ts';
import { targets } from '../../targets/index.ts';
import type { Surroundings, Target } from '../../targets/target.ts';
import type { Finding, GuardContext } from '../guard.ts';
import { rules } from '../index.ts';
import { locator } from '../look/positions.ts';

const local = targets['local'] as Target;

export interface Setting {
  /** With gantry.yaml, and environments/NAME.yaml if there are any. */
  readonly files: Readonly<Record<string, string>>;
  /** Default: `local`, without a file. */
  readonly environment?: string;
  readonly more?: Partial<GuardContext>;
}

/** What one rule finds, with its severity and message in front: `block: web runs ...  list.js:5`. */
export async function found(id: string, setting: Setting): Promise<string[]> {
  return (await findings(id, setting)).map(
    ({ severity, message, where }) => `${severity}: ${message}${where === undefined ? '' : `  ${where}`}`,
  );
}

export async function findings(id: string, setting: Setting): Promise<readonly Finding[]> {
  const rule = rules.find(({ text }) => text.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  return rule.find(await contextOf(setting));
}

export async function contextOf({ files, environment = 'local', more = {} }: Setting): Promise<GuardContext> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-guard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const app = await appOf(files['gantry.yaml'] ?? '');
  const environments = await Promise.all(
    Object.entries(files)
      .filter(([path]) => path.startsWith('environments/'))
      .map(async ([path, text]) => environmentOf(path, text, app)),
  );
  const own = environments.find(({ env }) => env.name === environment) ?? {
    env: { name: environment, target: 'local', options: {}, patches: [] },
    app,
  };
  return {
    ...own,
    target: local,
    environments: environments.includes(own) ? environments : [own, ...environments],
    folder,
    cacheDir: folder,
    built: {},
    path: process.env['PATH'] ?? '',
    purpose: 'deploy',
    locate: locator(folder, environment),
    source: async () => undefined,
    ask: async () => undefined,
    experience: { kept: 0, serves: false, services: {} },
    neighbours: [],
    changes: undefined,
    migrated: undefined,
    signal: new AbortController().signal,
    ...more,
  };
}

async function appOf(text: string): Promise<App> {
  const loaded = await loadApp({ path: 'gantry.yaml', text });
  if ('issues' in loaded) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.app;
}

async function environmentOf(path: string, text: string, app: App): Promise<GuardContext['environments'][number]> {
  const result = await loadEnvironment({ path, text }, app, { local });
  if ('issues' in result) throw new Error(result.issues.map(({ message }) => message).join('\n'));
  return result;
}

/** A place of another kind than this machine. */
export function elsewhere(surroundings: Partial<Surroundings> = {}): Target {
  return {
    ...local,
    builders: ['image' as 'folder'],
    surroundings: { ...local.surroundings, idleMs: 60_000, heedsKeepAlive: false, stopSignal: 'first', ...surroundings },
  };
}

/** `services.web` of an app with a line for each setting. */
export function webApp(...lines: readonly string[]): string {
  return ['gantry: 1', 'app: shop', 'services:', '  web:', '    build: ./web', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

export const plain = ['run: node server.js', 'port: 3000', 'route: /', 'health: /health'] as const;
