/** The dashboard's real server and event stream over environments that exist in memory only. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GantryError } from '../../src/errors.ts';
import { createAccess } from '../../src/server/access/access.ts';
import type {
  LogEntry,
  LogPage,
  LogQuery,
  Operation,
  OperationInput,
  ReleaseSummary,
  ServerEvent,
  Tried,
  TryInput,
} from '../../src/server/api/index.ts';
import { createHub } from '../../src/server/events/hub.ts';
import { startServer, type RunningServer } from '../../src/server/http/server.ts';
import type { Hub } from '../../src/server/hub.ts';
import type { EnvironmentParts, Parts } from '../../src/server/parts.ts';
import { detailOf, overviewOf, type FakeEnvironment, type Scenario } from './fake-scenarios.ts';

/** GANTRY_TEST_PAGES: pages that were built elsewhere. */
const pages = process.env['GANTRY_TEST_PAGES'] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'dashboard');

/** What a person did in the browser, newest last. */
export type Asked =
  | { readonly kind: 'operation'; readonly environment: string; readonly input: OperationInput }
  | { readonly kind: 'try'; readonly environment: string; readonly input: TryInput }
  | { readonly kind: 'interrupt'; readonly environment: string };

export interface FakeOptions {
  /** What an operation answers at first; `running` unless told otherwise. Publish `operation` events for what becomes of it. */
  readonly operate?: (environment: string, input: OperationInput) => Operation;
  readonly attempt?: (environment: string, input: TryInput) => Tried;
  /** Instead of what the scenario says; may throw a GantryError. */
  readonly parts?: Partial<EnvironmentParts>;
  /** Between two heartbeats of a stream, ms. */
  readonly beatMs?: number;
}

