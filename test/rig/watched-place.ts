/** An environment in memory whose releases are watched, and a person who looks. */
import { hostname } from 'node:os';
import { identifySelf } from '../../src/platforms/identity.ts';
import { systemClock } from '../../src/platforms/local/supervisor/clock.ts';
import { OperationGate } from '../../src/platforms/local/supervisor/operation.ts';
import { createMemory, memoryStore, type Memory } from '../../src/platforms/memory-store.ts';
import type { Platform } from '../../src/platforms/platform.ts';
import type { Holder, Store } from '../../src/platforms/store.ts';
import type { App } from '../../src/app/model.ts';
import { operate } from '../../src/release/operate.ts';
import type { OperationRequest, OperationResult } from '../../src/release/request.ts';
import type { Report } from '../../src/release/work.ts';
import type { Progress, ServerEvent } from '../../src/server/api/index.ts';
import { createHub } from '../../src/server/events/hub.ts';
import type { Hub, Interest } from '../../src/server/hub.ts';
import { watchReleases, type ReleaseWatch } from '../../src/server/releases/watch.ts';
import type { Served } from '../../src/server/served.ts';
import { local } from '../../src/targets/local/target.ts';
import { environmentFor, fixtureApp } from '../contracts/target.ts';
import { newPlace, type Place } from '../fakes/place.ts';

export const shopText = `gantry: 1
app: shop
services:
  backend:
    build: ./backend
    run: node main.js
    port: 3000
    route: /
    scale: { min: 2, max: 5 }
    migrate: node migrate.js
    variables: { DATABASE_URL: "\${db.url}", LEVEL: info }
resources:
  db: { type: postgres, version: 17 }
`;
const env = environmentFor(local);
const { signal } = new AbortController();

/** Users judge nothing here. */
export async function shopOf(text: string): Promise<App> {
  const plain = await fixtureApp({ name: 'shop', text });
  return { ...plain, release: { ...plain.release, canary: { share: 0 }, bakeMs: 0 } };
}

export class WatchedPlace {
  readonly place: Place = newPlace();
  readonly memory: Memory = createMemory();
  /** What is told to those who look. */
  readonly events: ServerEvent[] = [];
  /** Content that lies nowhere any more, by address. */
  readonly gone = new Set<string>();
  store: Store = memoryStore({ memory: this.memory });
  app: App;
  holder: Holder;
  served: Served;
  hub: Hub = createHub();
  watch: ReleaseWatch;
  /** Instead of those of the place, for the next release. */
  members: Partial<Platform> = {};
  /** Of the release under way. */
  report: Report = () => {};
  readonly #gate = new OperationGate(systemClock);
  readonly #ends: (() => void)[] = [];

  private constructor(app: App, holder: Holder) {
    this.app = app;
    this.holder = holder;
    this.served = this.#serve();
    this.watch = this.#begin();
  }

  static async open(): Promise<WatchedPlace> {
    const self = await identifySelf();
    const holder = { ...self, who: 'ana@laptop', operation: 'deploy', since: new Date().toISOString(), host: hostname() };
    return new WatchedPlace(await shopOf(shopText), holder);
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  atEnd(end: () => void): void {
    this.#ends.push(end);
  }

  /** Watches again, with another platform or other answers. */
  serve(more: Partial<Omit<Served, 'platform'>>, platform: Platform = this.served.platform): void {
    this.watch.close();
    this.served = this.#serve(more, platform);
    this.watch = this.#begin();
  }

  /** A page that shows both. Gives how it ends. */
  look(): () => void {
    const interests = new Set<Interest>([`${env.name}/releases`, `${env.name}/progress`]);
    const sink = { write: (_id: string, event: ServerEvent) => this.events.push(event) > 0, drained: async () => {} };
    const stream = this.hub.open(interests, undefined, sink);
    this.atEnd(() => stream.close());
    return () => stream.close();
  }

  async contentNow(): Promise<Record<string, { kind: 'folder'; address: string }>> {
    const [backend] = Object.values(this.app.services);
    const context = { folder: '', cacheDir: '', signal, report: () => {} };
    return backend === undefined ? {} : { backend: await this.place.builder.address(backend, context) };
  }

  /** As the supervisor does it: one at a time, and whoever asks hears it from the beginning. */
  async run(more: Partial<OperationRequest> = {}, content = this.place.content): Promise<OperationResult> {
    this.place.content = content;
    const { app, holder } = this;
    const request = { operation: 'up', app, env, allow: [], confirmed: [], allowSchemaMismatch: false, ...more } as OperationRequest;
    return this.#gate.run(
      request.operation,
      holder.who,
      () => {},
      async (report, stop) => {
        this.report = report;
        return operate(request, holder, { ...this.#tools(), signal: stop, report });
      },
    );
  }

  /** Stops the next release in `healthy` until it is let go. */
  hold(): { readonly reached: Promise<void>; letGo(): void } {
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const reached = new Promise<void>((resolve) => {
      this.members = {
        awaitReady: async (set, report, context) => {
          report('1/2 ready');
          resolve();
          await gone;
          return this.place.platform.awaitReady(set, report, context);
        },
      };
    });
    return { reached, letGo: () => letGo() };
  }

  /** Undefined when nothing was told yet. */
  get progress(): Progress | null | undefined {
    return this.events.findLast((event) => event.type === 'progress')?.progress;
  }

  step(name: string): Progress['walk'][number] | undefined {
    return this.progress?.walk.find(({ step }) => step === name);
  }

  /** `2 promoted`, newest first. */
  get listed(): readonly string[] {
    const releases = this.events.findLast((event) => event.type === 'releases')?.releases ?? [];
    return releases.map(({ number, outcome }) => `${number} ${outcome}`);
  }

  #tools(): Omit<Parameters<typeof operate>[2], 'signal' | 'report'> {
    const { engine, builder, platform } = this.place;
    const nowhere = '/nowhere';
    return {
      target: local,
      engines: { process: engine },
      builder,
      platform: { ...platform, ...this.members },
      store: this.store,
      folder: nowhere,
      cacheDir: nowhere,
      workDir: nowhere,
      control: '',
      version: '0.0.0',
      path: '',
    };
  }

  #begin(): ReleaseWatch {
    const watch = watchReleases(this.served, this.hub);
    this.atEnd(() => watch.close());
    return watch;
  }

  #serve(more: Partial<Served> = {}, platform: Platform = this.#platform()): Served {
    const appNow = (): App => this.app;
    return {
      get app() {
        return appNow();
      },
      env,
      target: local,
      platform,
      context: { app: 'shop', environment: env.name, folder: '/nowhere', signal },
      operate: async () => Promise.reject(new Error('not asked for')),
      interrupt: async () => false,
      commit: () => undefined,
      planPlaces: async () => ({
        engines: { process: this.place.engine },
        workDir: '',
        control: '',
        content: await this.contentNow(),
        harm: [],
      }),
      isRunnable: async ({ content }) => Object.values(content).every(({ address }) => !this.gone.has(address)),
      ...more,
    };
  }

  #platform(): Platform {
    return {
      ...this.place.platform,
      store: async () => this.store,
      progress: async (onEvent, context) => void (await this.#gate.attach(onEvent, context.signal).catch(() => null)),
    };
  }
}
