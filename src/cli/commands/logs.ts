import { platforms } from '../../platforms/index.ts';
import type { LogLine } from '../../platforms/platform.ts';
import { toMilliseconds } from '../../app/units.ts';
import { GantryError } from '../../errors.ts';
import { nearest } from '../../app/suggest.ts';
import type { App } from '../../app/model.ts';
import { openEnvironment } from '../environment.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { printable } from '../print/error.ts';
import { paint } from '../print/paint.ts';

const defaultTail = 100;

export const run: Run = async (io, args) => {
  const { app, target, context } = await openEnvironment(io, args.words['env'] ?? '', 'logs');
  const service = args.words['service'] === undefined ? undefined : sourceNamed(app, args.words['service']);
  const selector = {
    follow: args.options['follow'] === true,
    tail: tail(args),
    ...(service === undefined ? {} : { service }),
    ...since(args),
  };
  for await (const line of platforms[target.platform].logs(selector, context)) print(io, line);
  return 0;
};

const ownSources = ['ingress', 'supervisor', 'access'];

/** What keeps a log, by name. @throws GantryError GC1004 */
function sourceNamed(app: App, name: string): string {
  const names = [...Object.keys(app.services), ...Object.keys(app.resources), ...ownSources];
  if (names.includes(name)) return name;
  const guess = nearest(name, names);
  throw new GantryError('GC1004', `nothing named ${JSON.stringify(name)} keeps a log`, {
    where: 'gantry.yaml',
    fix: `${guess === undefined ? '' : `did you mean ${guess}? `}logs here: ${names.join(', ')}`,
    exitCode: 2,
  });
}

function print(io: Io, line: LogLine): void {
  io.stdout.write(io.flags.json ? `${JSON.stringify(line)}\n` : lineText(io, line));
}

/** Times are for eyes: what a pipe gets stays as it is. */
function lineText(io: Io, { at, source, text, characters, skipped }: LogLine): string {
  const { dim } = paint(io);
  const time = io.stdout.isTTY === true ? `${dim(timeOfDay(at))} ` : '';
  const before =
    skipped === undefined ? '' : `${time}${dim(`${source.padEnd(20)} (${shown(skipped)} lines left out: they were gone too soon)`)}\n`;
  const cut = characters === undefined ? '' : dim(` (${shown(characters)} characters)`);
  return `${before}${time}${dim(source.padEnd(20))} ${printable(text)}${cut}\n`;
}

/** `14:03:59` here, or as much room. */
function timeOfDay(at: string | undefined): string {
  if (at === undefined) return ' '.repeat(8);
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((number) => String(number).padStart(2, '0')).join(':');
}

function shown(number: number): string {
  return number.toLocaleString('en');
}

function tail(args: Arguments): number {
  const text = args.options['tail'];
  if (typeof text !== 'string') return defaultTail;
  if (/^[0-9]{1,7}$/.test(text)) return Number(text);
  throw new GantryError('GC1002', `${JSON.stringify(text)} is not a number of lines`, { where: '--tail', exitCode: 2 });
}

function since(args: Arguments): { readonly sinceMs?: number } {
  const text = args.options['since'];
  if (typeof text !== 'string') return {};
  if (/^[0-9]{1,9}(ms|s|m|h|d)$/.test(text)) return { sinceMs: toMilliseconds(text) };
  throw new GantryError('GC1002', `${JSON.stringify(text)} is not a duration`, {
    where: '--since',
    fix: 'Write for example 30s, 15m or 2h.',
    exitCode: 2,
  });
}
