import { useEffect, useMemo, useRef, useState } from 'react';
import type { History, Measured, Problem, ScalingDecision } from '../../../../src/server/api/index.ts';
import { apiIn, useEvents, useGet, useLive } from '../../server/hooks.ts';
import { timelineOf, type Timeline } from './timeline.ts';

export const ranges = [15, 60, 360] as const;
export type Minutes = (typeof ranges)[number];

/** The server gathers more exactly than a page that looks on; so often it is asked again. */
const againMs = 60_000;

export interface Watched {
  /** Undefined while it loads. */
  readonly history: History | undefined;
  readonly timeline: Timeline;
  /** Newest first. */
  readonly decisions: readonly ScalingDecision[];
  /** Why nothing is measured; null where it is. */
  readonly unsupported: string | null;
  readonly problem: Problem | undefined;
  retry(): void;
}

export function useTimeline(environment: string, minutes: Minutes): Watched {
  const path = apiIn(environment, `history?minutes=${minutes}`);
  const { data, problem, refetch } = useGet<History>(path, { refetchOn: [`${environment}/releases`], keep: true });
  const samples = useSamples(environment, minutes, refetch);
  const live = useLive(environment, 'sample');
  const scaling = useLive(environment, 'status')?.place?.scaling;
  const timeline = useMemo(() => timelineOf(data ?? nothing, samples, minutes), [data, samples, minutes]);
  const decisions = useMemo(() => joined(data?.decisions ?? [], scaling ?? []), [data, scaling]);
  const isMeasured = live !== undefined && !('unsupported' in live);
  const unsupported = isMeasured ? null : live === undefined ? (data?.unsupported ?? null) : live.unsupported;
  return { history: data, timeline, decisions, unsupported, problem, retry: refetch };
}

const nothing = { stepMs: 2000, times: [], services: [] };

/** Every sample since the page was opened; older ones the history has. */
function useSamples(environment: string, minutes: Minutes, refetch: () => void): readonly Measured[] {
  const [samples, setSamples] = useState<readonly Measured[]>([]);
  useEvents(`${environment}/sample`, (event) => {
    if (event.type === 'lost') return refetch();
    if (event.type !== 'sample' || 'unsupported' in event.sample) return;
    const { sample } = event;
    setSamples((before) => [
      ...before.filter(({ at }) => at > sample.at - 2 * againMs - (minutes * 60_000) / 100 && at !== sample.at),
      sample,
    ]);
  });
  const again = useRef(refetch);
  again.current = refetch;
  useEffect(() => {
    setSamples([]);
    const timer = setInterval(() => again.current(), againMs);
    return () => clearInterval(timer);
  }, [environment, minutes]);
  return samples;
}

/** The same decision may be told by both. */
function joined(a: readonly ScalingDecision[], b: readonly ScalingDecision[]): ScalingDecision[] {
  const all = new Map([...a, ...b].map((decision) => [`${decision.at} ${decision.service} ${decision.reason}`, decision]));
  return [...all.values()].toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
