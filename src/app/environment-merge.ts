/** The app as it is in one environment. */
import type { RawEnvironment, RawServiceOverride } from './environment.ts';
import type { App, Resource, Service } from './model.ts';
import { mapValues, mergeRelease, normalizeLimits, normalizeScale, normalizeVariable } from './normalize.ts';
import { toBytes } from './units.ts';

/** What an environment may say about the app. */
export type Overrides = Pick<RawEnvironment, 'services' | 'resources' | 'release'>;

/** The app with an environment's overrides of scale, limits, variables, resources and release settings. Overrides of what the app does not have are left out; a rule reports them. */
export function withEnvironment(app: App, overrides: Overrides | undefined): App {
  if (overrides === undefined) return app;
  const { services = {}, resources = {}, release = {} } = overrides;
  return {
    ...app,
    services: mapValues(app.services, (service, name) =>
      Object.hasOwn(services, name) ? mergeService(service, services[name] ?? {}) : service,
    ),
    resources: mapValues(app.resources, (resource, name) =>
      Object.hasOwn(resources, name) ? mergeResource(resource, resources[name] ?? {}) : resource,
    ),
    release: mergeRelease(app.release, release),
  };
}

function mergeService(service: Service, override: RawServiceOverride): Service {
  const changesScale = override.scale !== undefined || override.replicas !== undefined;
  return {
    ...service,
    limits: normalizeLimits(override.limits, service.limits),
    scale: changesScale ? normalizeScale(override, service.scale) : service.scale,
    variables: { ...service.variables, ...mapValues(override.variables ?? {}, normalizeVariable) },
  };
}

type ResourceOverride = NonNullable<RawEnvironment['resources']>[string];

/** A server outside of Gantry's care has no disk here. */
function mergeResource(resource: Resource, override: ResourceOverride): Resource {
  const { storage: own, ...rest } = resource;
  const external = override.external ?? resource.external;
  const storage = override.storage === undefined ? own : toBytes(override.storage);
  if (override.external !== undefined && override.storage === undefined) return { ...rest, external: override.external };
  return { ...rest, ...(storage === undefined ? {} : { storage }), ...(external === undefined ? {} : { external }) };
}
