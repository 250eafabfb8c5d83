import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history, promotedRecord } from './history.ts';
import type { StoredEvent } from './journal.ts';
import { replay, steps, type ReleaseEvent } from './machine.ts';
import { shortened } from './shorten.ts';

type Kind = 'promoted' | 'failed' | 'migrated and failed' | 'unchanged' | 'destroyed' | 'scaled';

let clock = 0;
function stored(event: ReleaseEvent, extra: object = {}): StoredEvent {
  return { ...extra, ...event, at: new Date((clock += 1000)).toISOString() };
}

function chapter(kind: Kind, release: string): StoredEvent[] {
  if (kind === 'destroyed') return [stored({ type: 'destroying', who: 'ana' }), stored({ type: 'destroyed' })];
  if (kind === 'scaled') return [stored({ type: 'noted', about: 'scale' }, { service: 'web', count: 3 })];
  const until = (step: (typeof steps)[number]): StoredEvent[] =>
    steps
      .slice(0, steps.indexOf(step))
      .flatMap((done) => [
        ...(done === 'push' ? [stored({ type: 'named', release }, { ref: release })] : []),
        stored({ type: 'done', step: done }),
      ]);
  const begun = stored({ type: 'begun', operation: 'deploy', who: 'ana' });
  if (kind === 'unchanged') return [begun, ...until('push'), stored({ type: 'unchanged' })];
  if (kind === 'promoted') return [begun, ...until('retire'), stored({ type: 'done', step: 'retire' })];
  const migrated = kind === 'failed' ? [] : [stored({ type: 'noted', about: 'schema' }, { applying: { web: ['1.sql'] } })];
  return [
    begun,
    ...until('smoke'),
    ...migrated,
    stored({ type: 'failed', step: 'smoke', code: 'GR3001', message: '' }),
    stored({ type: 'reverted' }),
  ];
}

function story(kinds: readonly Kind[]): StoredEvent[] {
  return kinds.flatMap((kind, index) => chapter(kind, `release-${index}`));
}

describe('a long journal', () => {
  it('stays as it is up to 300 releases', () => {
    expect(shortened(story(Array.from({ length: 300 }, () => 'promoted' as const)))).toBeUndefined();
  });

  it('keeps the last 250 releases as they were, with their numbers, and grows no further', () => {
    let events: readonly StoredEvent[] = [];
    const all: StoredEvent[] = [];
    let longest = 0;
    for (let index = 0; index < 1_000; index++) {
      const next = chapter('promoted', `release-${index}`);
      all.push(...next);
      events = [...events, ...next];
      events = shortened(events) ?? events;
      longest = Math.max(longest, events.length);
    }
    expect(replay(events)).toEqual(replay(all));
    const [shown, whole] = [history(events), history(all)];
    expect(shown.slice(-250)).toEqual(whole.slice(-250));
    expect(shown.at(-1)?.number).toBe(1_000);
    expect(longest).toBeLessThan(330 * 20);
  });

  it('still knows what serves and where to go back when nothing but failures came since', () => {
    const events = story([...(['promoted', 'promoted', 'promoted'] as const), ...Array.from({ length: 400 }, () => 'failed' as const)]);
    const short = shortened(events) ?? [];
    expect(short.length).toBeLessThan(events.length);
    expect(replay(short)).toEqual({ phase: 'idle', live: 'release-2', previous: 'release-1' });
    expect(promotedRecord(history(short), 'release-0')?.number).toBe(1);
  });

  it('keeps what failed after it had changed the database', () => {
    const events = story(['promoted', 'migrated and failed', ...Array.from({ length: 400 }, () => 'promoted' as const)]);
    expect((shortened(events) ?? []).filter((event) => event.type === 'noted' && event.about === 'schema')).toHaveLength(1);
  });

  it('keeps only the newest of many notes between two releases', () => {
    const events = story(['promoted', ...Array.from({ length: 20_000 }, () => 'scaled' as const), 'promoted']);
    const short = shortened(events) ?? [];
    expect(short.length).toBeLessThan(200);
    expect(history(short).at(-1)).toEqual(history(events).at(-1));
  });

  it('leads to the same state from any history', () => {
    const kinds = fc.constantFrom<Kind>('promoted', 'failed', 'migrated and failed', 'unchanged', 'destroyed', 'scaled');
    const runs = fc.array(fc.tuple(kinds, fc.nat(120)), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(runs, (parts) => {
        const events = story(parts.flatMap(([kind, count]) => Array.from({ length: count }, () => kind)));
        const short = shortened(events);
        if (short === undefined) return;
        expect(replay(short)).toEqual(replay(events));
        const shown = (from: readonly StoredEvent[]): object[] =>
          history(from)
            .slice(-200)
            .map((record) => ({ ...record, notes: record.notes.slice(-100) }));
        expect(shown(short)).toEqual(shown(events));
        expect(shortened(short)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});
