/** One environment, and processes that work on it, die, and are started again. */
import { vi } from 'vitest';
import { GantryError, isGantryError } from '../../../src/errors.ts';
import type { App } from '../../../src/app/model.ts';
import { SimulatedCrash } from '../../../src/platforms/memory-store.ts';
import type { Holder, Lease, Store } from '../../../src/platforms/store.ts';
import type { StoredEvent } from '../../../src/release/journal.ts';
import { operate } from '../../../src/release/operate.ts';
import { initial, transition, type ReleaseState } from '../../../src/release/machine.ts';
import { settle } from '../../../src/release/runner.ts';
import type { ReleaseRequest } from '../../../src/release/request.ts';
import type { Tools } from '../../../src/release/work.ts';
import { local } from '../../../src/targets/local/target.ts';
import { environmentFor } from '../../contracts/target.ts';
import { newPlace, type Place } from '../../fakes/place.ts';
import {
  nothingOfNextIsLeft,
  numbersCount,
  oldOrNew,
  oldReleaseIsWarm,
  oneReleaseServes,
  onlyTheHolderWrites,
  rollbackGoesBack,
  stateOf,
  usersReachReadySets,
  walkSkipsNothing,
  type Seen,
} from './invariants.ts';
import { mostBefore, type Command, type DiskTrouble, type Order, type Plan, type Trouble } from './plan.ts';
import { Turnstile } from './turnstile.ts';

/** Where the world keeps its memory. */
export interface Memories {
  /** As one process has it. */
  store(process: Process): Store;
  /** What is remembered, as somebody finds it who only looks. */
  events(): Promise<readonly StoredEvent[]>;
  /** An environment of its own whose journal ends after so many of these events. */
  prefix(events: readonly StoredEvent[], length: number): Promise<Memories>;
}

export interface WorldOptions {
  readonly app: App;
  readonly memories: Memories;
  readonly plan: Plan;
  readonly seen?: Seen;
}

/** Worlds in which so many releases were promoted; all that is to be done in one of them starts there. */
export async function beginnings(app: App, fresh: Memories): Promise<(plan: Plan) => Promise<World>> {
  const deploys = Array.from({ length: mostBefore }, (_, index) => ({ command: { do: 'up', content: 10 + index } as const, troubles: [] }));
  const world = new World({ app, memories: fresh, plan: { before: 0, actors: [deploys], picks: [0] } });
  const violations = await world.run();
  if (violations.length > 0) throw new Error(violations.join('\n'));
  const events = await fresh.events();
  const ends = [0, ...events.flatMap((event, index) => (event.type === 'done' && event.step === 'retire' ? [index + 1] : []))];
  return async (plan) => {
    const length = ends[plan.before] ?? 0;
    const memories = await fresh.prefix(events, length);
    const seen = world.moments.findLast((moment) => moment.length === length)?.seen;
    return new World({ app, memories, plan, ...(seen === undefined || length === 0 ? {} : { seen }) });
  };
}

