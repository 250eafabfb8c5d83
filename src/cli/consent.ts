/** What a person agrees to: beforehand by options, or when asked. */
import { GantryError, isGantryError } from '../errors.ts';
import { questionsOf, type OpenQuestion } from '../release/questions.ts';
import type { Allowance, ReleaseRequest } from '../release/request.ts';
import type { Arguments, Io } from './io.ts';
import { printable } from './print/error.ts';
import { say } from './print/text.ts';
import { ask, canAsk } from './prompt.ts';

export interface Consent extends Pick<ReleaseRequest, 'allow' | 'confirmed' | 'allowSchemaMismatch'> {
  /** Yes to everything that loses no data. */
  readonly yes: boolean;
}

/** @throws GantryError GC1002 */
export function consentOf({ options }: Arguments): Consent {
  return {
    allow: listOf(options['allow']).map(allowance),
    confirmed: listOf(options['confirm']),
    allowSchemaMismatch: options['allowSchemaMismatch'] === true,
    yes: options['yes'] === true,
  };
}

export function listOf(value: Arguments['options'][string]): readonly string[] {
  return typeof value === 'object' ? value : [];
}

/** `G25=reason`, whichever way it was written. */
function allowance(text: string): Allowance {
  const [, id = '', reason = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [text, text];
  if (/^[A-Za-z]+[0-9]+$/.test(id) && reason.trim() !== '') return { id: id.toUpperCase(), reason: reason.trim() };
  throw new GantryError('GC1002', id === '' ? '--allow needs the id of a guardrail and a reason' : `--allow ${id} needs a reason`, {
    where: '--allow',
    fix: `Write for example --allow ${/^[A-Za-z]+[0-9]+$/.test(id) ? id : 'G25'} "hotfix for the sign-in"; the reason is recorded in the release.`,
    exitCode: 2,
  });
}

/**
 * Attempts it, and again with every yes that a person gives to what has to be confirmed.
 * @throws GantryError GR1005 where nobody can be asked, or somebody said no
 */
export async function withAnswers<T>(
  io: Io,
  environment: string,
  consent: Consent,
  attempt: (confirmed: readonly string[]) => Promise<T>,
): Promise<T> {
  let confirmed = consent.yes ? [...consent.confirmed, 'yes'] : consent.confirmed;
  for (;;) {
    try {
      return await attempt(confirmed);
    } catch (error) {
      if (!isGantryError(error) || error.code !== 'GR1005') throw error;
      confirmed = [...confirmed, ...(await answers(io, environment, error, confirmed))];
    }
  }
}

async function answers(io: Io, environment: string, error: GantryError, confirmed: readonly string[]): Promise<string[]> {
  const open = questionsOf(error).filter(({ id }) => !confirmed.includes(id));
  if (open.length === 0 || !canAsk(io)) throw unanswered(error, open);
  for (const question of open) await mustAgree(io, environment, question);
  return open.map(({ id }) => id);
}

function unanswered(error: GantryError, rest: readonly OpenQuestion[]): GantryError {
  const flags = rest.map(({ id }) => `--confirm ${id}`).join(' ');
  const fix = `Answer on a terminal, or say yes beforehand: ${flags}${rest.some((question) => question.losesData) ? '' : ' (or --yes for all)'}`;
  return new GantryError(error.code, error.message, { ...error.toJSON(), ...(flags === '' ? {} : { fix }), cause: error });
}

async function mustAgree(io: Io, environment: string, { id, text, losesData: isLoss }: OpenQuestion): Promise<void> {
  say(io, `  ${id}  ${printable(text)}`);
  const answer = (await ask(io, isLoss ? `  Data would be gone. Type ${environment} to go on: ` : '  Go on? [y/N] ')).trim();
  if (isLoss ? answer === environment : /^y(es)?$/i.test(answer)) return;
  throw new GantryError('GC1005', `${id} was not confirmed`, { where: environment, state: 'nothing was changed' });
}
