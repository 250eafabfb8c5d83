/** The fast and the exact reader agree: whatever the fast one does not decline, the exact one reads as the same value. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readExact } from '../../src/app/yaml-exact.ts';
import { readFast } from '../../src/app/yaml.ts';
import { appTexts, trickyTexts } from '../fixtures/app-texts.ts';
import { edited } from '../fixtures/edits.ts';
import { generateServices } from '../fixtures/generate-services.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 3000);

/** Whether the fast reader took the text; fails if the two differ. */
function compare(text: string): boolean {
  const fast = readFast(text);
  if (fast === undefined) return false;
  const exact = readExact(text);
  if ('problems' in exact) throw new Error(`only the fast reader takes ${JSON.stringify(text)}: ${exact.problems[0]?.message}`);
  expect(isDeepStrictEqual(fast.value, exact.value), text).toBe(true);
  return true;
}

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    '010',
    '1.10',
    '0x1',
    'null',
    '~',
    'yes',
    '<<',
    '*a',
    '&a',
    '- a',
    'a: b',
    '# a',
    '',
    ' ',
    'a\nb',
    'a\n\nb\n',
    '"',
    "'",
    '%',
    '@',
    '`',
    '!',
    '|',
    '>',
  ),
);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('a', 'b', 'x-y', 'true', '1', 'null', '<<')), tie('node'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).node;

describe('both readers', () => {
  it.each(appTexts)('read an ordinary file the same, and the fast one takes it: %#', (text) => {
    expect(compare(text)).toBe(true);
  });

  it.each(trickyTexts)('read the same: %j', (text) => {
    compare(text);
  });

  it('read a large file the same', () => {
    expect(compare(generateServices(200))).toBe(true);
  });

  it('read what two writers write in many styles', () => {
    let taken = 0;
    const styles = [
      (data: unknown) => stringify(data),
      (data: unknown) => stringify(data, { collectionStyle: 'flow' }),
      (data: unknown) => stringify(data, { lineWidth: 20, defaultStringType: 'QUOTE_DOUBLE' }),
      (data: unknown) => stringify(data, { blockQuote: 'folded', lineWidth: 12, indent: 4 }),
      (data: unknown) => dump(data),
      (data: unknown) => dump(data, { lineWidth: 10, seqNoIndent: true }),
      (data: unknown) => JSON.stringify(data),
      (data: unknown) => JSON.stringify(data, null, 3),
    ];
    fc.assert(
      fc.property(value, fc.constantFrom(...styles), (data, write) => {
        if (compare(write(data))) taken++;
      }),
      { numRuns: runs },
    );
    expect(taken).toBeGreaterThan(runs / 3);
  });

  it('read an edited file the same', () => {
    fc.assert(
      fc.property(edited([...appTexts, ...trickyTexts]), (text) => void compare(text)),
      { numRuns: runs },
    );
  });

  it('read noise the same', () => {
    const noise = fc.array(
      fc.constantFrom(
        'a',
        'b',
        ':',
        ' ',
        '\n',
        '  ',
        '- ',
        '"',
        "'",
        '[',
        ']',
        '{',
        '}',
        ',',
        '#',
        '|',
        '>',
        '1',
        '?',
        '!',
        '&',
        '*',
        '-',
        '.',
        '~',
        '%',
        '@',
        '\\',
        '\r\n',
      ),
      { maxLength: 24 },
    );
    fc.assert(
      fc.property(noise, (parts) => void compare(parts.join(''))),
      { numRuns: runs * 2 },
    );
  });
});
