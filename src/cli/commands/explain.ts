import { nearest } from '../../app/suggest.ts';
import { catalogue, GantryError, type ErrorEntry } from '../../errors.ts';
import type { Io, Run } from '../io.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const code = (args.words['code'] ?? '').toUpperCase();
  if (/^G\d/.test(code)) return explainRule(io, code);
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

async function explainRule(io: Io, id: string): Promise<number> {
  const { rules } = await import('../../guard/index.ts');
  const text = rules.find((rule) => rule.text.id === id)?.text;
  if (text === undefined)
    throw unknownRule(
      id,
      rules.map((rule) => rule.text.id),
    );
  json(io, text);
  say(io, `${id}  ${text.title}`);
  say(io);
  say(io, `  Severity ${text.severity}`);
  say(io, `  Cause    ${text.cause}`);
  say(io, `  Fix      ${text.fix}`);
  if (text.example !== undefined) say(io, `  Example  ${text.example.replaceAll('\n', '\n           ')}`);
  return 0;
}

function unknownRule(id: string, ids: readonly string[]): GantryError {
  const guess = nearest(id, ids);
  const fix =
    guess === undefined ? 'docs/guardrails.md lists all of them.' : `Did you mean ${guess}? docs/guardrails.md lists all of them.`;
  return new GantryError('GC1002', `there is no guardrail ${id}`, { fix, exitCode: 2 });
}

function unknown(code: string): GantryError {
  const guess = nearest(code, Object.keys(catalogue));
  const fix = guess === undefined ? 'docs/errors.md lists all codes.' : `Did you mean ${guess}? docs/errors.md lists all codes.`;
  return new GantryError('GC1002', `there is no error code ${JSON.stringify(code)}`, { fix, exitCode: 2 });
}
