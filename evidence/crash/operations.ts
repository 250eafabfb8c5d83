/** The operations that are interrupted, and how what is left of each is judged. */
import type { App, Standing } from './app.ts';

export type OperationName = 'deploy' | 'rollback' | 'scale' | 'up' | 'down';

export interface Operation {
  readonly name: OperationName;
  /** The app does not run for a while: no user can be served. */
  readonly stops: boolean;
  /** What may be interrupted while it runs; `start`: the supervisor from its first moment on. */
  readonly victims: readonly Victim[];
  /** Makes ready what it needs; gives its words. */
  prepare(app: App, before: Standing): Promise<readonly string[]>;
  /** Whether what stands now is what the operation was to bring. */
  isNew(now: Standing, before: Standing): boolean;
}

export type Victim = 'supervisor' | 'cli' | 'start';

export type Outcome = 'old' | 'new';

/** @throws Error when it is neither */
export function judge(operation: Operation, now: Standing, before: Standing): Outcome {
  if (operation.isNew(now, before)) return 'new';
  if (now.release === before.release && now.edition === before.edition && now.webs === before.webs) return 'old';
  throw new Error(`neither old nor new: ${JSON.stringify(now)} after ${JSON.stringify(before)}`);
}

const deploy: Operation = {
  name: 'deploy',
  stops: false,
  victims: ['supervisor', 'cli'],
  prepare: async (app) => {
    app.edit();
    return ['deploy', 'local', '--yes'];
  },
  isNew: (now, before) => now.release !== before.release && Number(now.edition) > Number(before.edition) && now.webs === before.webs,
};

/** Back and forth between two releases. */
const rollback: Operation = {
  name: 'rollback',
  stops: false,
  victims: ['supervisor'],
  prepare: async () => ['rollback', 'local', '--yes'],
  isNew: (now, before) => now.release !== before.release && now.webs === before.webs,
};

const scale: Operation = {
  name: 'scale',
  stops: false,
  victims: ['supervisor'],
  prepare: async (_app, before) => ['scale', 'local', `web=${before.webs === 2 ? 3 : 2}`],
  isNew: (now, before) => now.release === before.release && now.webs !== before.webs,
};

/** The same release as before, from nothing that runs. */
const up: Operation = {
  name: 'up',
  stops: true,
  victims: ['start'],
  prepare: async (app) => app.upWords,
  isNew: (now, before) => now.release === before.release && now.webs === before.webs,
};

const down: Operation = {
  name: 'down',
  stops: true,
  victims: ['supervisor'],
  prepare: async () => ['down'],
  isNew: () => false,
};

export const operations: Readonly<Record<OperationName, Operation>> = { deploy, rollback, scale, up, down };
