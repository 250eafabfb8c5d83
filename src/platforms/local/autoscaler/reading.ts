/** What the autoscaler is told of one moment. Numbers come as they were measured, whatever they are; `decide` judges them. */
export interface Reading {
  /** Of this machine. */
  readonly cores: number;
  /** Sum of limits.cpu over everything that runs or is to run, in cores. */
  readonly committed: number;
  /** A release or another operation is under way: nothing is taken away. */
  readonly operating: boolean;
  readonly services: readonly ServiceReading[];
}

export interface ServiceReading {
  readonly name: string;
  /** As limits and targets of the set that serves say. */
  readonly scale: { readonly min: number; readonly max: number; readonly cpu?: number; readonly concurrency?: number };
  /** Replicas that each of its sets should have. */
  readonly count: number;
  /** Cores that one replica more would be given, in all sets together. */
  readonly cost: number;
  /** A person has asked for exactly this many. */
  readonly pinned: boolean;
  /** Of all sets, without those that are on their way out. */
  readonly replicas: readonly ReplicaReading[];
}

export interface ReplicaReading {
  /** Another one for every process. */
  readonly key: string;
  readonly ready: boolean;
  /** limits.cpu, cores. */
  readonly limit: number;
  /** User and system time since its start; undefined when it cannot be measured. */
  readonly cpuSeconds: number | undefined;
  /** Requests at this moment; undefined when it cannot be measured. */
  readonly inFlight: number | undefined;
}
