/** The attempts of a journal, each with what it has recorded; pure. */
import type { ReleaseRecord } from '../../release/history.ts';
import type { StoredEvent } from '../../release/journal.ts';

export interface Attempt {
  /** Names it in addresses. */
  readonly key: string;
  readonly record: ReleaseRecord;
  /** From its beginning up to the next one's. */
  readonly events: readonly StoredEvent[];
}

/**
 * A key is the time at which the attempt began, `20260101T104102000Z`. One lock and one durable write lie between two beginnings, so they
 * share a millisecond only when a clock was set back; then the later one has `-2` behind it.
 * @param records of the same events
 */
export function attemptsOf(events: readonly StoredEvent[], records: readonly ReleaseRecord[]): Attempt[] {
  const starts = events.flatMap(({ type }, index) => (type === 'begun' ? [index] : []));
  const seen = new Map<string, number>();
  return records.map((record, index) => {
    const own = events.slice(starts[index], starts[index + 1]);
    const end = own.findIndex(({ type }) => type === 'destroying');
    return { key: keyOf(record.begun, seen), record, events: end === -1 ? own : own.slice(0, end) };
  });
}

function keyOf(begun: string, seen: Map<string, number>): string {
  const time = begun.replaceAll(/\W/g, '');
  const count = (seen.get(time) ?? 0) + 1;
  seen.set(time, count);
  return count === 1 ? time : `${time}-${count}`;
}
