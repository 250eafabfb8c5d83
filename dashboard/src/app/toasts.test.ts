import { expect, it } from 'vitest';
import type { Operation } from '../../../src/server/api/index.ts';
import { meterText } from '../ui/words.ts';
import { operationText } from './toasts.ts';

const meter = { requests: 1832, failed: 0, failures: {}, p99DeltaMs: 3, longestGapMs: 41 };
const base: Operation = {
  id: 'o1',
  environment: 'local',
  operation: 'deploy',
  state: 'changed',
  questions: [],
  error: null,
  result: { release: 'a', number: 42, durationMs: 17_200, meter },
};

it('says how an operation ended in the words of the terminal', () => {
  expect(operationText(base)).toBe('release 42 promoted in 17 s. 0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms');
  expect(operationText({ ...base, operation: 'restart' })).toBe(
    'restart done in 17 s. 0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms',
  );
  expect(operationText({ ...base, state: 'running', result: null })).toBe('deploy in local is under way');
});

it('leaves out figures that are not known', () => {
  expect(meterText({ ...meter, p99DeltaMs: null, longestGapMs: 0 })).toBe('0 of 1,832 requests failed');
  expect(meterText({ ...meter, p99DeltaMs: -2 })).toContain('p99 -2 ms');
  expect(meterText({ ...meter, requests: 1, failed: 1, p99DeltaMs: null, longestGapMs: 0 })).toBe('1 of 1 request failed');
});
