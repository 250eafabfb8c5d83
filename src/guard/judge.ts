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
  /** What was let pass, and whether there was something to let pass. */
  readonly allowed: readonly (Allowed & { readonly found: boolean })[];
}

export interface Allowed {
  readonly id: string;
  readonly reason: string;
}

/** @throws GantryError GR1006 when a rule is allowed that does not exist */
export async function judge(context: GuardContext, allow: readonly Allowed[], needs: readonly Rule['needs'][]): Promise<Judgement> {
  refuseStrangers(allow);
  const chosen = rules.filter((rule) => needs.includes(rule.needs) && (rule.during?.includes(context.purpose) ?? true));
  const findings = (await Promise.all(chosen.map(async (rule) => softened(rule, context, await rule.find(context))))).flat();
  const ids = new Set(allow.map(({ id }) => id));
  const ran = new Set(chosen.map(({ text }) => text.id));
  const open = (severity: Finding['severity']): Finding[] =>
    findings.filter((finding) => finding.severity === severity && !ids.has(finding.id));
  return {
    rules: chosen.length,
    findings,
    blocked: open('block'),
    questions: open('confirm').map(({ id, message }) => ({ id, text: message })),
    allowed: allow.filter(({ id }) => ran.has(id)).map((one) => ({ ...one, found: findings.some(({ id }) => id === one.id) })),
  };
}

function refuseStrangers(allow: readonly Allowed[]): void {
  const stranger = allow.find(({ id }) => !rules.some(({ text }) => text.id === id));
  if (stranger !== undefined) throw new GantryError('GR1006', `there is no guardrail ${stranger.id}`, { where: '--allow', exitCode: 2 });
}

/** While somebody edits, only what would mislead them or break the run stops the work. */
function softened(rule: Rule, { purpose }: GuardContext, findings: readonly Finding[]): readonly Finding[] {
  return findings.map(({ stopsUp = rule.stopsUp === true, ...finding }) =>
    purpose === 'up' && !stopsUp ? { ...finding, severity: 'warn' as const } : finding,
  );
}

/** All of what blocks, as one error. */
export function blockedBy(blocked: readonly Finding[], environment: string): GantryError {
  const [first] = blocked;
  const id = first?.id ?? 'ID';
  return new GantryError('GR1007', blocked.length === 1 ? `${id} stops this release` : `${blocked.length} guardrails stop this release`, {
    where: environment,
    lines: blocked.flatMap(findingLines),
    fix: `Do what they say, or let one pass: --allow ${id} "reason"; \`gantry explain ${id}\` says more.`,
  });
}

/** `G01  web runs 2 replicas ...  list.js:5`, then why and what to do. */
export function findingLines({ id, message, where, why, fix }: Finding): string[] {
  return [`${id}  ${message}${where === undefined ? '' : `  ${where}`}`, `     ${why} ${fix}`];
}

/** `31 rules, 1 warning (G11), 1 allowed (G25 "hotfix")` */
export function guardLine({ rules: count, findings, allowed }: Judgement): string {
  const warnings = findings.filter(({ severity }) => severity === 'warn');
  const parts = [`${count} ${count === 1 ? 'rule' : 'rules'}`];
  if (warnings.length > 0)
    parts.push(
      `${warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`} (${[...new Set(warnings.map(({ id }) => id))].join(', ')})`,
    );
  if (allowed.length > 0) parts.push(`${allowed.length} allowed (${allowed.map(allowedText).join(', ')})`);
  return parts.join(', ');
}

function allowedText({ id, reason, found }: Judgement['allowed'][number]): string {
  return `${id} ${JSON.stringify(reason)}${found ? '' : ', which found nothing'}`;
}
