/** Digests of blobs that events name, wherever in them. */
import type { StoreEvent } from './store.ts';

export function digestsIn(events: readonly StoreEvent[]): ReadonlySet<string> {
  return new Set(JSON.stringify(events).match(/(?<=")[0-9a-f]{64}(?=")/g) ?? []);
}
