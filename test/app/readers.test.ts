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

/** How the two readers differ about a text that the fast one takes. */
function difference(text: string): string | undefined {
  const fast = readFast(text);
  if (fast === undefined) return undefined;
  const exact = readExact(text);
  if ('problems' in exact) return `only the fast reader takes ${JSON.stringify(text)}: ${exact.problems[0]?.message}`;
  return isDeepStrictEqual(fast.value, exact.value) ? undefined : `they read ${JSON.stringify(text)} differently`;
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
    expect(readFast(text)).toBeDefined();
    expect(difference(text)).toBeUndefined();
  });

  it.each(trickyTexts)('read the same: %j', (text) => {
    expect(difference(text)).toBeUndefined();
  });

  it('read a large file the same', () => {
    expect(difference(generateServices(200))).toBeUndefined();
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
        const text = write(data);
        if (readFast(text) !== undefined) taken++;
        expect(difference(text)).toBeUndefined();
      }),
      { numRuns: runs },
    );
    expect(taken).toBeGreaterThan(runs / 3);
  });

  it('read an edited file the same', () => {
    fc.assert(
      fc.property(edited([...appTexts, ...trickyTexts]), (text) => {
        expect(difference(text)).toBeUndefined();
      }),
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
      fc.property(noise, (parts) => {
        expect(difference(parts.join(''))).toBeUndefined();
      }),
      { numRuns: runs * 2 },
    );
  });
});
