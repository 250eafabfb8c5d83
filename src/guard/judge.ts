/** Runs the rules and sorts out what they found. */
import { GantryError } from '../errors.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';
import { rules } from './index.ts';

export interface Judgement {
  /** How many rules looked. */
  readonly rules: number;
  readonly findings: readonly Finding[];
  /** Findings of severity block that nobody allowed. */
  readonly blocked: readonly Finding[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  readonly allowed: readonly { readonly id: string; readonly reason: string }[];
}

export interface Allowed {
  readonly id: string;
  readonly reason: string;
}

/** @throws GantryError GR1006 when a rule is allowed that does not exist */
export async function judge(
  context: GuardContext,
  allow: readonly Allowed[],
  needs: readonly Rule['needs'][] = ['files', 'built'],
): Promise<Judgement> {
  const chosen = rules.filter((rule) => needs.includes(rule.needs));
  const findings = (await Promise.all(chosen.map(async (rule) => softened(rule, context, await rule.find(context))))).flat();
  const ids = new Set(allow.map(({ id }) => id));
  const known = new Set(rules.map(({ text }) => text.id));
  const stranger = allow.find(({ id }) => !known.has(id));
  if (stranger !== undefined) throw new GantryError('GR1006', `there is no guardrail ${stranger.id}`, { where: '--allow', exitCode: 2 });
  return {
    rules: chosen.length,
    findings,
    blocked: findings.filter(({ id, severity }) => severity === 'block' && !ids.has(id)),
    questions: findings
      .filter(({ id, severity }) => severity === 'confirm' && !ids.has(id))
      .map(({ id, message }) => ({ id, text: message })),
    allowed: allow.filter(({ id }) => findings.some((finding) => finding.id === id)),
  };
}

/** While somebody edits, only what would mislead them stops the work. */
function softened({ stopsUp }: Rule, { purpose }: GuardContext, findings: readonly Finding[]): readonly Finding[] {
  return purpose === 'up' && stopsUp !== true ? findings.map((finding) => ({ ...finding, severity: 'warn' as const })) : findings;
}

/** All of what blocks, as one error. */
export function blockedBy(blocked: readonly Finding[], environment: string): GantryError {
  const [first] = blocked;
  const lines = blocked.flatMap(({ id, message, where, why, fix }) => [
    `${id}  ${message}${where === undefined ? '' : `  ${where}`}`,
    `     ${why} ${fix}`,
  ]);
  return new GantryError(
    'GR1007',
    blocked.length === 1 ? `${first?.id ?? ''} stops this release` : `${blocked.length} guardrails stop this release`,
    {
      where: environment,
      lines,
      fix: `Do what they say, or let one pass: --allow ${first?.id ?? 'ID'} "reason"; \`gantry explain ${first?.id ?? 'ID'}\` says more.`,
    },
  );
}

/** `31 rules, 1 warning, 1 allowed (G25 "hotfix")` */
export function guardLine({ rules: count, findings, allowed }: Judgement): string {
  const warnings = findings.filter(({ severity }) => severity === 'warn');
  const parts = [`${count} rules`];
  if (warnings.length > 0)
    parts.push(
      `${warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`} (${[...new Set(warnings.map(({ id }) => id))].join(', ')})`,
    );
  if (allowed.length > 0)
    parts.push(`${allowed.length} allowed (${allowed.map(({ id, reason }) => `${id} ${JSON.stringify(reason)}`).join(', ')})`);
  return parts.join(', ');
}
