/** The contract of a target: a pure compiler from app + environment to stacks. */
import type { ZodType } from 'zod';
import type { Feature } from '../app/features.ts';
import type { App, Environment } from '../app/model.ts';
import type { BuilderName, EngineName, PlatformName, Sets, Stack } from '../stack/stack.ts';

export { features, type Feature } from '../app/features.ts';

export type Support =
  | { readonly level: 'yes' }
  | { readonly level: 'approximated'; readonly reason: string }
  | { readonly level: 'no'; readonly reason: string };

export interface Surroundings {
  /** How long the entry keeps an idle connection to a replica, ms. */
  readonly idleMs: number;
  /** It keeps it shorter for a program that announces less in `Keep-Alive`, as Node's servers do. */
  readonly heedsKeepAlive: boolean;
  /** Who is asked to end: every process of a replica, or its first one alone. */
  readonly stopSignal: 'all' | 'first';
  /** How many connections a postgres resource takes. */
  readonly postgresConnections: number;
}

export interface Target {
  readonly name: string;
  readonly title: string;
  readonly engines: readonly EngineName[];
  readonly builders: readonly BuilderName[];
  readonly platform: PlatformName;
  /** How long users judge a release here when the files do not say. */
  readonly release: { readonly canaryMs: number; readonly bakeMs: number };
  /** What a program meets here that no file says. */
  readonly surroundings: Surroundings;
  /** Strict schema of the target's options, loaded only when a file has to be judged. */
  options(): Promise<ZodType<Record<string, unknown>>>;
  /** The same in a yes or no, compiled by `npm run generate`, so that a right file needs no schema library. */
  accepts?(options: unknown): boolean;
  supports(app: App, env: Environment): Readonly<Record<Feature, Support>>;
  /** Pure: the same sets give the same bytes. */
  compile(sets: Sets): readonly Stack[];
}
