/**
 * Random interleavings of several processes on one environment, with crashes, refusals and lost answers at any call, and the invariants of
 * model/invariants.ts. `GANTRY_MODEL_RUNS=100000` for the long run; a failure prints the
 * seed and the path that replay it with `GANTRY_MODEL_SEED` and `GANTRY_MODEL_PATH`, and what happened, call by call.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { App } from '../../src/app/model.ts';
import { createMemory, memoryStore, type Memory } from '../../src/platforms/memory-store.ts';
import type { StoredEvent } from '../../src/release/journal.ts';
import { fixtureApp } from '../contracts/target.ts';
import { plans, type Plan } from './model/plan.ts';
import { beginnings, type Memories, type Process, type World } from './model/world.ts';

/** What guardrails look at lies outside of this world. */
vi.mock('../../src/release/steps/guard.ts', () => ({
  guard: async (work: { journal: { note(about: string, extra: object): Promise<void> } }) => {
    await work.journal.note('guard', { rules: 0 });
    return '';
  },
  guardPlan: async () => {},
}));

const runs = Number(process.env['GANTRY_MODEL_RUNS'] ?? 2_000);
const seed = process.env['GANTRY_MODEL_SEED'];
const path = process.env['GANTRY_MODEL_PATH'];
const text = `gantry: 1
app: shop
services:
  backend: { build: ./backend, run: node main.js, scale: { min: 1, max: 6 }, migrate: node migrate.js }
`;

let begin: (plan: Plan) => Promise<World>;

beforeEach(async () => {
  const plain = await fixtureApp({ name: 'shop', text });
  const app: App = { ...plain, release: { ...plain.release, canary: { share: 5, durationMs: 1 }, bakeMs: 1 } };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  begin = await beginnings(app, inMemory());
});
afterEach(() => void vi.useRealTimers());

function inMemory(memory: Memory = createMemory()): Memories {
  const alive = new Map<number, Process>();
  return {
    store: (process) => {
      alive.set(process.pid, process);
      return memoryStore({ memory, isAlive: ({ pid }) => alive.get(pid)?.dead === false });
    },
    events: async () => memory.events as unknown as readonly StoredEvent[],
    prefix: async (events, length) =>
      inMemory({ ...createMemory(), events: structuredClone(events.slice(0, length)), blobs: memory.blobs }),
  };
}

async function broken(plan: Plan): Promise<string> {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
  const world = await begin(plan);
  const violations = await world.run().catch((error: unknown) => [String((error as Error).stack)]);
  vi.clearAllTimers();
  return violations.length === 0 ? '' : [...violations, ...world.turnstile.log.slice(-80)].join('\n');
}

describe('releases, rollbacks, scalings, restarts, destroys, unlocks, crashes and restarts in any order', () => {
  it(
    `hold what they promise in ${runs} runs`,
    async () => {
      const property = fc.asyncProperty(plans(), async (plan) => {
        expect(await broken(plan)).toBe('');
      });
      await fc.assert(property, {
        numRuns: runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      });
    },
    Math.max(180_000, runs * 60),
  );
});
