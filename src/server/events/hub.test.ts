import { describe, expect, test } from 'vitest';
import type { Sink } from '../hub.ts';
import { createHub } from './hub.ts';
import { interests, line, logs, operation, progress, Reader } from './testing/reader.ts';
import { textOf } from './text.ts';

function linesOf(reader: Reader): number[] {
  return reader.told.flatMap(({ event }) => (event.type === 'logs' ? event.lines.map(({ id }) => id) : []));
}

describe('a stream', () => {
  test('begins with hello and with what is known of what it wants', () => {
    const hub = createHub({ server: 's1', version: '1.2.3' });
    hub.publish(progress('local', 'a'));
    hub.publish(progress('other', 'b'));
    hub.publish({ type: 'environments', environments: [] });
    const reader = new Reader();
    hub.open(interests('local/progress'), undefined, reader);
    expect(reader.told[0]).toEqual({ id: 's1-0', event: { type: 'hello', server: 's1', version: '1.2.3' } });
    expect(reader.told.slice(1).map(({ event }) => event)).toEqual([progress('local', 'a'), { type: 'environments', environments: [] }]);
  });

  test('is told operations without asking, and nothing that it does not want', () => {
    const hub = createHub();
    const reader = new Reader();
    hub.open(interests('local/logs'), undefined, reader);
    hub.publish(operation('1'));
    hub.publish(logs('other', 0, 1));
    hub.publish(progress('local', 'a'));
    hub.publish(logs('local', 0, 2));
    expect(reader.types).toEqual(['hello', 'operation', 'logs']);
  });

  test('is not told the same state twice', () => {
    const hub = createHub();
    const reader = new Reader();
    hub.open(interests('local/progress'), undefined, reader);
    for (const key of ['a', 'a', 'b', 'b', 'a']) hub.publish(progress('local', key));
    expect(reader.types).toEqual(['hello', 'progress', 'progress', 'progress']);
  });

  test('that is slow is told the newest state only, and no state starves lines or the other way round', async () => {
    const hub = createHub();
    const reader = new Reader(1);
    hub.open(interests('local/progress', 'local/logs'), undefined, reader);
    for (let number = 0; number < 50; number += 1) {
      hub.publish(logs('local', number, 1));
      hub.publish(progress('local', `${number}`));
    }
    expect(reader.types).toEqual(['hello']);
    await reader.takeMore(3);
    expect(reader.told.slice(1).map(({ event }) => event)).toEqual([progress('local', '49'), logs('local', 0, 1), logs('local', 1, 1)]);
  });

  test('that is overtaken by the ring is told how many lines it has missed', async () => {
    const hub = createHub({ lines: { weight: 10, bytes: 1e6 } });
    const reader = new Reader(1);
    hub.open(interests('local/logs'), undefined, reader);
    for (let number = 0; number < 34; number += 1) hub.publish(logs('local', number, 1));
    await reader.takeMore(Infinity);
    expect(reader.told[1]?.event).toEqual({ type: 'logs', environment: 'local', lines: [], skipped: 24 });
    expect(linesOf(reader)).toEqual([24, 25, 26, 27, 28, 29, 30, 31, 32, 33]);
  });

  test('counts lines that were left out before they reached the hub as well', async () => {
    const hub = createHub({ lines: { weight: 10, bytes: 1e6 } });
    const reader = new Reader(1);
    hub.open(interests('local/logs'), undefined, reader);
    hub.publish({ type: 'logs', environment: 'local', lines: [line(5)], skipped: 5 });
    for (let number = 6; number < 16; number += 1) hub.publish(logs('local', number, 1));
    await reader.takeMore(Infinity);
    expect(reader.told[1]?.event).toMatchObject({ skipped: 6, lines: [] });
  });

  test('that fails ends alone', async () => {
    const hub = createHub();
    const broken: Sink = {
      write: () => {
        throw new Error('gone');
      },
      drained: async () => undefined,
    };
    const reader = new Reader();
    hub.open(interests('local/progress'), undefined, broken);
    hub.open(interests('local/status'), undefined, reader);
    expect(hub.isWanted('local/progress')).toBe(false);
    hub.publish(operation('1'));
    expect(reader.types).toEqual(['hello', 'operation']);
  });

  test('may be closed by what it is told', () => {
    const hub = createHub();
    const told: string[] = [];
    const stream = hub.open(interests(), undefined, {
      write: (_id, { type }) => {
        told.push(type);
        if (type === 'operation') stream.close();
        return true;
      },
      drained: async () => undefined,
    });
    hub.publish(operation('1'));
    hub.publish(operation('2'));
    expect(told).toEqual(['hello', 'operation']);
  });
});

