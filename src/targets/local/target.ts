import type { Target } from '../target.ts';
import { compile } from './compile.ts';
import { accepts } from './options.generated.js';
import { supports } from './supports.ts';

export const local: Target = {
  name: 'local',
  title: 'This machine, without containers',
  engines: ['process'],
  builders: ['folder'],
  platform: 'local',
  release: { canaryMs: 10_000, bakeMs: 20_000 },
  surroundings: { idleMs: 4_000, heedsKeepAlive: true, stopSignal: 'all', postgresConnections: 200 },
  options: async () => (await import('./options.ts')).localOptions,
  accepts,
  supports,
  compile,
};
