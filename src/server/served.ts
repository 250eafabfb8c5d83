/** What the server is given to serve: the app's environments, seen by contracts alone, and a way to change them. */
import type { App, Environment } from '../app/model.ts';
import type { GantryError } from '../errors.ts';
import type { OperateResult, StepEvent } from '../platforms/local/protocol.ts';
import type { Platform, PlatformContext } from '../platforms/platform.ts';
import type { PlanInput } from '../release/plan.ts';
import type { OperationRequest } from '../release/request.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import type { Target } from '../targets/target.ts';

/** Everything that a plan needs and that does not follow from the environment's contracts. */
export type PlanPlaces = Pick<PlanInput, 'engines' | 'workDir' | 'control' | 'content'> & {
  /** Migrations of the folder as it is now that take something from the version which serves. */
  readonly harm: readonly { readonly name: string; readonly effect: string; readonly reasons: readonly string[] }[];
};

/** One environment, as the files say now: the same object while there is one of that name, so that its members change with the files. */
export interface Served {
  readonly app: App;
  readonly env: Environment;
  readonly target: Target;
  readonly platform: Platform;
  /** Its signal ends with the server. */
  readonly context: PlatformContext;
  /**
   * Changes the environment the way the commands do, under its lock and with a record; nothing takes it back when the asker goes away.
   * @throws GantryError GR1001 while somebody else changes it, GR1005 with questions
   */
  operate(request: OperationRequest, onEvent: (event: StepEvent) => void): Promise<OperateResult>;
  /** Asks the operation under way to end. False when there is none. */
  interrupt(): Promise<boolean>;
  /** Of the folder, hex; undefined without git. */
  commit(): string | undefined;
  /** Looks at the folder as it is now; builds nothing. */
  planPlaces(): Promise<PlanPlaces>;
  /** Whether the content of a promoted release is still there, so that a rollback can go to it. */
  isRunnable(release: ReleaseRef): Promise<boolean>;
}

export interface ServedApp {
  readonly app: string;
  /** Of the app file, absolute. */
  readonly folder: string;
  /** Of Gantry. */
  readonly version: string;
  /** As the files say now; while they are broken, as they said last. */
  environments(): Promise<readonly Served[]>;
  /** What is wrong with the files, so that `environments` tells what they said before; undefined while they are good. */
  problem?(): GantryError | undefined;
}
