/** The log line that explains why a release failed; pure. */
import type { Problem } from '../../../../src/server/api/index.ts';
import { spell } from '../logs/ansi.ts';
import { levels, readJson, readLine } from '../logs/line.ts';

const tells = /error|refused|fail|cannot|could not|denied|not found|unknown|invalid|missing/iu;

/** The first that says it is an error; else the first that sounds like one; else the last. Undefined when there are none. */
export function explaining({ lines }: Pick<Problem, 'lines'>): string | undefined {
  const shown = lines.map(spell).filter((line) => line.trim() !== '');
  const own = shown.filter((line) => !/^\s+at /u.test(line));
  return own.find((line) => readLine(line).level >= levels.error) ?? own.find((line) => tells.test(line)) ?? own.at(-1);
}

const longest = 80;

/** Words by which the search finds the line: its own, or the message of a JSON line. */
export function searchFor(line: string): string {
  const message = readJson(line)?.message;
  // What JSON escapes is written otherwise in the line that is searched.
  const words = message !== undefined && message !== '' && JSON.stringify(message) === `"${message}"` ? message : line.trim();
  return words.slice(0, longest).trim();
}
