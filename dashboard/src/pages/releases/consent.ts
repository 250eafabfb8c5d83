/** What a person has said yes to before something changes; pure. */
import type { Question } from '../../../../src/server/api/index.ts';

export interface Answers {
  /** Ids of the questions that were ticked. */
  readonly agreed: ReadonlySet<string>;
  /** What was typed where data would be gone. */
  readonly typed: string;
}

export const noAnswers: Answers = { agreed: new Set(), typed: '' };

export function losesData(questions: readonly Question[]): boolean {
  return questions.some((question) => question.losesData);
}

/** Every question has its yes, and where data would be gone the name of the environment was typed. */
export function isAnswered(questions: readonly Question[], { agreed, typed }: Answers, environment: string): boolean {
  if (losesData(questions) && !isName(typed, environment)) return false;
  return questions.every(({ id, losesData: typedInstead }) => typedInstead || agreed.has(id));
}

/** Spaces around it are a slip of the keyboard; everything else is another name. */
export function isName(typed: string, environment: string): boolean {
  return typed.trim() === environment;
}

export function withAgreed({ agreed, typed }: Answers, id: string, yes: boolean): Answers {
  const others = [...agreed].filter((one) => one !== id);
  return { typed, agreed: new Set(yes ? [...others, id] : others) };
}
