/** What `cli/` hands to the supervisor, so that this layer imports neither the release machine nor the drivers of resources. */
import type { Environment } from '../../../exec/exec.ts';
import type { Secret } from '../../../exec/secret.ts';
import type { ServiceSpec } from '../../../stack/process.ts';
import type { AutoscalerSettings } from '../autoscaler/settings.ts';
import type { Places } from '../places.ts';
import type { OperateRequest, OperateResult, StepEvent } from '../protocol.ts';
import type { ResourceDrivers } from './resources.ts';

export interface OperateContext {
  readonly places: Places;
  /** Goes to everybody who follows the operation. */
  report(event: StepEvent): void;
  /** Aborted when the app is being stopped. */
  readonly signal: AbortSignal;
}

/** Performs an operation. It steers the supervisor through its own socket, as every other client does. */
export type OperationRunner = (request: OperateRequest, context: OperateContext) => Promise<OperateResult>;

/** Finishes or takes back what an operation left half-way whose supervisor died. */
export interface RecoveryWork {
  /** @throws GantryError GL4014 when a newer version of Gantry wrote the journal */
  isDue(): Promise<boolean>;
  run(context: OperateContext): Promise<void>;
}

/** A secret's value; without a version the newest. Undefined when there is none. */
export type SecretReader = (name: string, version?: number) => Promise<Secret | undefined>;

/**
 * Variables (NODE_OPTIONS) that make a program with a fixed port listen on `port` instead of the declared one; undefined when the program
 * cannot be told so. Such a service runs as one replica.
 */
export type PreloadEnvironment = (service: ServiceSpec, port: number) => Environment | undefined;

export interface SupervisorOptions {
  readonly places: Places;
  /** Name of the app and of the environment, for `status`. */
  readonly app: string;
  readonly environment: string;
  /** Version of Gantry. */
  readonly version: string;
  /** Digest of the running program. */
  readonly build: string;
  /** Public address. */
  readonly url: string;
  /** PATH, HOME and LANG are taken from here for every process that is started. */
  readonly env: Environment;
  /** Program and words that start the ingress. It gets the public socket as descriptor 3. */
  readonly ingress: readonly string[];
  /** The public listening socket; default 3. Only ever passed on. */
  readonly publicSocket?: number;
  readonly operate: OperationRunner;
  readonly recovery?: RecoveryWork;
  /** Pid of the supervisor that makes way for this one. */
  readonly predecessor?: number;
  readonly secrets: SecretReader;
  readonly resources: ResourceDrivers;
  readonly preload?: PreloadEnvironment;
  /** Where the autoscaler's own settings do not fit. */
  readonly autoscaler?: Partial<AutoscalerSettings>;
}

/** How the supervisor ended, as the exit code of its process. */
export const supervisorExit = {
  /** Everything was stopped as asked. */
  stopped: 0,
  /** Another supervisor looks after this folder; it goes on. */
  another: 75,
  /** It was to take over and could not; the predecessor goes on. */
  unfit: 76,
} as const;
