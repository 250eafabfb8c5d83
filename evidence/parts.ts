/** All parts of the evidence, in the order in which they run. */
import type { Part } from './part.ts';
import { badReleasesPart } from './bad-releases/part.ts';
import { crashPart } from './crash/part.ts';
import { journalPart } from './journal/part.ts';
import { racersPart } from './racers/part.ts';
import { stormPart } from './storm/part.ts';
import { switchPart } from './switch/switch.ts';

export const catalogue: readonly Part[] = [stormPart, switchPart, crashPart, racersPart, journalPart, badReleasesPart];
