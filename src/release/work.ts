/** What a release knows and uses while it walks: contracts only, no platform, engine or target by name. */
import type { App, Environment } from '../app/model.ts';
import type { Builder, BuildContext } from '../builders/builder.ts';
import type { Change, Engine, EngineContext } from '../engines/engine.ts';
import type { Platform, PlatformContext, StepEvent } from '../platforms/platform.ts';
import type { Lease, Store } from '../platforms/store.ts';
import type { ContentRef, EngineName, ReleaseRef, Sets, Stack } from '../stack/stack.ts';
import type { Target } from '../targets/target.ts';
import type { Window } from './gate.ts';
import type { OpenJournal } from './journal.ts';
import type { Meter } from './meter.ts';
import type { ReleaseRequest } from './request.ts';
import type { SchemaChange } from './schema.ts';
import type { EffectiveSettings } from './settings.ts';

export interface Report {
  (event: StepEvent): void;
}

/** Everything outside that a release touches. */
export interface Tools {
  readonly target: Target;
  readonly engines: Readonly<Record<EngineName, Engine>>;
  readonly builder: Builder;
  readonly platform: Platform;
  readonly store: Store;
  readonly folder: string;
  readonly cacheDir: string;
  readonly workDir: string;
  readonly control: string;
  /** Version of Gantry; plans of another one are refused. */
  readonly version: string;
  /** PATH of the caller, for programs that guardrails look for. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Something that a person has to say yes to before anything outside this machine changes. */
export interface Question {
  /** What `--confirm` names: a guardrail's id, `schema`, or `irreversible` for migrations after which data is gone. */
  readonly id: string;
  readonly text: string;
}

export interface Work extends Tools {
  readonly request: ReleaseRequest;
  readonly settings: EffectiveSettings;
  readonly journal: OpenJournal;
  readonly app: App;
  readonly env: Environment;
  readonly lease: Lease;
  /** The release that serves; undefined before the first. */
  readonly live: ReleaseRef | undefined;
  /** A rollback walks with a release that exists already. */
  readonly stored: ReleaseRef | undefined;
  content: Readonly<Record<string, ContentRef>>;
  secrets: Readonly<Record<string, number>>;
  next: ReleaseRef | undefined;
  /** Of the content that was built, once that is known. */
  migrations?: NonNullable<ReleaseRef['migrations']>;
  schema?: SchemaChange;
  changes: readonly Change[];
  questions: readonly Question[];
  /** Users reach the next set since then (monotonic, ms), with at most this share; undefined while none could. */
  exposed: { readonly since: number; readonly share: number } | undefined;
  /** While users are measured. */
  meter: Meter | undefined;
  /** Numbers of the live set beside the canary, which the bake compares with. */
  baseline: Window | undefined;
}

export function platformContext(work: Pick<Work, 'app' | 'env' | 'folder' | 'signal'>): PlatformContext {
  return { app: work.app.name, environment: work.env.name, folder: work.folder, signal: work.signal };
}

export function buildContext(work: Work): BuildContext {
  const { folder, cacheDir, signal } = work;
  return { folder, cacheDir, signal, report: (message) => work.report({ step: 'build', state: 'running', message, elapsedMs: 0 }) };
}

export type EngineInput = Pick<Work, 'app' | 'env' | 'workDir' | 'control' | 'signal'>;

export function engineContext(work: EngineInput, sets: Sets, signal: AbortSignal = work.signal): EngineContext {
  const content = { live: sets.live?.content ?? {}, next: sets.next?.content ?? {} };
  return { app: work.app.name, environment: work.env.name, workDir: work.workDir, control: work.control, content, signal };
}

/** Makes the stacks of some phases true, in order; gives what the engine said last of each thing. */
export async function makeTrue(work: Work, sets: Sets, phases: readonly Stack['phase'][], signal?: AbortSignal): Promise<string> {
  const context = engineContext(work, sets, signal);
  const said = new Map<string, string>();
  for (const stack of work.target.compile(sets).filter(({ phase }) => phases.includes(phase))) {
    const engine = work.engines[stack.engine];
    context.signal.throwIfAborted();
    const plan = await engine.plan(stack, context);
    context.signal.throwIfAborted();
    for await (const event of engine.apply(stack, plan, context)) {
      said.set(event.subject, event.message);
      work.report({ step: event.subject, state: 'running', message: event.message, elapsedMs: event.elapsedMs ?? 0 });
    }
  }
  return [...said.values()].filter(Boolean).join('  ');
}

/** Takes the stacks of some phases away, in reverse order. Only one who has lost the lock stops in the middle. */
export async function takeAway(work: Work, sets: Sets, phases: readonly Stack['phase'][], step: string): Promise<void> {
  const context = engineContext(work, sets, work.lease.lost);
  const stacks = work.target.compile(sets).filter(({ phase }) => phases.includes(phase));
  for (const stack of stacks.toReversed()) {
    context.signal.throwIfAborted();
    for await (const event of work.engines[stack.engine].destroy(stack, context))
      work.report({ step, state: 'running', message: event.message, elapsedMs: 0 });
  }
}

/** Both sets while the release is under way. */
export function bothSets(work: Pick<Work, 'live' | 'next'>): Sets {
  return { ...(work.live === undefined ? {} : { live: work.live }), ...(work.next === undefined ? {} : { next: work.next }) };
}

/** Waits; ends early, with the reason, when the release is told to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
