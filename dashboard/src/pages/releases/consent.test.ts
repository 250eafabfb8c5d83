import { describe, expect, it } from 'vitest';
import type { Problem, Question } from '../../../../src/server/api/index.ts';
import { blockedBy, isAnswered, isName, isOpen, noAnswers, withAgreed } from './consent.ts';

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
    expect(isAnswered([grave], { ...agreed, typed: ' production ' }, 'production')).toBe(true);
    expect(isAnswered([grave, harmless], { ...agreed, typed: 'production' }, 'production')).toBe(false);
    expect(isAnswered([grave], { ...noAnswers, typed: 'production' }, 'production')).toBe(false);
  });

  it('are not answered by an empty name', () => {
    expect(isName('', 'local')).toBe(false);
  });
});

describe('a guardrail that stops the release', () => {
  const problem: Problem = {
    code: 'GR1007',
    message: '2 guardrails stop this release',
    fix: '',
    exitCode: 1,
    lines: ['G07  web answers while it stops  gantry.yaml:4', '     Users meet errors. Let it end.', 'G15  no limit'],
  };

  it('is found in the lines of the error', () => {
    expect(blockedBy(problem).map(({ id }) => id)).toEqual(['G07', 'G15']);
    expect(blockedBy({ ...problem, code: 'GR3001' })).toEqual([]);
  });

  it('is passed with a reason for each one', () => {
    expect(isOpen(problem, { ...noAnswers, allowed: { G07: 'trial' } })).toBe(false);
    expect(isOpen(problem, { ...noAnswers, allowed: { G07: 'trial', G15: ' ' } })).toBe(false);
    expect(isOpen(problem, { ...noAnswers, allowed: { G07: 'trial', G15: 'trial' } })).toBe(true);
  });

  it('is not all that can stop one', () => {
    const moved = { ...problem, code: 'GR5005', lines: [] };
    expect(isOpen(moved, noAnswers)).toBe(false);
    expect(isOpen(moved, { ...noAnswers, allowSchemaMismatch: true })).toBe(true);
    expect(isOpen({ ...moved, code: 'GR3001' }, { ...noAnswers, allowSchemaMismatch: true })).toBe(false);
  });
});
