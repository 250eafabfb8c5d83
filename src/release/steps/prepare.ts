/** Steps before anything outside this machine changes: guard, build, plan. */
import { featuresUsed } from '../../app/features.ts';
import { GantryError } from '../../errors.ts';
import type { ChangeKind } from '../../engines/engine.ts';
import { releaseId } from '../../stack/names.ts';
import type { ContentRef, ReleaseRef } from '../../stack/stack.ts';
import { bothSets, buildContext, engineContext, platformContext, type Work } from '../work.ts';

/** Refuses what the target cannot do and secrets without a value. */
export async function guard(work: Work): Promise<string> {
  refuseUnsupported(work);
  const set = new Set((await work.platform.secrets(platformContext(work)).list()).map(({ name }) => name));
  const missing = userSecrets(work).filter(({ name }) => !set.has(name));
  const [first] = missing;
  if (first === undefined) return '';
  const names = missing.map(({ name }) => name).join(', ');
  throw new GantryError('GR1002', `no value for ${names}`, {
    where: first.where,
    fix: `Give it a value: gantry secret set ${work.env.name} ${first.name}`,
  });
}

function refuseUnsupported(work: Work): void {
  const supports = work.target.supports(work.app, work.env);
  for (const { feature, path } of featuresUsed(work.app, work.env)) {
    const support = supports[feature];
    if (support.level === 'no')
      throw new GantryError('GR1003', `${path}: ${support.reason}`, { where: `${work.env.name} (${work.target.name})` });
  }
}

function userSecrets(work: Work): { readonly name: string; readonly where: string }[] {
  const services = Object.values(work.app.services).flatMap((service) =>
    service.secrets.map((name) => ({ name, where: `services.${service.name}.secrets` })),
  );
  const external = Object.values(work.app.resources).flatMap(({ name, external: secret }) =>
    secret === undefined ? [] : [{ name: secret, where: `resources.${name}.external` }],
  );
  return [...services, ...external];
}

/** Builds every service that has a source; equal content is not built twice. */
export async function build(work: Work): Promise<string> {
  const context = buildContext(work);
  const services = Object.values(work.app.services).filter((service) => service.image === undefined);
  const entries: [string, ContentRef][] = [];
  for (const service of services) entries.push([service.name, await work.builder.build(service, context)]);
  work.content = Object.fromEntries(entries);
  return entries.map(([name, { address }]) => `${name} ${address.slice(0, 8)}`).join('  ');
}

/** Says what will change. Secret versions are not known yet, so the id is not the final one. */
export async function plan(work: Work): Promise<string> {
  const ref = newRelease(work);
  const sets = { ...bothSets(work), next: ref };
  const context = engineContext(work, sets);
  const plans = [];
  for (const stack of work.target.compile(sets)) plans.push(await work.engines[stack.engine].plan(stack, context));
  return summary(plans.flatMap(({ changes }) => changes).map(({ kind }) => kind));
}

function summary(kinds: readonly ChangeKind[]): string {
  const counted = [...new Set(kinds)].map((kind) => `${kinds.filter((other) => other === kind).length} ${kind}`);
  return counted.join('  ');
}

/** The release as it is known so far. */
export function newRelease(work: Work, counts: Readonly<Record<string, number>> = {}): ReleaseRef {
  const { app, env, content, secrets } = work;
  return { id: releaseId({ app, env, content, secrets }), app, env, content, secrets, counts };
}
