/** A wish to change what serves, from the first look to how it ended. */
import { useCallback, useState } from 'react';
import type { Operation, OperationInput, Problem, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { useActions } from '../../app/actions.ts';
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
  const ask = useCallback((wanted: Wish): void => {
    setWish(wanted);
    setBegun(false);
    setProblem(undefined);
  }, []);
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

/** The same for the keyboard. @param goal where a rollback goes; undefined where there is nothing to go back to */
export function useChangeActions({ ask }: Changing, goal: ReleaseSummary | undefined): void {
  useActions([
    { id: 'release', title: 'Release the folder as it is now ...', group: 'Change', words: 'deploy', run: () => ask({ kind: 'deploy' }) },
    ...(goal === undefined
      ? []
      : [
          {
            id: 'roll back',
            title: `Roll back to release ${goal.number} ...`,
            group: 'Change' as const,
            run: () => ask({ kind: 'rollback', goal }),
          },
        ]),
  ]);
}

function inputOf(wish: Wish, answers: Answers, typed: string): OperationInput {
  const { agreed, allowed, allowSchemaMismatch } = answers;
  const allow = Object.entries(allowed).flatMap(([id, reason]) => (reason.trim() === '' ? [] : [{ id, reason: reason.trim() }]));
  const given = { confirmed: [...agreed], allow, allowSchemaMismatch };
  if (wish.kind === 'deploy') return { operation: 'deploy', ...given };
  const release = wish.goal.release;
  return { operation: 'rollback', confirm: typed.trim(), ...(release === null ? {} : { release }), ...given };
}
