/** The desired state on disk. */
import type { Desired } from '../protocol.ts';
import { loadState, saveState } from './state-file.ts';

export const nothing: Desired = {
  resources: { resources: [] },
  entry: {
    limits: {
      headerBytes: 32_768,
      bodyBytes: 104_857_600,
      headersTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      responseTimeoutMs: 60_000,
      holdMs: 10_000,
    },
  },
  live: null,
  next: null,
  share: 0,
};

export interface DesiredFile {
  readonly value: Desired;
  /** Durable when it resolves; unchanged when it rejects. Changes follow one another. */
  change(fields: Partial<Desired>): Promise<Desired>;
}

const fields = ['resources', 'entry', 'live', 'next', 'share'] as const;

/** @throws GantryError GL1017 when there is a file and it is damaged beyond its snapshot */
export async function openDesired(file: string, complain: (message: string) => void): Promise<DesiredFile> {
  const loaded = await loadState<Desired>(file);
  if (loaded?.fromPrevious === true) complain('the desired state was damaged; the one before it is used');
  let value: Desired = { ...nothing, ...loaded?.value };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    get value() {
      return value;
    },
    change: async (wanted) => {
      const own = Object.fromEntries(fields.flatMap((name) => (wanted[name] === undefined ? [] : [[name, wanted[name]]])));
      const mine = turn.then(async () => {
        const next = { ...value, ...own };
        if (JSON.stringify(next) !== JSON.stringify(value)) await saveState(file, next);
        value = next;
        return next;
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
