import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LogPage } from '../../../../src/server/api/index.ts';
import { problemFrom } from '../../server/client.ts';
import { apiIn, get, useEvents } from '../../server/hooks.ts';
import type { LogAddress } from './address.ts';
import { literalMatcher, patternMatcher, patternProblem, type Matcher } from './matcher.ts';
import { LogModel, type LogSource, type LogState } from './model.ts';

export interface Logs {
  readonly model: LogModel;
  readonly state: LogState;
  /** What is wrong with the pattern. */
  readonly complaint: string | undefined;
}

/** History does not wait longer for the event stream. */
const patienceMs = 1_500;
const againMs = 2_000;

/** @param words what is looked for, once somebody paused typing */
export function useLogs(environment: string, address: LogAddress, words: string): Logs {
  const { service, replica } = address;
  const model = useMemo(() => new LogModel({ service, replica }, sourceOf(environment), undefined), [environment, service, replica]);
  useFeed(environment, model);
  const complaint = useSearch(model, address, words);
  useEffect(() => () => model.close(), [model]);
  useAgain(model);
  const state = useSyncExternalStore(
    (changed) => model.subscribe(changed),
    () => model.state,
  );
  return { model, state, complaint };
}

function sourceOf(environment: string): LogSource {
  return {
    fetch: (query) => {
      const known = Object.entries(query).filter(([, value]) => value !== undefined);
      return get<LogPage>(apiIn(environment, `logs?${new URLSearchParams(known.map(([name, value]) => [name, String(value)]))}`));
    },
    problemOf: problemFrom,
  };
}

/** History from the moment at which the stream carries what comes, so that nothing falls between the two. */
function useFeed(environment: string, model: LogModel): void {
  const isOpen = useEvents(`${environment}/logs`, (event) => {
    if (event.type !== 'lost') model.take(event);
    else if (event.environment === null || event.environment === environment) void model.load(event.environment === null);
  });
  useEffect(() => {
    const timer = setTimeout(() => void model.load(), isOpen ? 0 : patienceMs);
    return () => clearTimeout(timer);
  }, [model, isOpen]);
}

/** What did not reach the server is asked again by itself; what the server refused is not. */
function useAgain(model: LogModel): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = model.subscribe(() => {
      if (model.state.problem?.code !== '' || timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (model.state.problem !== undefined) void model.load();
      }, againMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [model]);
}

function useSearch(model: LogModel, address: LogAddress, words: string): string | undefined {
  const { level, stream, onlyMatches, isPattern } = address;
  const [slow, setSlow] = useState<string>();
  const wrong = isPattern ? patternProblem(words) : undefined;
  useEffect(() => {
    setSlow(undefined);
    const open = (): Matcher | undefined => {
      if (words === '' || wrong !== undefined) return undefined;
      if (!isPattern) return literalMatcher(words);
      return patternMatcher(words, openWorker, { onRanges: () => model.redraw(), onTooSlow: () => setSlow(words) });
    };
    model.show({ level, stream, onlyMatches }, open);
  }, [model, level, stream, onlyMatches, isPattern, words, wrong]);
  if (wrong !== undefined) return wrong;
  return slow === words && isPattern
    ? 'This pattern takes too long. Make it simpler: nested repetitions such as (a+)+ try everything.'
    : undefined;
}

function openWorker(): Worker {
  return new Worker(new URL('./pattern.worker.ts', import.meta.url), { type: 'module', name: 'pattern' });
}
