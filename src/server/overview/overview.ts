/** What the dashboard is about: the app's environments, what each is made of, and what its target makes of what it asks for. */
import { featuresUsed } from '../../app/features.ts';
import type { App, Environment, Resource, Service } from '../../app/model.ts';
import { references } from '../../app/references.ts';
import type { EnvironmentSummary, Overview, ResourceShape, ServiceShape, Shape, Status, Support } from '../api/index.ts';
import { problemOf } from '../problem.ts';
import type { Served, ServedApp } from '../served.ts';

/** @param statusOf of one environment; it does not fail, but says what is wrong */
export async function overviewOf(served: ServedApp, statusOf: (environment: Served) => Promise<Status>): Promise<Overview> {
  const environments = await served.environments();
  const problem = served.problem?.();
  return {
    app: served.app,
    folder: served.folder,
    version: served.version,
    environments: await Promise.all(environments.map(async (environment) => summaryOf(environment, await statusOf(environment)))),
    ...(problem ? { problem: problemOf(problem) } : {}),
  };
}

/** A place that cannot be asked now is `unknown`, whatever it was when it last could. */
export function summaryOf(served: Served, { place, problem, numbers }: Status): EnvironmentSummary {
  const id = place?.release ?? null;
  return {
    name: served.env.name,
    target: served.target.name,
    title: served.target.title,
    canTry: served.platform.disturb !== undefined,
    url: place?.url ?? '',
    state: problem ? 'unknown' : (place?.state ?? 'stopped'),
    release: id === null ? null : { id, number: numbers[id] ?? 0 },
    problem,
    parity: parityOf(served),
  };
}

function parityOf({ app, env, target }: Served): Support[] {
  const supports = target.supports(app, env);
  return featuresUsed(app, env).map(({ feature, path }) => ({ feature, path, ...supports[feature] }));
}

export function shapeOf({ app, env }: { readonly app: App; readonly env: Environment }): Shape {
  return {
    app: app.name,
    environment: env.name,
    services: Object.values(app.services).map(serviceShape),
    resources: Object.values(app.resources).map(resourceShape),
  };
}

function serviceShape({ name, kind, route, scale: { min, max }, limits, variables }: Service): ServiceShape {
  const uses = new Set(Object.values(variables).flatMap((value) => references(value).map((reference) => reference.name)));
  uses.delete(name);
  return { name, kind, route: route ?? null, min, max, limits: { cpu: limits.cpu, memory: limits.memory }, uses: [...uses] };
}

function resourceShape({ name, type, version, external }: Resource): ResourceShape {
  return { name, type, version, external: external !== undefined };
}
