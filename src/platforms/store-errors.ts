/** What every store says in the same words. */
import { GantryError } from '../errors.ts';
import type { Holder, Lease, Sequence } from './store.ts';

export function heldBy({ who, operation, since, host, pid }: Holder): GantryError {
  return new GantryError('GR1001', `${who} is at work here: ${operation}, since ${since} (process ${pid} on ${host})`);
}

export function movedOn(expected: Sequence, actual: Sequence): GantryError {
  return new GantryError('GL4012', `the journal has ${actual} entries, not ${expected}`);
}

export function lockLost({ holder }: Pick<Lease, 'holder'>): GantryError {
  return new GantryError('GL4011', `the lock of ${holder.who} (${holder.operation}, since ${holder.since}) is not valid any more`);
}
