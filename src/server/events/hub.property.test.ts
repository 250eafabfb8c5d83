import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEntry, ServerEvent } from '../api/index.ts';
import type { Interest } from '../hub.ts';
import { createHub } from './hub.ts';
import { interests, logs, operation, progress, Reader } from './testing/reader.ts';

type Step =
  | { readonly do: 'lines'; readonly environment: string; readonly count: number }
  | { readonly do: 'state'; readonly environment: string }
  | { readonly do: 'operation' }
  | { readonly do: 'drain'; readonly client: number; readonly room: number }
  | { readonly do: 'reconnect'; readonly client: number; readonly forgets: number; readonly room: number };

const environments = ['a', 'b'];
const wishes = [interests('a/logs', 'a/progress', 'b/logs'), interests('b/logs', 'b/progress'), interests('a/progress')];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('lines' as const), environment: fc.constantFrom(...environments), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('state' as const), environment: fc.constantFrom(...environments) }),
  fc.record({ do: fc.constant('operation' as const) }),
  fc.record({ do: fc.constant('drain' as const), client: fc.nat(2), room: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('reconnect' as const), client: fc.nat(2), forgets: fc.nat(3), room: fc.integer({ min: 1, max: 20 }) }),
);

/** One who checks whatever it is told against what was published. */
class Witness {
  readonly #wants: ReadonlySet<string>;
  readonly #world: World;
  reader = new Reader(0);
  /** Of whose lines some are gone without a count. */
  #unsure = new Set<string>();
  #lines = new Map<string, number>();
  #operation = -1;
  readonly states = new Map<string, string>();
  #read = 0;
  #close: () => void = () => undefined;
  #id: string | undefined;

  constructor(wants: ReadonlySet<Interest>, world: World) {
    this.#wants = wants;
    this.#world = world;
    this.connect(wants, 5);
  }

  connect(wants: ReadonlySet<Interest>, room: number): void {
    this.reader = new Reader(room);
    this.#read = 0;
    if (this.#id === undefined) this.#lines = new Map(this.#world.lines);
    const stream = this.#world.hub.open(wants, this.#id, this.reader);
    this.#close = () => stream.close();
  }

  /** The last events never arrived. */
  disconnect(forgets: number): void {
    this.#close();
    this.check(this.reader.told.length - forgets);
  }

  check(until = this.reader.told.length): void {
    for (; this.#read < until; this.#read += 1) {
      const { id, event } = this.reader.told[this.#read] as { id: string; event: ServerEvent };
      this.#id = id;
      this.#take(event);
    }
  }

  #take(event: ServerEvent): void {
    if (event.type === 'lost') {
      this.#operation = -1;
      this.#unsure = new Set(environments);
    } else if (event.type === 'operation') {
      const number = Number(event.operation.id);
      if (this.#operation >= 0) expect(number).toBe(this.#operation + 1);
      this.#operation = number;
    } else if (event.type === 'progress') this.states.set(event.environment, event.progress?.key ?? '');
    else if (event.type === 'logs') this.#takeLines(event.environment, event.skipped, event.lines);
  }

  #takeLines(environment: string, skipped: number, lines: readonly LogEntry[]): void {
    expect(this.#wants.has(`${environment}/logs`)).toBe(true);
    let expected = (this.#lines.get(environment) ?? 0) + skipped;
    if (lines.length > 0 && this.#unsure.delete(environment)) expected = Math.max(expected, lines[0]?.id ?? 0);
    for (const { id } of lines) {
      expect(id).toBe(expected);
      expected += 1;
    }
    this.#lines.set(environment, expected);
  }

  end(): void {
    this.check();
    for (const name of environments) {
      if (this.#wants.has(`${name}/logs`) && !this.#unsure.has(name))
        expect(this.#lines.get(name) ?? 0).toBe(this.#world.lines.get(name) ?? 0);
      if (this.#wants.has(`${name}/progress`)) expect(this.states.get(name)).toBe(this.#world.states.get(name));
    }
  }
}

class World {
  readonly hub = createHub({ lines: { weight: 12, bytes: 1e6 }, operations: { weight: 4, bytes: 1e6 } });
  readonly lines = new Map<string, number>();
  readonly states = new Map<string, string>();
  operations = 0;

  publish(one: Step): void {
    if (one.do === 'lines') {
      const from = this.lines.get(one.environment) ?? 0;
      this.lines.set(one.environment, from + one.count);
      this.hub.publish(logs(one.environment, from, one.count));
    } else if (one.do === 'state') {
      const key = `${Number(this.states.get(one.environment) ?? 0) + 1}`;
      this.states.set(one.environment, key);
      this.hub.publish(progress(one.environment, key));
    } else {
      this.hub.publish(operation(`${this.operations}`));
      this.operations += 1;
    }
  }
}

test('whatever comes in between, everybody has the newest state, and each line once or counted as left out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const world = new World();
      const witnesses = wishes.map((wish) => new Witness(wish, world));
      for (const one of steps) {
        if (one.do === 'drain') await witnesses[one.client]?.reader.takeMore(one.room);
        else if (one.do === 'reconnect') {
          const [witness, wish] = [witnesses[one.client], wishes[one.client]];
          witness?.disconnect(one.forgets);
          if (wish) witness?.connect(wish, one.room);
        } else world.publish(one);
      }
      for (const witness of witnesses) await witness.reader.takeMore(Infinity);
      for (const witness of witnesses) witness.end();
    }),
    { numRuns: 300 },
  );
});
