import { nearest } from '../../app/suggest.ts';
import { catalogue, GantryError, type ErrorEntry } from '../../errors.ts';
import type { Run } from '../io.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const code = (args.words['code'] ?? '').toUpperCase();
  const entry = (catalogue as Readonly<Record<string, ErrorEntry>>)[code];
  if (entry === undefined) throw unknown(code);
  json(io, { code, ...entry });
  say(io, `${code}  ${entry.title}`);
  say(io);
  say(io, `  Cause    ${entry.cause}`);
  say(io, `  Fix      ${entry.fix}`);
  if (entry.example !== undefined) say(io, `  Example  ${entry.example.replaceAll('\n', '\n           ')}`);
  return 0;
};

function unknown(code: string): GantryError {
  const guess = nearest(code, Object.keys(catalogue));
  const fix = guess === undefined ? 'docs/errors.md lists all codes.' : `Did you mean ${guess}? docs/errors.md lists all codes.`;
  return new GantryError('GC1002', `there is no error code ${JSON.stringify(code)}`, { fix, exitCode: 2 });
}
