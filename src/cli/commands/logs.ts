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
  if (io.flags.json) io.stdout.write(`${JSON.stringify(line)}\n`);
  else io.stdout.write(`${paint(io).dim(line.source.padEnd(20))} ${printable(line.text)}\n`);
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
