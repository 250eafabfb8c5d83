import { expect, test } from 'vitest';
import type { ReleaseRecord } from '../../release/history.ts';
import { markersOf, scaleMarkers } from './markers.ts';

const ended = '2026-01-01T00:00:10.000Z';

function record(more: Partial<ReleaseRecord>): ReleaseRecord {
  return {
    number: 1,
    release: 'r1',
    operation: 'deploy',
    who: 'ana',
    commit: null,
    begun: '2026-01-01T00:00:00.000Z',
    ended,
    outcome: 'promoted',
    failed: null,
    notes: [],
    ...more,
  };
}

test('releases mark when they ended, those that go on or changed nothing mark nothing', () => {
  const records = [
    record({ number: 41 }),
    record({ number: 42, outcome: 'rolled back' }),
    record({ number: 0, outcome: 'failed' }),
    record({ outcome: 'unchanged' }),
    record({ outcome: 'running', ended: null }),
  ];
  const at = Date.parse(ended);
  expect(markersOf(records)).toEqual([
    { at, kind: 'promoted', text: 'release 41' },
    { at, kind: 'rolled back', text: 'release 42' },
    { at, kind: 'failed', text: 'deploy' },
  ]);
});

test('decisions that changed a count are marked', () => {
  const decision = { at: ended, service: 'backend', from: 2, to: 4, reason: 'cpu 93 % of the limit, target 70 %' };
  expect(scaleMarkers([decision, { ...decision, to: 2, reason: 'held: machine full' }])).toEqual([
    { at: Date.parse(ended), kind: 'scale', text: 'backend 2 -> 4' },
  ]);
});
