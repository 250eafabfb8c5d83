/** What a person has said yes to before something changes; pure. */
import type { Problem, Question } from '../../../../src/server/api/index.ts';

export interface Answers {
  /** Ids of the questions that were said yes to, of this round and of earlier ones. */
  readonly agreed: ReadonlySet<string>;
  /** What was typed where data would be gone. */
  readonly typed: string;
  /** Why a guardrail may be passed, by its id. */
  readonly allowed: Readonly<Record<string, string>>;
  /** The old version can live with the schema as it is. */
  readonly allowSchemaMismatch: boolean;
}

export const noAnswers: Answers = { agreed: new Set(), typed: '', allowed: {}, allowSchemaMismatch: false };

export function losesData(questions: readonly Question[]): boolean {
  return questions.some((question) => question.losesData);
}

/** Every question has its yes, and where data would be gone the name of the environment was typed. */
export function isAnswered(questions: readonly Question[], { agreed, typed }: Answers, environment: string): boolean {
  if (losesData(questions) && !isName(typed, environment)) return false;
  return questions.every(({ id }) => agreed.has(id));
}

/** Spaces around it are a slip of the keyboard; everything else is another name. */
export function isName(typed: string, environment: string): boolean {
  return typed.trim() === environment;
}

export function withAgreed(answers: Answers, id: string, yes: boolean): Answers {
  const others = [...answers.agreed].filter((one) => one !== id);
  return { ...answers, agreed: new Set(yes ? [...others, id] : others) };
}

/** Guardrails that stop a release, by the lines of the error: `G07  the process ends ...`. */
export function blockedBy({ code, lines }: Problem): readonly { readonly id: string; readonly text: string }[] {
  if (code !== 'GR1007') return [];
  return lines.flatMap((line) => {
    const [, id, text] = /^([A-Z][0-9]+) {2}(.*)$/s.exec(line) ?? [];
    return id === undefined || text === undefined ? [] : [{ id, text }];
  });
}

/** Whether going on after this failure needs nothing but what a person can say here. */
export function isOpen(problem: Problem, answers: Answers): boolean {
  const blocked = blockedBy(problem);
  if (blocked.length > 0) return blocked.every(({ id }) => (answers.allowed[id] ?? '').trim() !== '');
  return problem.code === 'GR5005' && answers.allowSchemaMismatch;
}