/** A program that runs, with the lease that it got. */
export class Process {
  static #last = 0;
  readonly pid = (Process.#last += 1);
  readonly who: string;
  readonly abort = new AbortController();
  readonly #troubles: Order['troubles'];
  readonly #diskTrouble: Order['disk'];
  #calls = 0;
  #writes = 0;
  dead = false;
  /** What its store does with it from now on. */
  disk: 'works' | 'full' | 'silent' = 'works';
  lease: Lease | undefined;

  constructor(who: string, { troubles, disk }: Pick<Order, 'troubles' | 'disk'> = { troubles: [] }) {
    this.who = who;
    this.#troubles = troubles;
    this.#diskTrouble = disk;
  }

  holder(operation: string): Holder {
    return { who: this.who, operation, since: '', host: 'here', pid: this.pid, startTime: String(this.pid), bootId: 'b' };
  }

  /** What goes wrong with its next call. */
  trouble(): Trouble | undefined {
    const at = (this.#calls += 1) - 1;
    return this.#troubles.find((trouble) => trouble.at === at)?.what;
  }

  /** What goes wrong with its next change of the disk. */
  diskTrouble(): DiskTrouble | undefined {
    const at = (this.#writes += 1) - 1;
    return this.#diskTrouble?.at === at ? this.#diskTrouble.what : undefined;
  }

  /** Nothing that it does from now on has any effect. */
  die(where: string): never {
    this.dead = true;
    throw new SimulatedCrash(where);
  }

  live(where: string): void {
    if (this.dead) throw new SimulatedCrash(where);
  }
}

interface Moment {
  readonly length: number;
  readonly seen: Seen;
}

export class World {
  readonly place: Place = newPlace();
  readonly turnstile: Turnstile;
  readonly violations: string[] = [];
  /** What the place was like just before and just after each event was written. */
  readonly moments: Moment[] = [];
  readonly #named = new Set<string>();
  readonly #options: WorldOptions;
  #newest = 0;
  #state: ReleaseState = initial;
  #folded = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    if (options.seen !== undefined) Object.assign(this.place, options.seen, { ready: new Set(options.seen.ready) });
    this.turnstile = new Turnstile(options.plan.picks);
  }

  /** Everything that the plan says, then a quiet start that settles what is left. @returns what did not hold */
  async run(): Promise<readonly string[]> {
    const actors = this.#options.plan.actors.map(async (orders, index) => this.#act(`actor ${index}`, orders));
    await this.turnstile.drive(actors, async () => this.#look());
    await this.#settleAndCheck();
    return this.violations;
  }

  async #act(name: string, orders: readonly Order[]): Promise<void> {
    for (const [index, order] of orders.entries()) {
      const { command } = order;
      const process = new Process(`${name}.${index}`, order);
      if (command.do === 'rollback' && command.to !== undefined) this.#named.add(process.who);
      const failure = await this.#perform(process, command).then(
        () => undefined,
        (error: unknown) => error,
      );
      const lost = process.lease?.lost.aborted === true;
      process.lease = undefined;
      this.turnstile.log.push(`${process.who} ${command.do}: ${process.dead ? 'died' : failure === undefined ? 'ok' : String(failure)}`);
      if (process.dead) continue;
      if (failure !== undefined && !isGantryError(failure) && !(failure instanceof DOMException))
        this.#broken(`${process.who}: ${String((failure as Error).stack)}`);
      if (failure !== undefined && !lost && !this.#isBusy(failure))
        this.#check(nothingOfNextIsLeft(stateOf(await this.turnstile.aside(async () => this.#options.memories.events())), this.seen()));
      process.dead = true;
    }
  }

  #isBusy(failure: unknown): boolean {
    return isGantryError(failure) && (failure.code === 'GR1001' || failure.code === 'GR1008');
  }

  async #perform(process: Process, command: Command): Promise<unknown> {
    const tools = this.tools(process);
    const holder = process.holder(command.do);
    if (command.do === 'settle') return settle(holder, tools);
    if (command.do === 'unlock') return tools.store.unlock();
    const { app } = this.#options;
    const env = environmentFor(local);
    if (command.do === 'scale') return operate({ operation: 'scale', app, env, service: 'backend', count: command.count }, holder, tools);
    if (command.do === 'restart') return operate({ operation: 'restart', app, env }, holder, tools);
    if (command.do === 'destroy') return operate({ operation: 'destroy', app, env }, holder, tools);
    const open = { app, env, allow: [], confirmed: ['*'], allowSchemaMismatch: true };
    if (command.do !== 'rollback') this.place.content = `v${command.content}`;
    const request: ReleaseRequest = { ...open, operation: command.do };
    return operate(
      command.do === 'rollback' && command.to !== undefined ? { ...request, release: String(command.to) } : request,
      holder,
      tools,
    );
  }

  tools(process: Process): Tools {
    return {
      target: local,
      ...this.#hands(process),
      store: this.#watched(process, this.#options.memories.store(process)),
      folder: '/nowhere',
      cacheDir: '/nowhere',
      workDir: '/nowhere',
      control: '',
      version: '0.0.0',
      path: '',
      signal: process.abort.signal,
      report: () => {},
    };
  }

