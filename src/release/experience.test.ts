import { expect, it } from 'vitest';
import { experienceIn } from './experience.ts';
import type { StoredEvent } from './journal.ts';

const at = '2026-11-21T10:00:00.000Z';
const stored = (event: Readonly<Record<string, unknown>>): StoredEvent => ({ at, ...event }) as unknown as StoredEvent;

function released(id: string, services: Readonly<Record<string, unknown>>): StoredEvent[] {
  return [
    stored({ type: 'begun', operation: 'deploy', who: 'ana' }),
    stored({ type: 'named', release: id }),
    stored({ type: 'done', step: 'retire' }),
    stored({ type: 'noted', about: 'timing', what: 'experience', services }),
    stored({ type: 'noted', about: 'timing', what: 'rollback', ms: 4 }),
  ];
}

it('keeps the longest start and the most memory, and how the last one stopped', () => {
  const events = [
    ...released('a', { web: { startMs: 900, memoryBytes: 100, ignoredStop: true }, old: { startMs: 5 } }),
    ...released('b', { web: { startMs: 300, memoryBytes: 400 } }),
    ...released('a', { web: { startMs: 200, ignoredStop: false } }),
  ];
  expect(experienceIn(events, true)).toEqual({
    kept: 2,
    serves: true,
    services: { web: { startMs: 900, memoryBytes: 400, ignoredStop: false }, old: { startMs: 5 } },
  });
});

it('knows nothing of what happened long ago', () => {
  const events = [
    ...released('a', { web: { startMs: 90_000 } }),
    ...Array.from({ length: 10 }, () => released('b', { web: { startMs: 100 } })).flat(),
  ];
  expect(experienceIn(events, false).services).toEqual({ web: { startMs: 100 } });
  expect(experienceIn([], false)).toEqual({ kept: 0, serves: false, services: {} });
});
