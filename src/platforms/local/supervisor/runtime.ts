/** What runs, on disk, so that the next supervisor finds it again. Losing it costs restarts, never data. */
import { randomBytes } from 'node:crypto';
import { isGantryError } from '../../../errors.ts';
import type { Identity } from '../../../exec/identity.ts';
import type { ScalingDecision } from '../../platform.ts';
import type { Mark } from './processes.ts';
import type { ResourceRecord } from './resources.ts';
import { loadState, saveQuickly } from './state-file.ts';

export interface ReplicaRecord {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly ordinal: number;
  readonly port: number;
  /** Undefined between the decision to start it and its start. */
  readonly identity?: Identity;
  readonly phase: 'starting' | 'ready' | 'unready' | 'stopping';
  readonly restarts: number;
  /** ISO 8601 of the process's start. */
  readonly since: string;
}

export interface Pin {
  readonly count: number;
  /** A person asked for exactly this many. */
  readonly pinned: boolean;
}

export interface Runtime {
  readonly tableVersion: number;
  readonly setKey: string;
  readonly replicas: readonly ReplicaRecord[];
  readonly resources: readonly ResourceRecord[];
  /** The one that takes new requests. */
  readonly ingress?: Identity;
  /** Those that replace it or finish what they have. */
  readonly otherIngresses?: readonly Identity[];
  /** Which ingress was started last, and by which build of Gantry. */
  readonly ingressBuild?: { readonly pid: number; readonly build: string };
  /** Replicas by service, where they differ from what the set says. */
  readonly counts: Readonly<Record<string, Pin>>;
  /** What the autoscaler decided lately, newest first. */
  readonly scaling: readonly ScalingDecision[];
  /** Ports of `${service.url}`. */
  readonly internal: readonly InternalPort[];
  /** Jobs that may still run. */
  readonly jobs: readonly Mark[];
}

export interface InternalPort {
  readonly release: string;
  readonly service: string;
  readonly port: number;
}

export interface RuntimeFile {
  readonly value: Runtime;
  /** Changes what is remembered; it is on disk when the promise resolves. Changes made together are written together. Never rejects. */
  update(change: (now: Runtime) => Partial<Runtime>): Promise<void>;
  /** Resolves when what is remembered is on disk; nothing is remembered or written afterwards. */
  seal(): Promise<void>;
}

function emptyRuntime(): Runtime {
  return {
    tableVersion: 0,
    setKey: randomBytes(24).toString('base64url'),
    replicas: [],
    resources: [],
    counts: {},
    scaling: [],
    internal: [],
    jobs: [],
  };
}

/**
 * A damaged record is like none: `complain` is told, and what ran before is found by its marks or restarted.
 * @throws GantryError GL1032 when a newer version of Gantry wrote it
 */
export async function openRuntime(file: string, complain: (message: string) => void): Promise<RuntimeFile> {
  const loaded = await loadState<Runtime>(file).catch((error: unknown) => {
    if (!isGantryError(error) || error.code === 'GL1032') throw error;
    complain(`${error.message}; what runs is looked for among the processes`);
    return undefined;
  });
  if (loaded?.fromPrevious === true) complain('the record of what runs was damaged; the one before it is used');
  return runtimeFile(file, { ...emptyRuntime(), ...loaded?.value }, complain);
}

function runtimeFile(file: string, initial: Runtime, complain: (message: string) => void): RuntimeFile {
  let value = initial;
  let writing: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let isSealed = false;
  const write = async (): Promise<void> => {
    await writing;
    queued = undefined;
    writing = saveQuickly(file, value).catch((error: unknown) => complain(`cannot record what runs: ${(error as Error).message}`));
    await writing;
  };
  return {
    get value() {
      return value;
    },
    seal: async () => {
      isSealed = true;
      await queued;
      await writing;
    },
    update: async (change) => {
      if (isSealed) return;
      value = { ...value, ...change(value) };
      queued ??= write();
      await queued;
    },
  };
}
