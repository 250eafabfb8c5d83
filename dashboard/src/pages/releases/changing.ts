/** A wish to change what serves, from the first look to how it ended. */
import { useState } from 'react';
import type { Operation, OperationInput, Problem, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { problemFrom } from '../../server/client.ts';
import { useOperation } from '../../server/hooks.ts';
import type { Answers } from './consent.ts';

export type Wish = { readonly kind: 'deploy' } | { readonly kind: 'rollback'; readonly goal: ReleaseSummary };

export interface Changing {
  readonly environment: string;
  /** Undefined while nothing is wished for: the dialog is closed. */
  readonly wish: Wish | undefined;
  /** Of this wish. */
  readonly operation: Operation | undefined;
  readonly isStarting: boolean;
  /** Why it could not begin. */
  readonly problem: Problem | undefined;
  ask(wish: Wish): void;
  close(): void;
  /** @param typed the environment's name, where a rollback needs it */
  go(answers: Answers, typed: string): void;
}

export function useChanging(environment: string): Changing {
  const { start, latest } = useOperation();
  const [wish, setWish] = useState<Wish>();
  const [begun, setBegun] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const ask = (wanted: Wish): void => {
    setWish(wanted);
    setBegun(false);
    setProblem(undefined);
  };
  const go = (answers: Answers, typed: string): void => {
    if (wish === undefined) return;
    setStarting(true);
    setProblem(undefined);
    start(environment, inputOf(wish, answers, typed))
      .then(() => setBegun(true))
      .catch((error: unknown) => setProblem(problemFrom(error)))
      .finally(() => setStarting(false));
  };
  return { environment, wish, operation: begun ? latest : undefined, isStarting, problem, ask, close: () => setWish(undefined), go };
}

function inputOf(wish: Wish, answers: Answers, typed: string): OperationInput {
  const { agreed, allowed, allowSchemaMismatch } = answers;
  const allow = Object.entries(allowed).flatMap(([id, reason]) => (reason.trim() === '' ? [] : [{ id, reason: reason.trim() }]));
  const given = { confirmed: [...agreed], allow, allowSchemaMismatch };
  if (wish.kind === 'deploy') return { operation: 'deploy', ...given };
  const release = wish.goal.release;
  return { operation: 'rollback', confirm: typed.trim(), ...(release === null ? {} : { release }), ...given };
}
