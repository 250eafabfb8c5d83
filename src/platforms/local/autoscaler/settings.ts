export interface AutoscalerSettings {
  readonly intervalMs: number;
  /** A mean is taken over this time. */
  readonly windowMs: number;
  /** How long a replica has been ready before its numbers count: a start is no load. */
  readonly warmUpMs: number;
  /** Samples in a row that must ask for more. */
  readonly outSamples: number;
  /** Between two changes of the same service. */
  readonly pauseMs: number;
  /** What was needed at any moment of this time is still needed. */
  readonly inWindowMs: number;
  /** Share by which a number may miss its target before anything is done. */
  readonly tolerance: number;
  /** Cores that are not given out. */
  readonly reserve: number;
}

export const defaultSettings: AutoscalerSettings = {
  intervalMs: 2000,
  windowMs: 4000,
  warmUpMs: 10_000,
  outSamples: 3,
  pauseMs: 30_000,
  inWindowMs: 300_000,
  tolerance: 0.1,
  reserve: 0.5,
};
