/** What explains a bend in a curve; pure. */
import type { ReleaseRecord } from '../../release/history.ts';
import type { Marker, ScalingDecision } from '../api/index.ts';

/** Of what was released, and what was tried: at its end, once it has ended. Oldest first. */
export function markersOf(records: readonly ReleaseRecord[]): Marker[] {
  return records.flatMap(({ outcome, operation, number, ended }): Marker[] => {
    const at = ended === null ? NaN : Date.parse(ended);
    if (Number.isNaN(at) || outcome === 'running' || outcome === 'unchanged') return [];
    return [{ at, kind: outcome, text: number === 0 ? operation : `release ${number}` }];
  });
}

/** Decisions that were held back change no curve. */
export function scaleMarkers(decisions: readonly ScalingDecision[]): Marker[] {
  return decisions
    .filter(({ from, to }) => from !== to)
    .map(({ at, service, from, to }) => ({ at: Date.parse(at), kind: 'scale', text: `${service} ${from} -> ${to}` }));
}
