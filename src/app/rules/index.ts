/** All rules, by name, in the order in which their problems matter. */
import type { Problem } from '../issue.ts';
import { commandRule } from './commands.ts';
import { healthRule } from './health.ts';
import { kindRule } from './kinds.ts';
import { nameRule } from './names.ts';
import { pathRule } from './paths.ts';
import { placeholderRule } from './placeholders.ts';
import { cycleRule, referenceRule } from './references.ts';
import { resourceRule } from './resources.ts';
import { routeRule } from './routes.ts';
import type { Rule, Subject } from './rule.ts';
import { scaleRule } from './scale.ts';
import { scheduleRule } from './schedules.ts';
import { smokeRule } from './smoke.ts';
import { reservedVariableRule, secretRule } from './variables.ts';

export const rules: Readonly<Record<string, Rule>> = {
  names: nameRule,
  kinds: kindRule,
  commands: commandRule,
  paths: pathRule,
  routes: routeRule,
  scale: scaleRule,
  health: healthRule,
  schedules: scheduleRule,
  reservedVariables: reservedVariableRule,
  secrets: secretRule,
  placeholders: placeholderRule,
  references: referenceRule,
  cycles: cycleRule,
  resources: resourceRule,
  smoke: smokeRule,
};

export function applyRules(subject: Subject): Problem[] {
  return Object.values(rules).flatMap((rule) => rule(subject));
}
