import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoutingTable } from '../ingress/table.ts';
import { nothing } from './desired.ts';
import type { Reply } from './ingress-link.ts';
import { IngressTables, type Follower } from './ingress-tables.ts';

let folder: string;
let done: string[];
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-tables-'));
  done = [];
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An ingress that answers as it is told. */
class Fake implements Follower {
  readonly identity = undefined;
  readonly name: string;
  committed = -1;
  isLeaving = false;
  isExcused = false;
  problem = 'because';
  answer: Reply = 'taken';

  constructor(name: string) {
    this.name = name;
  }

  async prepare(table: RoutingTable): Promise<Reply> {
    done.push(`${this.name} prepares ${table.version}`);
    await new Promise((resolve) => setImmediate(resolve));
    return this.answer;
  }

  async commit(table: RoutingTable): Promise<Reply> {
    done.push(`${this.name} commits ${table.version}`);
    this.committed = table.version;
    return 'taken';
  }
}

function tables(...links: Fake[]): IngressTables<Fake> {
  const hub = { say: (_kind: string, _subject: string, message: string) => said.push(message), listen: () => () => undefined };
  const made = new IngressTables<Fake>({ tableFile: join(folder, 'table.json'), hub, version: 6, onVersion: () => undefined });
  for (const link of links) made.links.add(link);
  return made;
}

const content = (share: number): Omit<RoutingTable, 'version'> => ({
  limits: nothing.entry.limits,
  share,
  setKey: 'k',
  live: null,
  next: null,
});
const written = (): RoutingTable => JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8')) as RoutingTable;

describe('two ingress processes', () => {
  it('prepare a table before either of them switches to it, and the file follows them', async () => {
    const both = tables(new Fake('old'), new Fake('new'));
    both.publish(content(5));
    await both.inForce();
    expect(done).toEqual(['old prepares 7', 'new prepares 7', 'old commits 7', 'new commits 7']);
    expect(written()).toMatchObject({ version: 7, share: 5 });
    both.publish(content(5));
    await both.push();
    expect(done).toHaveLength(4);
  });

  it('stay with the table that both have when one refuses, until it takes the next', async () => {
    const stubborn = new Fake('new');
    const old = new Fake('old');
    const both = tables(old, stubborn);
    stubborn.answer = 'refused';
    both.publish(content(5));
    await both.push();
    expect([old.committed, stubborn.committed, said]).toEqual([-1, -1, expect.arrayContaining(['routes were not taken: because'])]);
    stubborn.answer = 'taken';
    await both.push();
    expect([old.committed, stubborn.committed]).toEqual([7, 7]);
  });

  it('do not wait for one that answers no more, nor for one that is about to end', async () => {
    const silent = new Fake('silent');
    silent.answer = 'silent';
    const leaving = Object.assign(new Fake('leaving'), { isLeaving: true, answer: 'refused' as const });
    const main = new Fake('main');
    const all = tables(silent, leaving, main);
    all.publish(content(0));
    await all.inForce();
    expect(done).toContain('main commits 7');
    expect([silent.isExcused, leaving.isExcused, main.isExcused]).toEqual([true, true, false]);
  });

  it('start one after the other: no table changes while the second one starts', async () => {
    const old = new Fake('old');
    const both = tables(old);
    let isUp!: () => void;
    const starting = both.inTurn(async () => new Promise<void>((resolve) => (isUp = resolve)));
    both.publish(content(100));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
    const young = new Fake('new');
    both.links.add(young);
    isUp();
    await starting;
    await both.inForce();
    expect([old.committed, young.committed]).toEqual([7, 7]);
  });
});

describe('without an ingress', () => {
  it('a table is written for the next one, and nobody else is waited for', async () => {
    const none = tables();
    none.publish(content(1));
    await none.synced();
    expect(written()).toMatchObject({ version: 7, share: 1 });
    none.outbid(11);
    await none.push();
    expect(written().version).toBe(12);
  });

  it('one that has been started and is not heard of yet counts', async () => {
    const none = tables();
    none.starting = 1;
    none.publish(content(1));
    let isSynced = false;
    const synced = none.synced().then(() => (isSynced = true));
    await none.push();
    expect(isSynced).toBe(false);
    none.starting = 0;
    none.notify();
    expect(await synced).toBe(true);
  });
});
