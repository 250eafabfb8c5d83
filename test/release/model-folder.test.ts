/** The same as model.test.ts on a folder, whose disk fails and tears writes. `GANTRY_MODEL_FOLDER_RUNS=5000` for the long run. */
import fc from 'fast-check';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { App } from '../../src/app/model.ts';
import { folderStore } from '../../src/platforms/folder-store.ts';
import { copyNames } from '../../src/platforms/journal-copies.ts';
import { encodeJournal } from '../../src/platforms/journal-file.ts';
import type { Store, StoreEvent } from '../../src/platforms/store.ts';
import type { StoredEvent } from '../../src/release/journal.ts';
import { fixtureApp } from '../contracts/target.ts';
import { acting } from './model/faulty-disk.ts';
import { diskPlans, type Plan } from './model/plan.ts';
import { beginnings, type Memories, type Process, type World } from './model/world.ts';

const alive = vi.hoisted(() => new Map<number, { readonly dead: boolean }>());

/** What guardrails look at lies outside of this world. */
vi.mock('../../src/release/steps/guard.ts', () => ({ guard: async () => '', guardPlan: async () => {} }));
vi.mock('node:fs/promises', async (original) => {
  const { faultyDisk } = await import('./model/faulty-disk.ts');
  return faultyDisk(await original());
});
vi.mock('../../src/exec/identity.ts', () => ({ isAlive: async ({ pid }: { pid: number }) => alive.get(pid)?.dead === false }));
vi.mock('../../src/platforms/holder-socket.ts', () => ({
  openHolderSocket: async (folder: string) => ({ path: join(folder, 'none.sock'), close: async () => {} }),
  askHolder: async () => undefined,
}));

const runs = Number(process.env['GANTRY_MODEL_FOLDER_RUNS'] ?? 60);
const seed = process.env['GANTRY_MODEL_SEED'];
const path = process.env['GANTRY_MODEL_PATH'];
const text = `gantry: 1
app: shop
services:
  backend: { build: ./backend, run: node main.js, scale: { min: 1, max: 6 }, migrate: node migrate.js }
`;

let base: string;
let begin: (plan: Plan) => Promise<World>;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'gantry-model-'));
  const plain = await fixtureApp({ name: 'shop', text });
  const app: App = { ...plain, release: { ...plain.release, canary: { share: 5, durationMs: 1 }, bakeMs: 1 } };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  vi.stubGlobal('setInterval', () => ({ unref: () => undefined }));
  begin = await beginnings(app, inFolder(join(base, 'first')));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
afterAll(async () => rm(base, { recursive: true, force: true }));

let folders = 0;

function inFolder(folder: string): Memories {
  const read = async (): Promise<readonly StoredEvent[]> =>
    (await folderStore(folder, { looks: 1, notice: () => {} }).read()).events as unknown as readonly StoredEvent[];
  return {
    store: (process) => {
      alive.set(process.pid, process);
      return ofProcess(process, folderStore(folder, { looks: 1, notice: () => {} }));
    },
    events: read,
    prefix: async (events, length) => {
      const other = join(base, String((folders += 1)));
      await mkdir(other, { mode: 0o700 });
      const bytes = encodeJournal(events.slice(0, length).map((event) => ({ token: 1, event: event as unknown as StoreEvent })));
      for (const file of copyNames(other)) await writeFile(file, bytes, { mode: 0o600 });
      await symlink(join(folder, 'blobs'), join(other, 'blobs'));
      return inFolder(other);
    },
  };
}

/** What the store does, its process does. */
function ofProcess(process: Process, store: Store): Store {
  return {
    lock: async (holder) => {
      const lease = await acting.run(process, async () => store.lock(holder));
      return Object.assign(lease, { release: wrapped(process, lease.release) });
    },
    unlock: async () => acting.run(process, async () => store.unlock()),
    holder: async () => acting.run(process, async () => store.holder()),
    read: async () => acting.run(process, async () => store.read()),
    stamp: async () => acting.run(process, async () => store.stamp()),
    append: async (...args) => acting.run(process, async () => store.append(...args)),
    compact: async (...args) => acting.run(process, async () => store.compact(...args)),
    put: async (blob) => acting.run(process, async () => store.put(blob)),
    get: async (digest) => acting.run(process, async () => store.get(digest)),
  };
}

function wrapped(process: Process, release: () => Promise<void>): () => Promise<void> {
  return async () => acting.run(process, release);
}

async function broken(plan: Plan): Promise<string> {
  vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
  const world = await begin(plan);
  const violations = await world.run().catch((error: unknown) => [String((error as Error).stack)]);
  vi.clearAllTimers();
  return violations.length === 0 ? '' : [...violations, ...world.turnstile.log.slice(-80)].join('\n');
}

describe('releases on a disk that fails, tears writes and outlives its writers', () => {
  it(
    `hold what they promise in ${runs} runs`,
    async () => {
      const property = fc.asyncProperty(diskPlans(), async (plan) => {
        expect(await broken(plan)).toBe('');
      });
      await fc.assert(property, {
        numRuns: runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      });
    },
    Math.max(180_000, runs * 3_000),
  );
});
