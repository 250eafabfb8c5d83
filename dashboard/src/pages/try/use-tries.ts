import { useCallback, useEffect, useState } from 'react';
import type {
  Operation,
  Problem,
  Progress,
  ReleaseDetail,
  ReleaseSummary,
  Replica,
  Tried,
  TryInput,
} from '../../../../src/server/api/index.ts';
import { problemFrom } from '../../server/client.ts';
import { apiIn, get, post, useEvents, useLive } from '../../server/hooks.ts';
import { begin, settled, withSample, withStatus, type Disturbed, type How } from './disturbed.ts';

export type ReleaseKind = 'good release' | 'bad release';

/** A release made for trying, watched until its end and after. */
export interface Released {
  readonly kind: ReleaseKind;
  readonly at: number;
  /** What differs, in the server's words. */
  readonly said: string;
  readonly operation: Operation | null;
  /** As it was told last. */
  readonly progress: Progress | null;
  /** What is recorded of it, once it has ended. */
  readonly detail: ReleaseDetail | null;
}

export type Attempt = Disturbed | Released;

export interface Trying {
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  readonly problem: { readonly kind: TryInput['kind']; readonly problem: Problem } | undefined;
  /** Asked for, and not answered yet. */
  readonly asking: TryInput['kind'] | undefined;
  disturb(how: How, replica: Replica): void;
  release(kind: ReleaseKind): void;
}

const mostKept = 20;

export function isReleased(attempt: Attempt): attempt is Released {
  return attempt.kind === 'good release' || attempt.kind === 'bad release';
}

/** What was tried in this tab, and what has become of it. */
export function useTries(environment: string): Trying {
  const [attempts, change] = useKept(environment);
  const [problem, setProblem] = useState<Trying['problem']>();
  const [asking, setAsking] = useState<TryInput['kind']>();
  const sample = useLive(environment, 'sample');
  const p99 = sample === undefined || 'unsupported' in sample ? null : sample.total.p99;
  useWatching(environment, attempts, change);
  useRecorded(environment, attempts, change);
  const ask = useCallback(
    async (input: TryInput, made: (tried: Tried, at: number) => Attempt) => {
      const at = Date.now();
      setProblem(undefined);
      setAsking(input.kind);
      try {
        const tried = await post<Tried>(apiIn(environment, 'tries'), input);
        change((before) => [...before, made(tried, at)].slice(-mostKept));
      } catch (error) {
        setProblem({ kind: input.kind, problem: problemFrom(error) });
      }
      setAsking(undefined);
    },
    [environment, change],
  );
  return {
    attempts,
    problem,
    asking,
    disturb: (how, replica) => void ask({ kind: how, replica: replica.id }, ({ text }, at) => begin(how, replica, text, at, p99)),
    release: (kind) => void ask({ kind }, ({ text, operation }, at) => ({ kind, at, said: text, operation, progress: null, detail: null })),
  };
}

type ChangeAttempts = (change: (before: readonly Attempt[]) => readonly Attempt[]) => void;

/** Kept for this tab, so that results are still there after a look at another page. */
function useKept(environment: string): [readonly Attempt[], ChangeAttempts] {
  const key = `gantry.try.${environment}`;
  const [attempts, setAttempts] = useState<readonly Attempt[]>(() => stored(key));
  const change = useCallback<ChangeAttempts>((next) => {
    setAttempts((before) => {
      const after = next(before);
      return after.every((attempt, index) => attempt === before[index]) && after.length === before.length ? before : after;
    });
  }, []);
  useEffect(() => sessionStorage.setItem(key, JSON.stringify(attempts)), [key, attempts]);
  return [attempts, change];
}

function stored(key: string): readonly Attempt[] {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '[]') as Attempt[];
  } catch {
    return [];
  }
}

/** Hands on everything that the stream tells about what was tried, also what came before the answer to the wish did. */
function useWatching(environment: string, attempts: readonly Attempt[], change: ChangeAttempts): void {
  const status = useLive(environment, 'status');
  const progress = useLive(environment, 'progress');
  const { length } = attempts;
  useEffect(() => {
    if (status !== undefined) change((before) => before.map((one) => (isReleased(one) ? one : withStatus(one, status))));
  }, [status, length, change]);
  useEffect(() => {
    if (progress != null) change((before) => before.map((one) => (isOf(one, progress, before) ? { ...one, progress } : one)));
  }, [progress, length, change]);
  useEvents(`${environment}/sample`, (event) => {
    if (event.type !== 'sample' || 'unsupported' in event.sample) return;
    const { sample } = event;
    change((before) => before.map((one) => (isReleased(one) ? one : settled(withSample(one, sample), Date.now()))));
  });
  useEvents('operation', (event) => {
    if (event.type === 'operation') change((before) => before.map((one) => withOperation(one, event.operation)));
  });
}

function withOperation(one: Attempt, operation: Operation): Attempt {
  return isReleased(one) && one.operation?.id === operation.id ? { ...one, operation } : one;
}

/** The state that was told last may still be of the release before. */
function isOf(one: Attempt, { key }: Progress, all: readonly Attempt[]): one is Released {
  return isReleased(one) && isUnderWay(one) && !all.some((other) => other !== one && isReleased(other) && other.progress?.key === key);
}

export function isUnderWay({ operation }: Released): boolean {
  return operation?.state === 'running';
}

/** Fetches how operations stand that ended while nobody looked, and what is recorded of those that have. */
function useRecorded(environment: string, attempts: readonly Attempt[], change: ChangeAttempts): void {
  const released = attempts.filter(isReleased);
  const open = released
    .filter(isUnderWay)
    .map(({ operation }) => operation?.id ?? '')
    .join(' ');
  const unread = released.find((one) => !isUnderWay(one) && one.detail === null && one.operation?.state !== 'asks');
  const [at, key] = [unread?.at, unread?.progress?.key];
  useEffect(() => {
    const keep = (operation: Operation): void => change((before) => before.map((one) => withOperation(one, operation)));
    for (const id of open.split(' ').filter(Boolean)) get<Operation>(`/operations/${encodeURIComponent(id)}`).then(keep, () => {});
  }, [open, change]);
  useEffect(() => {
    if (at === undefined) return;
    const keep = (detail: ReleaseDetail | undefined): void => {
      if (detail !== undefined) change((before) => before.map((one) => (isReleased(one) && one.at === at ? { ...one, detail } : one)));
    };
    recorded(environment, at, key).then(keep, () => {});
  }, [environment, at, key, change]);
}

/** @param at when it was wished for @param key of the attempt; without it the first that began since then */
async function recorded(environment: string, at: number, key: string | undefined): Promise<ReleaseDetail | undefined> {
  const since = async (): Promise<string | undefined> => {
    const releases = await get<ReleaseSummary[]>(apiIn(environment, 'releases?limit=20'));
    return releases.findLast(({ begun }) => Date.parse(begun) >= at - 1_000)?.key;
  };
  const known = key ?? (await since());
  return known === undefined ? undefined : get<ReleaseDetail>(apiIn(environment, `releases/${encodeURIComponent(known)}`));
}
