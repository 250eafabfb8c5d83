/** Colour that carries nothing which words do not: off when asked, in pipes and on dumb terminals. */
import { createColors } from 'picocolors';
import type { Io } from '../io.ts';

export type Paint = ReturnType<typeof createColors>;

export function paint(io: Io): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const wanted = FORCE_COLOR !== undefined && FORCE_COLOR !== '0';
  return createColors(wanted || (io.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb'));
}
