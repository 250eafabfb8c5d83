/** Keeps the app's resources running: starts, adopts, checks and restarts them with back-off. How each kind does that is its driver's. */
import { GantryError, isGantryError } from '../../../errors.ts';
import type { Environment } from '../../../exec/exec.ts';
import { isAlive } from '../../../exec/identity.ts';
import { Secret } from '../../../exec/secret.ts';
import type { ResourceSpec, SpecPlaceholder } from '../../../stack/process.ts';
import type { ResourceStatus } from '../../platform.ts';
import { logFile } from '../log-files.ts';
import type { Places } from '../places.ts';
import { sleep, type Clock } from './clock.ts';
import type { EventHub } from './event-hub.ts';
import type { SecretReader } from './options.ts';
import { backoffMs } from './replica-machine.ts';
import type { ResourceContext, ResourceDriver, ResourceDrivers, ResourceRecord, RunningResource } from './resources.ts';

export interface ResourceKeeperOptions {
  readonly places: Places;
  readonly drivers: ResourceDrivers;
  readonly secrets: SecretReader;
  readonly env: Environment;
  readonly clock: Clock;
  readonly hub: EventHub;
  /** What an earlier supervisor left running. */
  readonly records: readonly ResourceRecord[];
  onRecords(records: readonly ResourceRecord[]): void;
  onChange(): void;
  random(): number;
}

type State = ResourceStatus['state'];

const watchMs = 500;
/** The server itself is asked every so many looks at its process. */
const looksPerCheck = 4;
/** Failed checks in a row until a server that hangs is restarted. */
const missesUntilRestart = 15;
const wellMs = 60_000;
const shortBackoffAttempts = 6;
const triesUntilFailed = 5;

export class ResourceKeeper {
  readonly #options: ResourceKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  /** Servers that are being stopped: one that comes back waits for its predecessor. */
  readonly #leaving = new Map<string, Promise<void>>();
  #records: ReadonlyMap<string, ResourceRecord>;

  constructor(options: ResourceKeeperOptions) {
    this.#options = options;
    this.#records = new Map(options.records.map((record) => [record.name, record]));
  }

