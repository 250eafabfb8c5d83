/** What pages use of the server. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import type { EnvironmentSummary, Operation, OperationInput, Overview, Problem, ServerEvent } from '../../../src/server/api/index.ts';
import { get, post, problemFrom } from './client.ts';
import type { ConnectionState } from './connection.ts';
import type { Interest } from './interest.ts';
import { connectionState, interestIn, isOpen, listen, operationAt, subscribe, valueAt, watch, type Live } from './stream.ts';

export { get, post } from './client.ts';

const rememberedKey = 'gantry.environment';

/** The environment in the address; elsewhere the one that was looked at last, or the first. Empty before any is known. */
export function useEnvironmentName(): string {
  const [location] = useLocation();
  const overview = useOverview();
  const named = /^\/e\/([^/]+)/.exec(location)?.[1];
  const name = named === undefined ? undefined : decode(named);
  useEffect(() => {
    if (name !== undefined) sessionStorage.setItem(rememberedKey, name);
  }, [name]);
  if (name !== undefined) return name;
  const names = overview?.environments.map((environment) => environment.name) ?? [];
  const remembered = sessionStorage.getItem(rememberedKey) ?? '';
  return names.includes(remembered) ? remembered : (names[0] ?? '');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `pathIn('local', 'logs')`: `/e/local/logs` */
export function pathIn(environment: string, page = ''): string {
  return `/e/${encodeURIComponent(environment)}${page === '' ? '' : `/${page}`}`;
}

/** Path below /api of something of an environment: `apiIn('local', 'shape')`. */
export function apiIn(environment: string, rest: string): string {
  return `/environments/${encodeURIComponent(environment)}/${rest}`;
}

/** The app and its environments, as they are now. */
export function useOverview(): Overview | undefined {
  const { data } = useGet<Overview>('/overview');
  const live = useValue('environments') as readonly EnvironmentSummary[] | undefined;
  if (data === undefined) return undefined;
  return live === undefined ? data : { ...data, environments: [...live] };
}

/** The newest state of one kind; listens to it while mounted. Undefined until it was told. */
export function useLive<T extends keyof Live>(environment: string, topic: T): Live[T] | undefined {
  const interest = interestIn(environment, topic);
  useSubscription(environment === '' ? undefined : interest);
  return useValue(interest) as Live[T] | undefined;
}

/**
 * Calls the listener for every event of the interest, or of a type that every page gets (`operation`), and for `lost`.
 * @returns whether the stream carries the interest by now: what is fetched from then on has no gap to what is told
 */
export function useEvents(interest: Interest | 'operation' | 'hello', listener: (event: ServerEvent) => void): boolean {
  const heard = useEffectEvent(listener);
  useEffect(() => listen(interest, (event) => heard(event)), [interest]);
  useSubscription(interest.includes('/') ? (interest as Interest) : undefined);
  const watching = useCallback((changed: () => void) => watch(`open ${interest}`, changed), [interest]);
  return useSyncExternalStore(watching, () => isOpen(interest));
}

function useSubscription(interest: Interest | undefined): void {
  useEffect(() => (interest === undefined ? undefined : subscribe(interest)), [interest]);
}

function useValue(key: string): unknown {
  const watching = useCallback((changed: () => void) => watch(key, changed), [key]);
  return useSyncExternalStore(watching, () => valueAt(key));
}

export interface GetOptions {
  readonly enabled?: boolean;
  /** Fetched again whenever an event of these arrives: `local/releases`. */
  readonly refetchOn?: readonly Interest[];
  /** Shows what was there before while another path loads. */
  readonly keep?: boolean;
}

export interface Got<T> {
  readonly data?: T;
  readonly problem?: Problem;
  readonly isLoading: boolean;
  refetch(): void;
}

/** @param path below /api, with its query: `/environments/local/history?minutes=15` */
export function useGet<T>(path: string, { enabled = true, refetchOn = [], keep = false }: GetOptions = {}): Got<T> {
  const client = useQueryClient();
  const query = useQuery<T>({
    queryKey: [path],
    queryFn: ({ signal }) => get<T>(path, signal),
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
  const topics = refetchOn.join(' ');
  useEffect(() => {
    const interests = topics.split(' ').filter(Boolean) as Interest[];
    const stop = interests.flatMap((interest) => [
      subscribe(interest),
      listen(interest, () => void client.invalidateQueries({ queryKey: [path] })),
    ]);
    return () => stop.forEach((end) => end());
  }, [client, path, topics]);
  return {
    ...(query.data === undefined ? {} : { data: query.data }),
    ...(query.error === null ? {} : { problem: problemFrom(query.error) }),
    isLoading: query.isPending && enabled,
    refetch: () => void query.refetch(),
  };
}

export function useConnection(): ConnectionState {
  return useSyncExternalStore(
    useCallback((changed: () => void) => watch('connection', changed), []),
    connectionState,
  );
}

export interface Operating {
  /** @throws ApiError when it could not begin */
  start(environment: string, input: OperationInput): Promise<Operation>;
  /** The one started last, as it is now. */
  readonly latest: Operation | undefined;
}

export function useOperation(): Operating {
  const [started, setStarted] = useState<Operation>();
  const key = `operation ${started?.id ?? ''}`;
  const watching = useCallback((changed: () => void) => watch(key, changed), [key]);
  const told = useSyncExternalStore(watching, () => (started === undefined ? undefined : operationAt(started.id)));
  const start = useCallback(async (environment: string, input: OperationInput) => {
    const operation = await post<Operation>(apiIn(environment, 'operations'), input);
    setStarted(operation);
    return operation;
  }, []);
  return { start, latest: told ?? started };
}

export { releaseColour } from './colours.ts';
