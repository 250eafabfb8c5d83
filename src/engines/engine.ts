/** The contract of an engine: a thin driver of one tool that makes a stack's files true. */
import type { ToolReport } from '../builders/builder.ts';
import type { ContentRef, EngineName, Stack } from '../stack/stack.ts';

export type { ToolReport } from '../builders/builder.ts';

export interface EngineContext {
  readonly app: string;
  readonly environment: string;
  /** Folder in which the engine may keep its working files. */
  readonly workDir: string;
  /** Where the platform's control socket is, for engines that need one. */
  readonly control: string;
  /** Content of the sets by set and service, for parts of kind `image`. */
  readonly content: Readonly<Record<'live' | 'next', Readonly<Record<string, ContentRef>>>>;
  readonly signal: AbortSignal;
}

export type ChangeKind = 'create' | 'update' | 'replace' | 'delete' | 'unchanged' | 'unknown';

export interface Change {
  readonly kind: ChangeKind;
  /** `service/backend`, `resource/db`. */
  readonly subject: string;
  /** What differs, in words: `content 7a… → 2c…`. */
  readonly detail: string;
  readonly downtime: boolean;
  readonly dataLoss: boolean;
}

export interface Plan {
  readonly stack: string;
  readonly changes: readonly Change[];
  /** Digest of the rendered files that the plan was made from. */
  readonly artifact: string;
}

export interface Progress {
  readonly subject: string;
  readonly message: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly elapsedMs?: number;
}

export type OutputValue = string | number | boolean;

export interface Engine {
  readonly name: EngineName;
  /** Pure: unfilled parts become the tool's own variables. Also what `export` writes. */
  render(stack: Stack, content: EngineContext['content']): Readonly<Record<string, string>>;
  check(context: EngineContext): Promise<ToolReport>;
  plan(stack: Stack, context: EngineContext): Promise<Plan>;
  /** Makes that plan true; doing it twice changes nothing. */
  apply(stack: Stack, plan: Plan, context: EngineContext): AsyncIterable<Progress>;
  outputs(stack: Stack, context: EngineContext): Promise<Readonly<Record<string, OutputValue>>>;
  destroy(stack: Stack, context: EngineContext): AsyncIterable<Progress>;
}
