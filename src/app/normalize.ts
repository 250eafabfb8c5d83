/** From what the file says to the app: defaults filled in, units converted, commands split. Problems are left to rules/. */
import type {
  App,
  Build,
  Health,
  Limits,
  Migrate,
  Port,
  ReleaseSettings,
  Resource,
  Scale,
  Service,
  ServiceKind,
  SmokeCheck,
  StaticSite,
  Template,
  Words,
} from './model.ts';
import type { RawApp, RawRelease, RawResource, RawService, RawSmokeCheck } from './schema.ts';
import { parseTemplate } from './template.ts';
import { toBytes, toMilliseconds } from './units.ts';
import { splitWords } from './words.ts';

export const defaults = {
  limits: { cpu: 0.25, memory: toBytes('256Mi') },
  targetCpu: 70,
  health: { intervalMs: 2000, timeoutMs: 2000, startupMs: 60_000, rise: 2, fall: 3 },
  release: {
    strategy: 'blue-green',
    canary: { share: 5 },
    drainMs: toMilliseconds('30s'),
    graceMs: toMilliseconds('10s'),
    budget: 0,
    keep: 5,
    gates: { errorRate: 1, latencyFactor: 3 },
  },
} as const satisfies { release: ReleaseSettings } & Record<string, unknown>;

export function normalizeApp(raw: RawApp): App {
  return {
    name: raw.app,
    services: mapValues(raw.services, normalizeService),
    resources: mapValues(raw.resources ?? {}, normalizeResource),
    smoke: (raw.smoke ?? []).map(normalizeSmoke),
    release: mergeRelease(defaults.release, raw.release ?? {}),
  };
}

export function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From, key: string) => To): Record<string, To> {
  const mapped: Record<string, To> = {};
  for (const key of Object.keys(record)) mapped[key] = map(record[key] as From, key);
  return mapped;
}

function normalizeService(raw: RawService, name: string): Service {
  const kind = kindOf(raw);
  const route = raw.route ?? (kind === 'static' ? '/' : undefined);
  const service: Draft<Service> = {
    name,
    kind,
    prepare: commands(raw.prepare),
    limits: normalizeLimits(raw.limits),
    scale: normalizeScale(raw),
    variables: mapValues(raw.variables ?? {}, normalizeVariable),
    secrets: raw.secrets ?? [],
  };
  put(service, 'build', normalizeBuild(raw, kind));
  put(service, 'image', raw.image);
  put(service, 'run', raw.run === undefined ? undefined : words(raw.run));
  put(service, 'port', normalizePort(raw.port));
  put(service, 'route', route === undefined ? undefined : normalizeRoute(route));
  put(service, 'health', normalizeHealth(raw.health));
  put(service, 'migrate', normalizeMigrate(raw.migrate));
  put(service, 'schedule', raw.schedule?.trim().replaceAll(/\s+/g, ' '));
  put(service, 'static', normalizeSite(raw.static));
  return service;
}

type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Sets a key that has a value; a spread per key is too slow for an app with a thousand services. */
function put<Value, Key extends keyof Value>(draft: Value, key: Key, value: Value[Key] | undefined): void {
  if (value !== undefined) draft[key] = value;
}

/** `{ key: value }`, or nothing at all if there is no value. */
function present<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}

export function kindOf(raw: RawService): ServiceKind {
  if (raw.static !== undefined) return 'static';
  if (raw.schedule !== undefined) return 'schedule';
  return raw.route === undefined ? 'worker' : 'web';
}

/** Words of a command; text that cannot be split has none, and a rule says why. */
export function words(command: string | readonly string[]): Words {
  if (typeof command !== 'string') return command;
  const split = splitWords(command);
  return 'words' in split ? split.words : [];
}

function commands(prepare: RawService['prepare']): Words[] {
  if (prepare === undefined) return [];
  return typeof prepare === 'string' ? [words(prepare)] : prepare.map(words);
}

function normalizeBuild(raw: RawService, kind: ServiceKind): Build | undefined {
  if (raw.build === undefined) return raw.image === undefined && kind !== 'static' ? { context: '.', args: {} } : undefined;
  if (typeof raw.build === 'string') return { context: normalizeFolder(raw.build), args: {} };
  const { context, dockerfile, target, args } = raw.build;
  return {
    context: normalizeFolder(context),
    args: mapValues(args ?? {}, String),
    ...present('dockerfile', dockerfile),
    ...present('target', target),
  };
}

/** `./a//b/` -> `a/b`; the app's own folder is `.`. */
export function normalizeFolder(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 ? '.' : segments.join('/');
}

/** `/api/` -> `/api` */
export function normalizeRoute(route: string): string {
  return route.length > 1 && route.endsWith('/') ? route.slice(0, -1) : route;
}

