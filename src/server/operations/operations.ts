/** Changes that were begun here: they go on whoever watches, and everybody who watches is told how they end. */
import { randomUUID } from 'node:crypto';
import { GantryError, isGantryError } from '../../errors.ts';
import type { OperateResult } from '../../platforms/local/protocol.ts';
import type { MeterResult } from '../../release/meter.ts';
import { questionsOf } from '../../release/questions.ts';
import type { OperationRequest } from '../../release/request.ts';
import type { Operation } from '../api/index.ts';
import type { Hub } from '../hub.ts';
import { problemOf } from '../problem.ts';
import type { Served } from '../served.ts';

export interface OperationsOptions {
  /** Told what no person can do anything about. */
  readonly onBug?: (error: unknown) => void;
}

export interface Operations {
  /** Begins it and returns. */
  begin(served: Pick<Served, 'env' | 'operate'>, request: OperationRequest): Operation;
  /** @throws GantryError GC2005 when it is not known (any more) */
  find(id: string): Operation;
}

const keptOperations = 50;

export function createOperations(hub: Pick<Hub, 'publish'>, { onBug }: OperationsOptions = {}): Operations {
  const kept = new Map<string, Operation>();
  const tell = (operation: Operation): Operation => {
    kept.set(operation.id, operation);
    hub.publish({ type: 'operation', operation });
    return operation;
  };
  return {
    begin(served, request) {
      const begun = tell(newOperation(served.env.name, request.operation));
      forgetOldest(kept);
      served
        .operate(request, () => {})
        .then(
          (result) => tell({ ...begun, ...ended(result) }),
          (error: unknown) => tell({ ...begun, ...failed(error, onBug) }),
        );
      return begun;
    },
    find(id) {
      const operation = kept.get(id);
      if (operation === undefined) throw new GantryError('GC2005', 'no operation of that id is known');
      return operation;
    },
  };
}

function newOperation(environment: string, operation: string): Operation {
  return { id: randomUUID(), environment, operation, state: 'running', questions: [], error: null, result: null };
}

/** What still runs is kept however many come after it. */
function forgetOldest(kept: Map<string, Operation>): void {
  for (const [id, { state }] of kept) {
    if (kept.size <= keptOperations) return;
    if (state !== 'running') kept.delete(id);
  }
}

function ended({ release, number, changed, durationMs, meter }: OperateResult): Pick<Operation, 'state' | 'result'> {
  const measured = meter as MeterResult | undefined;
  return {
    state: changed ? 'changed' : 'unchanged',
    result: { release, number, durationMs, meter: measured === undefined ? null : { ...measured } },
  };
}

function failed(error: unknown, onBug: OperationsOptions['onBug']): Pick<Operation, 'state' | 'questions' | 'error'> {
  if (isGantryError(error) && error.code === 'GR1005') return { state: 'asks', questions: questionsOf(error), error: problemOf(error) };
  if (!isGantryError(error)) onBug?.(error);
  return { state: 'failed', questions: [], error: problemOf(isGantryError(error) ? error : mistake(error)) };
}

function mistake(error: unknown): GantryError {
  return new GantryError('GC2010', 'the operation met a mistake in Gantry', { cause: error });
}
