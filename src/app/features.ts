import { defaults } from './normalize.ts';
import type { App, Environment, ReleaseSettings, Resource, Service } from './model.ts';

/** What an app can ask for. Every target answers for every one of them. */
export const features = [
  'service.web',
  'service.worker',
  'service.schedule',
  'service.static',
  'service.image',
  'port.fixed',
  'health',
  'health.live',
  'limits.cpu',
  'limits.memory',
  'scale.count',
  'scale.cpu',
  'scale.concurrency',
  'variables',
  'secrets',
  'migrate',
  'smoke',
  'resource.postgres',
  'resource.redis',
  'resource.external',
  'resource.storage',
  'release.canary',
  'release.bake',
  'release.gates',
  'release.budget',
  'release.rolling',
  'release.recreate',
  'domain',
  'registry',
  'size',
  'egress',
  'monitoring',
  'alerts',
  'patches',
] as const;

export type Feature = (typeof features)[number];

export interface FeatureUse {
  readonly feature: Feature;
  /** Where the file asks for it, without a position: `services.backend.scale.cpu`. */
  readonly path: string;
}

/** What an app and its environment ask for, in the order of the files. Settings that equal their default ask for nothing. */
export function featuresUsed(app: App, env: Environment): FeatureUse[] {
  return [
    ...Object.values(app.services).flatMap(serviceFeatures),
    ...Object.values(app.resources).flatMap(resourceFeatures),
    ...(app.smoke.length > 0 ? [use('smoke', 'smoke')] : []),
    ...releaseFeatures(app.release),
    ...environmentFeatures(env),
  ];
}

function use(feature: Feature, path: string): FeatureUse {
  return { feature, path };
}

type Row = readonly [asked: boolean, feature: Feature, key: string];

/** The uses whose condition holds. */
function given(base: string, table: readonly Row[]): FeatureUse[] {
  const uses: FeatureUse[] = [];
  for (const row of table) if (row[0]) uses.push(use(row[1], row[2] === '' ? base : `${base}.${row[2]}`));
  return uses;
}

function serviceFeatures(service: Service): FeatureUse[] {
  const { kind, image, port, health, limits, scale, variables, secrets, migrate } = service;
  return given(`services.${service.name}`, [
    [true, `service.${kind}`, kind === 'schedule' || kind === 'static' ? kind : ''],
    [image !== undefined, 'service.image', 'image'],
    [port?.fixed === true, 'port.fixed', 'port.fixed'],
    [health !== undefined, 'health', 'health'],
    [health?.live !== undefined, 'health.live', 'health.live'],
    [limits.cpu !== defaults.limits.cpu, 'limits.cpu', 'limits.cpu'],
    [limits.memory !== defaults.limits.memory, 'limits.memory', 'limits.memory'],
    [scale.max > 1, 'scale.count', scale.min === scale.max ? 'replicas' : 'scale'],
    [scale.max > scale.min && scale.cpu !== undefined, 'scale.cpu', 'scale.cpu'],
    [scale.max > scale.min && scale.concurrency !== undefined, 'scale.concurrency', 'scale.concurrency'],
    [Object.keys(variables).length > 0, 'variables', 'variables'],
    [secrets.length > 0, 'secrets', 'secrets'],
    [migrate !== undefined, 'migrate', 'migrate'],
  ]);
}

function resourceFeatures({ name, type, external, storage }: Resource): FeatureUse[] {
  return given(`resources.${name}`, [
    [true, `resource.${type}`, ''],
    [external !== undefined, 'resource.external', 'external'],
    [storage !== undefined, 'resource.storage', 'storage'],
  ]);
}

function releaseFeatures(release: ReleaseSettings): FeatureUse[] {
  const { strategy, canary, bakeMs, gates, budget } = release;
  const usual = defaults.release;
  return given('release', [
    [canary.share !== usual.canary.share || canary.durationMs !== undefined, 'release.canary', 'canary'],
    [bakeMs !== undefined, 'release.bake', 'bake'],
    [gates.errorRate !== usual.gates.errorRate || gates.latencyFactor !== usual.gates.latencyFactor, 'release.gates', 'gates'],
    [budget !== usual.budget, 'release.budget', 'budget'],
    [strategy === 'rolling', 'release.rolling', 'strategy'],
    [strategy === 'recreate', 'release.recreate', 'strategy'],
  ]);
}

function environmentFeatures(env: Environment): FeatureUse[] {
  const keys = ['domain', 'registry', 'size', 'egress', 'monitoring', 'alerts'] as const;
  return given(`environments/${env.name}`, [
    ...keys.map((key) => [env[key] !== undefined, key, key] as const),
    [env.patches.length > 0, 'patches', 'patches'],
  ]);
}
