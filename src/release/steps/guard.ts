/** The first step that judges: what the target cannot do, secrets without a value, and the guardrails. */
import { featuresUsed } from '../../app/features.ts';
import { GantryError } from '../../errors.ts';
import { blockedBy, guardLine, judge } from '../../guard/judge.ts';
import { guardContext } from '../guarding.ts';
import { platformContext, type Work } from '../work.ts';

/** Refuses what the target cannot do, secrets without a value, and what a guardrail blocks; collects what has to be confirmed. */
export async function guard(work: Work): Promise<string> {
  refuseUnsupported(work);
  const set = new Set((await work.platform.secrets(platformContext(work)).list()).map(({ name }) => name));
  const missing = userSecrets(work).filter(({ name }) => !set.has(name));
  const [first] = missing;
  if (first === undefined) return guardrails(work);
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

async function guardrails(work: Work): Promise<string> {
  const judged = await judge(await guardContext(work), work.request.allow);
  work.questions = [...work.questions, ...judged.questions];
  await work.journal.note('guard', { rules: judged.rules, findings: judged.findings, allowed: judged.allowed });
  if (judged.blocked.length > 0) throw blockedBy(judged.blocked, work.env.name);
  return guardLine(judged);
}
