import { describe, expect, it } from 'vitest';
import type { Question } from '../../../../src/server/api/index.ts';
import { isAnswered, isName, noAnswers, withAgreed } from './consent.ts';

const harmless: Question = { id: 'G24', text: 'takes much away', losesData: false };
const grave: Question = { id: 'irreversible', text: 'drops a table', losesData: true };

describe('questions', () => {
  it('each need a yes of their own', () => {
    const other = { ...harmless, id: 'G26' };
    const one = withAgreed(noAnswers, 'G24', true);
    expect(isAnswered([harmless, other], one, 'local')).toBe(false);
    expect(isAnswered([harmless, other], withAgreed(one, 'G26', true), 'local')).toBe(true);
    expect(isAnswered([harmless], withAgreed(one, 'G24', false), 'local')).toBe(false);
  });

  it('about data that would be gone need the name of the environment, typed', () => {
    const agreed = withAgreed(noAnswers, 'irreversible', true);
    expect(isAnswered([grave], agreed, 'production')).toBe(false);
    expect(isAnswered([grave], { ...agreed, typed: 'Production' }, 'production')).toBe(false);
    expect(isAnswered([grave], { ...noAnswers, typed: ' production ' }, 'production')).toBe(true);
    expect(isAnswered([grave, harmless], { ...noAnswers, typed: 'production' }, 'production')).toBe(false);
  });

  it('are not answered by an empty name', () => {
    expect(isName('', 'local')).toBe(false);
  });
});
