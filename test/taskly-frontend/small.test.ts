import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff } from '../../apps/taskly/frontend/src/model/backoff.ts';
import { addDays, dueLabel, greeting, localDate, longDate, urgency } from '../../apps/taskly/frontend/src/model/dates.ts';
import { statusOf } from '../../apps/taskly/frontend/src/model/status.ts';
import { createStreamReader, type StreamEvent } from '../../apps/taskly/frontend/src/model/stream.ts';

describe('dates', () => {
  const today = '2030-12-30';

  it.each([
    ['2030-12-29', 'Yesterday', 'overdue'],
    ['2030-12-30', 'Today', 'today'],
    ['2030-12-31', 'Tomorrow', 'later'],
    ['2031-01-03', 'Friday', 'later'],
    ['2031-01-06', '6 Jan 2031', 'later'],
    ['2030-03-01', '1 Mar', 'overdue'],
  ])('%s is %s', (due, label, how) => {
    expect(dueLabel(due, today, 'en-GB')).toBe(label);
    expect(urgency(due, today)).toBe(how);
  });

  it('adds days over months, leap years and summer time', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2030-12-31', 1)).toBe('2031-01-01');
    expect(addDays('2030-03-31', 1)).toBe('2030-04-01');
  });

  it('speaks of the day where the person is', () => {
    expect(localDate(new Date(2030, 0, 5, 23, 59))).toBe('2030-01-05');
    expect(longDate('2030-11-22', 'en-GB')).toBe('Friday 22 November');
    expect([3, 9, 15, 21].map(greeting)).toEqual(['Good night', 'Good morning', 'Good afternoon', 'Good evening']);
  });
});

describe('the event stream', () => {
  const text =
    'retry: 250\n\nid: 41\nevent: ready\ndata: {"resumed":false}\n\n: beat\n\nid: 42\r\nevent: task\r\ndata: one\r\ndata: two\r\n\r\n';
  const events: StreamEvent[] = [
    { name: 'ready', data: '{"resumed":false}' },
    { name: 'task', data: 'one\ntwo' },
  ];

  it('is read the same however the network cuts it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const reader = createStreamReader('');
        const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const read = edges.slice(1).flatMap((edge, index) => reader.push(text.slice(edges[index], edge)));
        expect(read).toEqual(events);
        expect([reader.lastId(), reader.retry()]).toEqual(['42', 250]);
      }),
    );
  });

  it('starts from the id it is given and ignores fields it does not know', () => {
    const reader = createStreamReader('7');
    expect(reader.push('shoe: size\nretry: soon\ndata\n\n')).toEqual([{ name: 'message', data: '' }]);
    expect([reader.lastId(), reader.retry()]).toEqual(['7', undefined]);
  });
});

it('waits longer after each failure, up to a limit, never at the same moment as all others', () => {
  expect([0, 1, 2].map((attempt) => backoff(attempt, 0))).toEqual([250, 500, 1000]);
  expect(backoff(1000, 0.999)).toBeLessThanOrEqual(30_000);
  fc.assert(fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => backoff(attempt, random) >= 250));
});

it.each([
  [{}, 'good', 'Everything is saved'],
  [{ waiting: 1 }, 'busy', 'Saving 1 change…'],
  [{ offline: true }, 'bad', 'Offline'],
  [{ offline: true, waiting: 2 }, 'bad', 'Offline, 2 changes waiting'],
  [{ undecided: 1, waiting: 3 }, 'bad', '1 change not saved: see the list'],
  [{ durable: false, offline: true, waiting: 2 }, 'bad', '2 changes not stored: keep this tab open'],
] as const)('says in one line how things stand: %j', (circumstances, tone, text) => {
  expect(statusOf({ offline: false, waiting: 0, undecided: 0, durable: true, ...circumstances })).toEqual({ tone, text });
});