function normalizePort(port: RawService['port']): Port | undefined {
  if (port === undefined) return undefined;
  return typeof port === 'number' ? { number: port, fixed: false } : { number: port.number, fixed: port.fixed ?? false };
}

function normalizeHealth(raw: RawService['health']): Health | undefined {
  if (raw === undefined) return undefined;
  const given = typeof raw === 'string' ? { path: raw } : raw;
  return {
    path: given.path,
    intervalMs: milliseconds(given.interval, defaults.health.intervalMs),
    timeoutMs: milliseconds(given.timeout, defaults.health.timeoutMs),
    startupMs: milliseconds(given.startup, defaults.health.startupMs),
    rise: given.rise ?? defaults.health.rise,
    fall: given.fall ?? defaults.health.fall,
    ...present('live', given.live),
  };
}

export function normalizeLimits(raw: RawService['limits'], base: Limits = defaults.limits): Limits {
  return { cpu: raw?.cpu ?? base.cpu, memory: raw?.memory === undefined ? base.memory : toBytes(raw.memory) };
}

/** `replicas: n` fixes the number. Without `max` it stays at `min`, unless the app that is overridden here lets it grow. */
export function normalizeScale(raw: Pick<RawService, 'scale' | 'replicas'>, base: Scale = { min: 1, max: 1 }): Scale {
  if (raw.replicas !== undefined) return { min: raw.replicas, max: raw.replicas };
  const min = raw.scale?.min ?? base.min;
  const max = raw.scale?.max ?? (base.max > base.min ? base.max : min);
  const concurrency = raw.scale?.concurrency ?? base.concurrency;
  const cpu = raw.scale?.cpu ?? base.cpu ?? (max > min && concurrency === undefined ? defaults.targetCpu : undefined);
  return { min, max, ...present('cpu', cpu), ...present('concurrency', concurrency) };
}

/** A variable that cannot be read as a template is plain text, and a rule says why. */
export function normalizeVariable(value: string | number | boolean): Template {
  const text = String(value);
  const parsed = parseTemplate(text);
  return 'template' in parsed ? parsed.template : [text];
}

function normalizeMigrate(raw: RawService['migrate']): Migrate | undefined {
  if (raw === undefined) return undefined;
  if (typeof raw === 'string' || Array.isArray(raw)) return { run: words(raw) };
  return { run: words(raw.run), ...present('files', raw.files) };
}

function normalizeSite(raw: RawService['static']): StaticSite | undefined {
  if (raw === undefined) return undefined;
  return typeof raw === 'string' ? { dir: normalizeFolder(raw) } : { dir: normalizeFolder(raw.dir), ...present('fallback', raw.fallback) };
}

function normalizeResource(raw: RawResource, name: string): Resource {
  const { type, version, storage, external } = raw;
  return {
    name,
    type,
    version,
    ...present('storage', storage === undefined ? undefined : toBytes(storage)),
    ...present('external', external),
  };
}

export const smokeMethods = ['get', 'post', 'put', 'patch', 'delete'] as const;

function normalizeSmoke(raw: RawSmokeCheck): SmokeCheck {
  const method = smokeMethods.find((key) => raw[key] !== undefined) ?? 'get';
  const { status, json, contains } = raw.expect ?? {};
  return {
    method: method.toUpperCase(),
    path: raw[method] ?? '/',
    headers: mapValues(raw.headers ?? {}, String),
    ...present('body', raw.body),
    expect: { status: status ?? 200, ...present('json', json), ...present('contains', contains) },
  };
}

export function mergeRelease(base: ReleaseSettings, raw: RawRelease): ReleaseSettings {
  const { canary, gates } = raw;
  return {
    strategy: raw.strategy ?? base.strategy,
    canary: { share: canary?.share ?? base.canary.share, ...given('durationMs', optional(canary?.duration, base.canary.durationMs)) },
    ...given('bakeMs', optional(raw.bake, base.bakeMs)),
    drainMs: milliseconds(raw.drain, base.drainMs),
    graceMs: milliseconds(raw.grace, base.graceMs),
    budget: raw.budget ?? base.budget,
    keep: raw.keep ?? base.keep,
    gates: { errorRate: gates?.errorRate ?? base.gates.errorRate, latencyFactor: gates?.latencyFactor ?? base.gates.latencyFactor },
  };
}

/** A key only where there is a value. */
function given<K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, number>);
}

function optional(duration: string | undefined, otherwise: number | undefined): number | undefined {
  return duration === undefined ? otherwise : toMilliseconds(duration);
}

function milliseconds(duration: string | undefined, otherwise: number): number {
  return duration === undefined ? otherwise : toMilliseconds(duration);
}
