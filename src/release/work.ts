/** What a release knows and uses while it walks: contracts only, no platform, engine or target by name. */
import type { App, Environment } from '../app/model.ts';
import type { Builder, BuildContext } from '../builders/builder.ts';
import type { Engine, EngineContext } from '../engines/engine.ts';
import type { Platform, PlatformContext } from '../platforms/platform.ts';
import type { Lease, Store } from '../platforms/store.ts';
import type { ContentRef, EngineName, ReleaseRef, Sets, Stack } from '../stack/stack.ts';
import type { Target } from '../targets/target.ts';

export interface Report {
  (event: {
    readonly step: string;
    readonly state: 'running' | 'done' | 'failed' | 'skipped';
    readonly message: string;
    readonly elapsedMs: number;
  }): void;
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
  readonly signal: AbortSignal;
  readonly report: Report;
}

export interface Work extends Tools {
  readonly app: App;
  readonly env: Environment;
  readonly lease: Lease;
  /** The release that serves; undefined before the first. */
  readonly live: ReleaseRef | undefined;
  content: Readonly<Record<string, ContentRef>>;
  secrets: Readonly<Record<string, number>>;
  next: ReleaseRef | undefined;
}

export function platformContext(work: Work): PlatformContext {
  return { app: work.app.name, environment: work.env.name, folder: work.folder, signal: work.signal };
}

export function buildContext(work: Work): BuildContext {
  const { folder, cacheDir, signal } = work;
  return { folder, cacheDir, signal, report: (message) => work.report({ step: 'build', state: 'running', message, elapsedMs: 0 }) };
}

export function engineContext(work: Work, sets: Sets, signal: AbortSignal = work.signal): EngineContext {
  const content = { live: sets.live?.content ?? {}, next: sets.next?.content ?? {} };
  return { app: work.app.name, environment: work.env.name, workDir: work.workDir, control: work.control, content, signal };
}

/** Makes the stacks of some phases true, in order; gives what the engine said last of each thing. */
export async function makeTrue(work: Work, sets: Sets, phases: readonly Stack['phase'][], signal?: AbortSignal): Promise<string> {
  const context = engineContext(work, sets, signal);
  const said = new Map<string, string>();
  for (const stack of work.target.compile(sets).filter(({ phase }) => phases.includes(phase))) {
    const engine = work.engines[stack.engine];
    const plan = await engine.plan(stack, context);
    for await (const event of engine.apply(stack, plan, context)) {
      said.set(event.subject, event.message);
      work.report({ step: event.subject, state: 'running', message: event.message, elapsedMs: event.elapsedMs ?? 0 });
    }
  }
  return [...said.values()].filter(Boolean).join('  ');
}

/** Both sets while the release is under way. */
export function bothSets(work: Work): Sets {
  return { ...(work.live === undefined ? {} : { live: work.live }), ...(work.next === undefined ? {} : { next: work.next }) };
}
