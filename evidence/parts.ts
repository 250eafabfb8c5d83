/** All parts of the evidence, in the order in which they run. */
import type { Part } from './part.ts';
import { stormPart } from './storm/part.ts';

export const catalogue: readonly Part[] = [stormPart];