  /** The place's calls: each may be refused, and its process may die before or after it. */
  #hands(process: Process): Pick<Tools, 'engines' | 'platform' | 'builder'> {
    const { engine, platform, builder } = this.place.hands(async (name, work) => {
      process.live(name);
      if (changes.test(name)) this.#checkWriter(process, name);
      return this.turnstile.pass(`${process.who} ${name}`, async () => {
        process.live(name);
        const trouble = this.#common(process, name);
        if (trouble === 'refused' || trouble === 'conflict') throw new GantryError('GX1002', `${name} failed as planned`);
        process.lease?.lost.throwIfAborted();
        if (changes.test(name)) this.#checkWriter(process, name);
        const result = work();
        this.#checkNow();
        if (trouble === 'crash-after') process.die(name);
        if (trouble === 'unanswered') throw new GantryError('GX1002', `${name} failed as planned after it was done`);
        return result;
      });
    });
    return { engines: { process: engine }, platform, builder };
  }

  #common(process: Process, name: string): Trouble | undefined {
    const trouble = process.trouble();
    if (trouble !== undefined) this.turnstile.log.push(`  ${trouble}`);
    if (trouble === 'interrupt') process.abort.abort(new GantryError('GR1004', 'the release was interrupted'));
    if (trouble === 'clock') vi.setSystemTime(Date.now() + (this.turnstile.pick(2) === 0 ? -3_600_000 : 3_600_000));
    if (trouble === 'crash-before') process.die(name);
    if (trouble === 'full' || trouble === 'silent') process.disk = trouble;
    return trouble;
  }

  #watched(process: Process, store: Store): Store {
    const pass = async <T>(name: string, work: () => Promise<T>): Promise<T> =>
      this.turnstile.pass(`${process.who} ${name}`, async () => {
        process.live(name);
        const before = process.disk;
        const trouble = this.#common(process, name);
        if (before === 'silent' || (process.disk === 'full' && !/^(read|get|release|holder)/.test(name)))
          throw new GantryError('GX2001', `no space left for ${name}`);
        if (trouble === 'refused') throw new GantryError('GX2001', `no space left for ${name}`);
        if (trouble === 'conflict' && name.startsWith('append')) throw new GantryError('GL4012', 'the journal has moved on, as planned');
        const result = await work();
        if (trouble === 'crash-after') process.die(name);
        if ((trouble === 'unanswered' || trouble === 'silent') && name !== 'lock')
          throw new GantryError('GX2004', `the disk reports an error after ${name}`);
        return result;
      });
    return {
      lock: async (holder) => {
        const lease = await pass('lock', async () => (process.lease = await store.lock(holder)));
        const release = async (): Promise<void> => pass('release', async () => lease.release());
        const own: Lease = { ...lease, release };
        leases.set(own, lease);
        return own;
      },
      unlock: async () => pass('unlock', async () => store.unlock()),
      holder: async () => pass('holder', async () => store.holder()),
      read: async () => pass('read', async () => store.read()),
      stamp: async () => store.stamp(),
      append: async (lease, expected, event) =>
        pass(`append ${event.type} ${String(event['step'] ?? event['about'] ?? '')}`, async () => {
          const seen = this.seen();
          const sequence = await store.append(leases.get(lease) ?? lease, expected, event);
          this.moments.push({ length: expected, seen }, { length: sequence, seen });
          return sequence;
        }),
      compact: async (lease, expected, events) => pass('compact', async () => store.compact(leases.get(lease) ?? lease, expected, events)),
      put: async (blob) => pass('put', async () => store.put(blob)),
      get: async (digest) => pass('get', async () => store.get(digest)),
    };
  }

  seen(): Seen {
    const { live, next, share, ready } = this.place;
    return { live, next, share, ready: new Set(ready) };
  }

  #checkWriter(process: Process, what: string): void {
    const token = process.lease?.token;
    this.#check(onlyTheHolderWrites({ who: process.who, token, lost: process.lease?.lost.aborted === true }, this.#newest, what));
    this.#newest = Math.max(this.#newest, token ?? 0);
  }

  #checkNow(): void {
    this.#check(usersReachReadySets(this.seen()));
  }

  async #look(): Promise<void> {
    const events = await this.#options.memories.events();
    this.#state = events.slice(this.#folded).reduce(transition, this.#state);
    this.#folded = events.length;
    this.#check(oldReleaseIsWarm(this.#state, this.seen()));
  }

  async #settleAndCheck(): Promise<void> {
    const before = await this.#options.memories.events();
    await this.#settle('the next start');
    const events = await this.#options.memories.events();
    this.#check(oneReleaseServes(stateOf(events), this.seen()));
    this.#check(oldOrNew(stateOf(before), stateOf(events)));
    this.#check(walkSkipsNothing(events));
    this.#check(numbersCount(events));
    this.#check(rollbackGoesBack(events, (who) => this.#named.has(who)));
    await this.#prefixesRecover(before);
  }

  async #settle(who: string): Promise<void> {
    const process = new Process(who);
    const settled = settle(process.holder('settle'), this.tools(process)).then(
      () => undefined,
      (error: unknown) => this.#broken(`settling failed: ${String((error as Error).stack)}`),
    );
    await this.turnstile.drive([settled], async () => this.#checkNow());
  }

  /** Had everybody died at that instant, the next start would end in the old release or the new one. */
  async #prefixesRecover(events: readonly StoredEvent[]): Promise<void> {
    for (let tries = 0; tries < triedPrefixes && this.moments.length > 0 && this.violations.length === 0; tries++) {
      const moment = this.moments[this.turnstile.pick(13) + Math.floor((tries * this.moments.length) / triedPrefixes)];
      if (moment === undefined || moment.length > events.length) continue;
      const memories = await this.#options.memories.prefix(events, moment.length);
      const world = new World({ ...this.#options, memories, seen: moment.seen });
      await world.#recoverFrom(events.slice(0, moment.length));
      this.violations.push(...world.violations.map((text) => `from the first ${moment.length} events: ${text}`));
    }
  }

  async #recoverFrom(events: readonly StoredEvent[]): Promise<void> {
    await this.#settle('recovery');
    const after = stateOf(await this.#options.memories.events());
    this.#check(oneReleaseServes(after, this.seen()));
    this.#check(oldOrNew(stateOf(events), after));
  }

  #check(verdict: string | undefined): void {
    if (verdict !== undefined) this.#broken(verdict);
  }

  #broken(text: string): void {
    this.violations.push(text);
    this.turnstile.log.push(`VIOLATION ${text}`);
  }
}

/** The wrapped lease knows the store's own. */
const leases = new WeakMap<Lease, Lease>();
const triedPrefixes = 3;
/** Calls that change what runs. */
const changes = /^(apply|shift|destroy|provision|migrate|scale|restart)/;
