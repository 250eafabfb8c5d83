/** Telling an environment's common keys from its target's options. */
import type { z } from 'zod';
import type { RawEnvironment } from './environment.ts';
import type { Environment } from './model.ts';

/** What is needed of the targets: for each name, its strict schema of options, and if there is one a compiled yes or no. */
export type TargetOptions = Readonly<
  Record<string, { options(): Promise<z.ZodType<Record<string, unknown>>>; accepts?(options: unknown): boolean }>
>;

export const commonKeys = [
  'target',
  'domain',
  'registry',
  'size',
  'egress',
  'monitoring',
  'alerts',
  'release',
  'services',
  'resources',
  'patches',
] as const satisfies readonly (keyof RawEnvironment)[];

export interface SplitEnvironment {
  readonly common: RawEnvironment;
  readonly options: Readonly<Record<string, unknown>>;
}

const isCommon = new Set<string>(commonKeys);

/** Keys that begin with `x-` belong to nobody. */
export function splitEnvironment(value: RawEnvironment): SplitEnvironment {
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('x-'));
  return {
    common: Object.fromEntries(entries.filter(([key]) => isCommon.has(key))) as RawEnvironment,
    options: Object.fromEntries(entries.filter(([key]) => !isCommon.has(key))),
  };
}

/** `environments/production.yaml` is the environment `production`. */
export function environmentName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? path).replace(/\.ya?ml$/, '');
}

export function toEnvironment(path: string, common: RawEnvironment, options: Readonly<Record<string, unknown>>): Environment {
  const { target, domain, registry, size, egress, monitoring, alerts, patches } = common;
  return {
    name: environmentName(path),
    target,
    options,
    patches: (patches ?? []).map(({ file, path: place, value, reason }) => ({ file, path: place, value, reason })),
    ...(domain === undefined ? {} : { domain }),
    ...(registry === undefined ? {} : { registry }),
    ...(size === undefined ? {} : { size }),
    ...(egress === undefined ? {} : { egress }),
    ...(monitoring === undefined ? {} : { monitoring }),
    ...(alerts === undefined ? {} : { alerts }),
  };
}
