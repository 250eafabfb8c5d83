/** The list of releases: the newest as they are told, older ones as they are fetched. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Problem, ReleaseSummary } from '../../../../src/server/api/index.ts';
import { problemFrom } from '../../server/client.ts';
import { apiIn, get, useLive } from '../../server/hooks.ts';

const pageSize = 50;

export interface ReleaseListing {
  readonly releases?: readonly ReleaseSummary[];
  readonly problem?: Problem;
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  loadOlder(): void;
  refetch(): void;
}

export function useReleases(environment: string): ReleaseListing {
  const told = useLive(environment, 'releases');
  const query = useInfiniteQuery({
    queryKey: ['releases', environment],
    queryFn: ({ pageParam, signal }) => get<ReleaseSummary[]>(apiIn(environment, `releases?limit=${pageSize}${pageParam}`), signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last.length < pageSize ? undefined : `&before=${encodeURIComponent(last.at(-1)?.key ?? '')}`),
    enabled: environment !== '',
  });
  const { data, error } = query;
  const releases = useMemo(() => (data === undefined ? told : merged(told ?? [], data.pages.flat())), [told, data]);
  return {
    ...(releases === undefined ? {} : { releases }),
    ...(error === null ? {} : { problem: problemFrom(error) }),
    hasOlder: query.hasNextPage,
    isLoadingOlder: query.isFetchingNextPage,
    loadOlder: () => void query.fetchNextPage(),
    refetch: () => void query.refetch(),
  };
}

/** What was told is newer than what was fetched. */
function merged(told: readonly ReleaseSummary[], fetched: readonly ReleaseSummary[]): readonly ReleaseSummary[] {
  const known = new Set(told.map(({ key }) => key));
  return [...told, ...fetched.filter(({ key }) => !known.has(key))];
}