describe('a stream that goes on', () => {
  test('is told what came after its last event', () => {
    const hub = createHub();
    const first = new Reader();
    const stream = hub.open(interests('local/logs'), undefined, first);
    hub.publish(logs('local', 0, 3));
    stream.close();
    hub.publish(logs('local', 3, 2));
    hub.publish(operation('1'));
    const second = new Reader();
    hub.open(interests('local/logs'), first.lastId, second);
    expect(second.types).toEqual(['hello', 'logs', 'operation']);
    expect(linesOf(second)).toEqual([3, 4]);
  });

  test('is told what the ring has no more as lost, and goes on from now', () => {
    const hub = createHub({ server: 's', lines: { weight: 10, bytes: 1e6 } });
    for (let number = 0; number < 30; number += 1) hub.publish(logs('local', number, 1));
    const reader = new Reader();
    hub.open(interests('local/logs'), 's-3', reader);
    hub.publish(logs('local', 30, 1));
    expect(reader.told.slice(1).map(({ event }) => event)).toEqual([{ type: 'lost', environment: null }, logs('local', 30, 1)]);
  });

  test.each(['old-3', 's-', 's-x', 's-99', 's--1', 's-1e3', '', 'nonsense'])(
    'after %j, which this server never told, has lost all',
    (after) => {
      const hub = createHub({ server: 's' });
      hub.publish(progress('local', 'a'));
      hub.publish(logs('local', 0, 1));
      const reader = new Reader();
      hub.open(interests('local/progress', 'local/logs'), after, reader);
      expect(reader.types).toEqual(['hello', 'lost', 'progress']);
      expect(reader.told[1]?.event).toEqual({ type: 'lost', environment: null });
    },
  );
});

describe('the rings', () => {
  test('are bounded in bytes too', async () => {
    const hub = createHub({ lines: { weight: 1000, bytes: 10_000 } });
    const reader = new Reader(1);
    hub.open(interests('local/logs'), undefined, reader);
    for (let number = 0; number < 100; number += 1) {
      hub.publish({ type: 'logs', environment: 'local', lines: [line(number, 'x'.repeat(1600))], skipped: 0 });
    }
    await reader.takeMore(Infinity);
    expect(reader.told[1]?.event).toMatchObject({ skipped: 95 });
    expect(linesOf(reader)).toEqual([95, 96, 97, 98, 99]);
  });

  test('take a flood in parcels, and nothing of nothing', () => {
    const hub = createHub();
    const reader = new Reader();
    hub.open(interests('local/logs'), undefined, reader);
    hub.publish(logs('local', 0, 0));
    hub.publish(logs('local', 0, 1200));
    const sizes = reader.told.flatMap(({ event }) => (event.type === 'logs' ? [event.lines.length] : []));
    expect(sizes).toEqual([500, 500, 200]);
  });

  test('lose operations aloud', async () => {
    const hub = createHub({ operations: { weight: 3, bytes: 1e6 } });
    const reader = new Reader(1);
    hub.open(interests(), undefined, reader);
    for (let number = 0; number < 9; number += 1) hub.publish(operation(`${number}`));
    await reader.takeMore(Infinity);
    expect(reader.types).toEqual(['hello', 'lost', 'operation', 'operation', 'operation']);
  });
});

describe('interest', () => {
  test('is told when the first begins and when the last ends', () => {
    const hub = createHub();
    const seen: boolean[] = [];
    const end = hub.onInterest(() => seen.push(hub.isWanted('local/status')));
    const one = hub.open(interests('local/status'), undefined, new Reader());
    const two = hub.open(interests('local/status'), undefined, new Reader());
    one.close();
    one.close();
    two.close();
    expect(seen).toEqual([true, false]);
    end();
    hub.open(interests('local/status'), undefined, new Reader());
    expect(seen).toHaveLength(2);
  });

  test('ends with the hub', () => {
    const hub = createHub();
    const reader = new Reader();
    hub.open(interests('local/status'), undefined, reader);
    hub.close();
    hub.publish(operation('1'));
    expect(hub.isWanted('local/status')).toBe(false);
    expect(reader.types).toEqual(['hello']);
  });
});

test('twenty streams get one text', () => {
  const hub = createHub();
  const texts = new Set<object>();
  for (let number = 0; number < 20; number += 1) {
    hub.open(interests('local/logs'), undefined, {
      write: (_id, event) => {
        if (event.type === 'logs') texts.add(event);
        return textOf(event) !== '';
      },
      drained: async () => undefined,
    });
  }
  hub.publish(logs('local', 0, 100));
  expect(texts.size).toBe(1);
});