export interface Fake {
  readonly url: string;
  readonly hub: Hub;
  readonly asked: readonly Asked[];
  /** Event streams that are open now, and what each one asked for. */
  readonly streams: ReadonlySet<readonly string[]>;
  /** A link that signs one browser in. */
  link(): string;
  environment(name: string): FakeEnvironment;
  /** Changes what an environment is, and tells everybody. */
  update(name: string, change: Partial<FakeEnvironment>): void;
  /** Adds lines, with ids that rise, and tells everybody. */
  log(name: string, lines: readonly Omit<LogEntry, 'id'>[]): void;
  publish(event: ServerEvent): void;
  /** The server is gone; `start` brings it back at the same address. Tokens stay good. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startFake(scenario: Scenario, options: FakeOptions = {}): Promise<Fake> {
  const fake = new FakeDashboard(scenario, options);
  await fake.start();
  return fake;
}

class FakeDashboard implements Fake {
  readonly hub: Hub = createHub({ version: '0.1.0' });
  readonly asked: Asked[] = [];
  readonly streams = new Set<readonly string[]>();
  readonly #access = createAccess();
  readonly #scenario: Scenario;
  readonly #options: FakeOptions;
  readonly #operations = new Map<string, Operation>();
  #server: RunningServer | undefined;
  #port = 0;

  constructor(scenario: Scenario, options: FakeOptions) {
    this.#scenario = { ...scenario, environments: scenario.environments.map((environment) => ({ ...environment })) };
    this.#options = options;
    this.publish({ type: 'environments', environments: overviewOf(this.#scenario).environments });
    for (const { summary } of this.#scenario.environments) this.#tell(summary.name, ['status', 'sample', 'releases', 'progress']);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  link(): string {
    return `${this.url}/#launch=${this.#access.launchWord()}`;
  }

  environment(name: string): FakeEnvironment {
    const found = this.#scenario.environments.find(({ summary }) => summary.name === name);
    if (found === undefined) throw new GantryError('GC1003', `There is no environment "${name}".`);
    return found;
  }

  update(name: string, change: Partial<FakeEnvironment>): void {
    Object.assign(this.environment(name), change);
    this.#tell(name, Object.keys(change));
  }

  log(name: string, lines: readonly Omit<LogEntry, 'id'>[]): void {
    const { logs } = this.environment(name);
    const first = (logs.at(-1)?.id ?? 0) + 1;
    const added = lines.map((line, index) => ({ ...line, id: first + index }));
    logs.push(...added);
    this.publish({ type: 'logs', environment: name, lines: added, skipped: 0 });
  }

  publish(event: ServerEvent): void {
    if (event.type === 'operation') this.#operations.set(event.operation.id, event.operation);
    this.hub.publish(event);
  }

  async start(): Promise<void> {
    const { beatMs } = this.#options;
    const timing = beatMs === undefined ? {} : { beatMs };
    this.#server = await startServer({ parts: this.#parts(), pages, port: this.#port, access: this.#access, ...timing });
    this.#port = this.#server.port;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async close(): Promise<void> {
    this.hub.close();
    await this.stop();
  }

  #tell(environment: string, changed: readonly string[]): void {
    const { summary: _summary, status, sample, releases, progress } = this.environment(environment);
    if (changed.includes('summary')) this.publish({ type: 'environments', environments: overviewOf(this.#scenario).environments });
    if (changed.includes('status')) this.publish({ type: 'status', environment, status });
    if (changed.includes('sample')) this.publish({ type: 'sample', environment, sample });
    if (changed.includes('releases')) this.publish({ type: 'releases', environment, releases: releases.slice(0, 50) });
    if (changed.includes('progress')) this.publish({ type: 'progress', environment, progress });
  }

  #parts(): Parts {
    return {
      hub: this.#countedHub(),
      overview: async () => overviewOf(this.#scenario),
      environment: async (name) => ({ ...this.#partsOf(this.environment(name)), ...this.#options.parts }),
      operation: (id) => {
        const found = this.#operations.get(id);
        if (found === undefined) throw new GantryError('GC2005', `There is no operation "${id}".`);
        return found;
      },
      close: async () => {},
    };
  }

  #countedHub(): Hub {
    const { hub, streams } = this;
    return {
      publish: (event) => hub.publish(event),
      isWanted: (interest) => hub.isWanted(interest),
      onInterest: (listener) => hub.onInterest(listener),
      close: () => hub.close(),
      open(interests, after, sink) {
        const stream = hub.open(interests, after, sink);
        const asked = [...interests];
        streams.add(asked);
        return {
          close: () => {
            streams.delete(asked);
            stream.close();
          },
        };
      },
    };
  }

  #partsOf(environment: FakeEnvironment): EnvironmentParts {
    const { name } = environment.summary;
    return {
      shape: async () => environment.shape,
      status: async () => environment.status,
      history: async () => environment.history,
      logs: async (query) => pageOf(environment.logs, query),
      releases: async (limit, before) => olderThan(environment.releases, before).slice(0, limit),
      release: async (key) => this.#detail(environment, key),
      compare: async () => environment.comparison,
      plan: async () => environment.plan,
      operate: async (input) => this.#operate(name, input),
      interrupt: async () => {
        this.asked.push({ kind: 'interrupt', environment: name });
        return { interrupted: true };
      },
      tries: async () => environment.tries,
      attempt: async (input) => {
        this.asked.push({ kind: 'try', environment: name, input });
        return this.#options.attempt?.(name, input) ?? { text: `did ${input.kind}`, operation: null };
      },
    };
  }

  #detail({ details, releases }: FakeEnvironment, key: string) {
    const summary = releases.find((release) => release.key === key);
    const found = details[key] ?? (summary && detailOf(summary));
    if (found === undefined) throw new GantryError('GC2006', `There is no release "${key}".`);
    return found;
  }

  #operate(environment: string, input: OperationInput): Operation {
    this.asked.push({ kind: 'operation', environment, input });
    const id = `o${this.asked.length}`;
    const running: Operation = { id, environment, operation: input.operation, state: 'running', questions: [], error: null, result: null };
    const operation = this.#options.operate?.(environment, input) ?? running;
    this.publish({ type: 'operation', operation });
    return operation;
  }
}

function olderThan(releases: readonly ReleaseSummary[], before: string | undefined): readonly ReleaseSummary[] {
  return before === undefined ? releases : releases.slice(releases.findIndex(({ key }) => key === before) + 1);
}

function pageOf(all: readonly LogEntry[], { tail, before, service, replica, contains }: LogQuery): LogPage {
  const isWanted = (line: LogEntry): boolean =>
    (before === undefined || line.id < before) &&
    (service === undefined || line.service === service) &&
    (replica === undefined || line.source === replica) &&
    (contains === undefined || line.text.toLowerCase().includes(contains.toLowerCase()));
  const found = all.filter(isWanted);
  const lines = found.slice(-tail);
  return { lines, more: lines.length < found.length, cursor: all.at(-1)?.id ?? 0, sources: [...new Set(all.map(({ source }) => source))] };
}
