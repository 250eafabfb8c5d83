/** The downtime meter: requests of its own through the public entry while a release, rollback or scaling is under way. */
import { GantryError } from '../errors.ts';
import type { Work } from './work.ts';

export interface MeterResult {
  readonly requests: number;
  readonly failed: number;
  /** By kind: `502`, `ECONNRESET`, `timeout`, ... */
  readonly failures: Readonly<Record<string, number>>;
  /** How much slower than before, at the 99th percentile; null when there was too little to compare with. */
  readonly p99DeltaMs: number | null;
  /** Between two successive good answers. */
  readonly longestGapMs: number;
}

export interface Meter {
  /** Ends the measuring; called again, it gives the same result. */
  stop(): Promise<MeterResult>;
}

export type MeterInput = Pick<Work, 'app' | 'env' | 'folder' | 'signal' | 'platform' | 'live' | 'settings' | 'report'>;

/**
 * @param breached called once, when more requests have failed than `settings.budget` allows
 * @returns undefined when nothing serves yet, or when nothing there can be asked
 */
export async function startMeter(_input: MeterInput, _breached: (reason: GantryError) => void): Promise<Meter | undefined> {
  return undefined;
}