  /** Starts what is new, stops what is no longer wanted, replaces what differs. */
  want(specs: readonly ResourceSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.name, spec]));
    for (const [name, kept] of this.#kept) {
      if (JSON.stringify(wanted.get(name)) !== JSON.stringify(kept.spec)) this.#leave(name, kept);
    }
    for (const spec of specs) {
      if (!this.#kept.has(spec.name)) this.#keep(spec);
    }
  }

  #keep(spec: ResourceSpec): void {
    const kept = new Kept(spec, this.#options, this.#records.get(spec.name), () => this.#changed());
    this.#kept.set(spec.name, kept);
    const before = this.#leaving.get(spec.name) ?? Promise.resolve();
    void before.then(async () => kept.run());
  }

  #leave(name: string, kept: Kept): void {
    this.#kept.delete(name);
    const done = kept.stop().finally(() => {
      if (this.#leaving.get(name) === done) this.#leaving.delete(name);
      this.#changed();
    });
    this.#leaving.set(name, done);
  }

  #changed(): void {
    const records = [...this.#kept.values()].flatMap(({ record }) => (record === undefined ? [] : [record]));
    this.#records = new Map([...this.#records, ...records.map((record) => [record.name, record] as const)]);
    this.#options.onRecords([...this.#records.values()]);
    this.#options.onChange();
  }

  /** Every wanted resource has answered since this supervisor started. */
  get haveStarted(): boolean {
    return [...this.#kept.values()].every(({ hasStarted }) => hasStarted);
  }

  get areReady(): boolean {
    return [...this.#kept.values()].every(({ state }) => state === 'ready' || state === 'external');
  }

  get areStopping(): boolean {
    return this.#leaving.size > 0;
  }

  /** Why a resource cannot start, once it has been tried often enough: what a killed server left behind may take a moment to go. */
  get failure(): GantryError | undefined {
    return [...this.#kept.values()].find(({ failedStarts }) => failedStarts >= triesUntilFailed)?.failure;
  }

  /** The value of `db.port` and the like; secret ones too, for the environment of a process only. */
  output(name: string): string | undefined {
    const dot = name.lastIndexOf('.');
    const value = this.#kept.get(name.slice(0, dot))?.outputs?.[name.slice(dot + 1)];
    return value instanceof Secret ? value.reveal() : value === undefined ? undefined : String(value);
  }

  /** All values by `db.port`, without secrets. */
  publicOutputs(): Record<string, string | number> {
    const entries = [...this.#kept.values()].flatMap(({ spec, outputs }) =>
      Object.entries(outputs ?? {}).flatMap(([attribute, value]) =>
        value instanceof Secret ? [] : [[`${spec.name}.${attribute}`, value] as const],
      ),
    );
    return Object.fromEntries(entries);
  }

  status(): ResourceStatus[] {
    return [...this.#kept.values()].map((kept) => kept.status());
  }

  get ports(): number[] {
    return [...this.#kept.values()].flatMap(({ record }) => (record === undefined ? [] : [record.port]));
  }

  /** Another supervisor goes on with what runs. */
  async leave(): Promise<void> {
    await Promise.all(this.#leaving.values());
    await Promise.all([...this.#kept.values()].map(async (kept) => kept.leave()));
  }

  async stopAll(): Promise<number> {
    const names = [...this.#kept.entries()];
    for (const [name, kept] of names) this.#leave(name, kept);
    await Promise.all(this.#leaving.values());
    return names.length;
  }
}

/** One resource. */
class Kept {
  readonly spec: ResourceSpec;
  state: State = 'starting';
  hasStarted = false;
  failure: GantryError | undefined;
  /** In a row. */
  failedStarts = 0;
  record: ResourceRecord | undefined;
  outputs: RunningResource['outputs'] | undefined;
  readonly #options: ResourceKeeperOptions;
  readonly #onChange: () => void;
  readonly #abort = new AbortController();
  #running: RunningResource | undefined;
  #detail = '';
  #loop: Promise<void> | undefined;

  constructor(spec: ResourceSpec, options: ResourceKeeperOptions, record: ResourceRecord | undefined, onChange: () => void) {
    this.spec = spec;
    this.record = record;
    this.#options = options;
    this.#onChange = onChange;
  }

  async run(): Promise<void> {
    this.#loop ??= this.#keepRunning();
    await this.#loop;
  }

  async stop(): Promise<void> {
    this.#abort.abort(new GantryError('GL1019', `${this.spec.name} is no longer wanted`));
    await this.#loop;
    if (this.#running === undefined) return;
    this.#say('stopping');
    const driver = await this.#driver();
    await driver.stop(this.#running).catch((error: unknown) => this.#say(`could not be stopped: ${(error as Error).message}`, 'error'));
    this.#running = undefined;
    this.state = 'stopped';
    this.#say('stopped');
  }

  /** Looks after it no longer, and lets it run. */
  async leave(): Promise<void> {
    this.#abort.abort(new GantryError('GL1033', 'the supervisor is being replaced'));
    await this.#loop;
  }

  status(): ResourceStatus {
    const running = this.#running;
    return {
      name: this.spec.name,
      type: this.spec.type,
      state: this.state,
      ...(running === undefined ? {} : { version: running.version, port: running.record.port, connection: running.connection }),
      ...(running?.record.identity === undefined ? {} : { pid: running.record.identity.pid }),
      ...(this.#detail === '' ? {} : { detail: this.#detail }),
    };
  }

  async #keepRunning(): Promise<void> {
    const { clock, random } = this.#options;
    let attempt = 0;
    while (!this.#abort.signal.aborted) {
      const since = clock.now();
      if (await this.#begin()) await this.#watch();
      if (this.#abort.signal.aborted) return;
      attempt = clock.now() - since > wellMs ? 0 : attempt + 1;
      const pause = attempt === 0 ? 0 : backoffMs(Math.min(attempt - 1, shortBackoffAttempts), random());
      await sleep(clock, pause, this.#abort.signal).catch(() => undefined);
    }
  }

  async #begin(): Promise<boolean> {
    try {
      const [driver, context] = await Promise.all([this.#driver(), this.#context()]);
      const adopted = this.record === undefined ? undefined : await driver.adopt(this.spec, this.record, context);
      const running = adopted ?? (await driver.start(this.spec, context));
      this.#running = running;
      this.record = running.record;
      this.outputs = running.outputs;
      this.failure = undefined;
      this.failedStarts = 0;
      this.hasStarted = true;
      this.#enter(this.spec.external === undefined ? 'ready' : 'external', '');
      this.#say(adopted === undefined ? `ready, ${running.connection}` : `found running, ${running.connection}`);
      return true;
    } catch (error) {
      if (this.#abort.signal.aborted) return false;
      this.failure = asResourceError(error, this.spec);
      this.failedStarts += 1;
      this.#say(`cannot start: ${this.failure.message}`, 'error');
      this.#enter('failed', this.failure.message);
      this.#onChange();
      return false;
    }
  }

  /** Until it has died, hangs, or is no longer wanted. */
  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const running = this.#running;
    for (let look = 1, misses = 0; running !== undefined; look += 1) {
      await sleep(clock, watchMs, this.#abort.signal).catch(() => undefined);
      if (this.#abort.signal.aborted) return;
      if (running.record.identity !== undefined && !(await isAlive(running.record.identity)))
        return this.#lost('has ended; it is started again');
      if (look % looksPerCheck !== 0) continue;
      misses = (await this.#answers(running)) ? 0 : misses + 1;
      if (misses === 0) this.#enter(this.spec.external === undefined ? 'ready' : 'external', '');
      else if (misses === 1) this.#say('does not answer', 'warn');
      if (misses > 1) this.#enter('starting', 'does not answer');
      if (misses >= missesUntilRestart && this.spec.external === undefined) return this.#replaceHung(running);
    }
  }

  async #answers(running: RunningResource): Promise<boolean> {
    return (await this.#driver()).check(running).catch(() => false);
  }

  async #replaceHung(running: RunningResource): Promise<void> {
    this.#say('hangs and is restarted', 'error');
    await (await this.#driver()).stop(running).catch(() => undefined);
    this.#lost('is started again');
  }

  #lost(message: string): void {
    this.#running = undefined;
    this.#say(message, 'warn');
    this.#enter('starting', message);
  }

  async #driver(): Promise<ResourceDriver> {
    return this.#options.drivers[this.spec.type]();
  }

  async #context(): Promise<ResourceContext> {
    const { places, env } = this.#options;
    const external = this.spec.external === undefined ? undefined : await this.#secret(this.spec.external);
    return {
      places,
      password: external === undefined ? await this.#secret(this.spec.password) : new Secret(''),
      ...(external === undefined ? {} : { external }),
      env,
      ...(this.record === undefined ? {} : { port: this.record.port }),
      logFile: logFile(places.logDir, this.spec.name),
      report: (message) => {
        this.#detail = message;
        this.#say(message);
      },
      signal: this.#abort.signal,
    };
  }

  async #secret(placeholder: SpecPlaceholder): Promise<Secret> {
    const name = '$secret' in placeholder ? placeholder.$secret : '';
    const value = await this.#options.secrets(name);
    if (value === undefined) throw new GantryError('GL1025', `${this.spec.name}: the secret ${name} has no value`);
    return value;
  }

  #enter(state: State, detail: string): void {
    if (this.state === state && this.#detail === detail) return;
    this.state = state;
    this.#detail = detail;
    this.#onChange();
  }

  #say(message: string, level: 'info' | 'warn' | 'error' = 'info'): void {
    this.#options.hub.say('resource', this.spec.name, message, level);
  }
}

function asResourceError(error: unknown, spec: ResourceSpec): GantryError {
  if (isGantryError(error)) return error;
  return new GantryError('GL1028', `${spec.name} (${spec.type} ${spec.version}): ${(error as Error).message}`, { cause: error });
}
