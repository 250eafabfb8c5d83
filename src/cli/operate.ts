/** The one way by which a command changes an environment, whoever carries it out: the supervisor of this machine, or later this process. */
import { GantryError, isGantryError } from '../errors.ts';
import type { OperateResult, StepEvent } from '../platforms/local/protocol.ts';
import type { OperationRequest } from '../release/request.ts';
import type { PlatformName } from '../stack/stack.ts';
import type { OpenEnvironment } from './environment.ts';
import type { Io } from './io.ts';
import { bySupervisor, interruptSupervisor, nextTurnOfSupervisor } from './operate-local.ts';
import { progressPrinter, type ProgressPrinter } from './print/progress.ts';
import { say } from './print/text.ts';

export interface OperateOptions {
  /** Waits for whoever changes the environment, instead of failing with GR1001. */
  readonly wait?: boolean;
  /** What the first Ctrl-C does: takes the operation back, or ends the whole app, for the terminal that has started it. */
  readonly onInterrupt?: 'interrupt' | 'stop';
  /** Shows the steps; without it, one line for each that says something. */
  readonly printer?: ProgressPrinter;
  onEvent?(event: StepEvent): void;
}

/** How the operations of one platform are carried out. */
interface Way {
  run(io: Io, opened: OpenEnvironment, request: OperationRequest, options: RunOptions): Promise<OperateResult>;
  /** Asks the operation under way to end. False when there is none. */
  interrupt(opened: OpenEnvironment): Promise<boolean>;
  /** Ends when it is worth another attempt. */
  nextTurn(io: Io, opened: OpenEnvironment): Promise<void>;
}

export interface RunOptions {
  readonly onInterrupt: 'interrupt' | 'stop';
  onEvent(event: StepEvent): void;
}

const ways: Readonly<Record<PlatformName, Way>> = {
  local: { run: bySupervisor, interrupt: interruptSupervisor, nextTurn: nextTurnOfSupervisor },
};

/**
 * Shows the steps and gives the result. The first Ctrl-C asks for a safe end and waits for it; an end of the one who carries it out is
 * waited out, and what the next one makes of it is the result.
 * @throws GantryError what the operation says; GR1001 at once while another one runs; GL1001 when the app does not run
 */
export async function operate(
  io: Io,
  opened: OpenEnvironment,
  request: OperationRequest,
  options: OperateOptions = {},
): Promise<OperateResult> {
  const printer = options.printer ?? progressPrinter(io);
  const onEvent = (event: StepEvent): void => {
    printer(event);
    options.onEvent?.(event);
  };
  const way = ways[opened.target.platform];
  try {
    return await inTurn(io, opened, way, options.wait === true, async () =>
      way.run(io, opened, request, { onInterrupt: options.onInterrupt ?? 'interrupt', onEvent }),
    );
  } finally {
    printer.end();
  }
}

/** Asks the operation under way, whoever began it, to end. False when there is none. */
export async function interrupt(opened: OpenEnvironment): Promise<boolean> {
  return ways[opened.target.platform].interrupt(opened);
}

/** @param wait what meets an operation under way is tried again after it. @throws GantryError GR1001 without that */
export async function whenFree<T>(io: Io, opened: OpenEnvironment, wait: boolean, attempt: () => Promise<T>): Promise<T> {
  return inTurn(io, opened, ways[opened.target.platform], wait, attempt);
}

async function inTurn<T>(io: Io, opened: OpenEnvironment, way: Way, wait: boolean, attempt: () => Promise<T>): Promise<T> {
  let told = '';
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isGantryError(error) || error.code !== 'GR1001') throw error;
      if (!wait) throw busy(error, opened);
      if (told !== error.message) say(io, `  waiting: ${error.message}`);
      told = error.message;
    }
    await way.nextTurn(io, opened);
  }
}

function busy(error: GantryError, { env }: OpenEnvironment): GantryError {
  const fix = `Wait with --wait, or look: gantry status ${env.name}`;
  return new GantryError(error.code, error.message, { ...error.toJSON(), fix, cause: error });
}
