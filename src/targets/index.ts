/** The targets. A ninth one is a folder here and a line below. */
import { local } from './local/target.ts';
import type { Target } from './target.ts';

export const targets: Readonly<Record<string, Target>> = { local };
