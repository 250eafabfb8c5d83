import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, type Assessed } from './assess.ts';
import { sqlRules } from './rules.ts';

interface Case {
  readonly sql: string;
  readonly expected: readonly string[];
  readonly line: number;
}

const corpus = readFileSync(join(import.meta.dirname, '../../../test/fixtures/migrations/corpus.sql'), 'utf8');

/** `#given` is what was released before; `#case RULES` is a new migration, and what is to be said of it. */
function parseCorpus(text: string): { readonly given: string; readonly cases: readonly Case[] } {
  const blocks = text.split(/^(?=#given|#case)/m);
  const body = (block: string): string => block.slice(block.indexOf('\n') + 1).replaceAll(/^# ----.*$/gm, '');
  let line = 1;
  const cases: Case[] = [];
  for (const block of blocks) {
    const [, rules] = /^#case (.*)/.exec(block) ?? [];
    if (rules !== undefined) cases.push({ sql: body(block).trimEnd(), line, expected: rules === 'safe' ? [] : rules.split(' ') });
    line += block.split('\n').length - 1;
  }
  return { given: body(blocks.find((block) => block.startsWith('#given')) ?? ''), cases };
}

const { given, cases } = parseCorpus(corpus);

function judge(sql: string, released = given): Assessed {
  const [, found] = assess(
    [
      { name: '1.sql', text: released },
      { name: '2.sql', text: sql },
    ],
    { isReleased: (name) => name === '1.sql' },
  );
  if (found === undefined) throw new Error('nothing assessed');
  return found;
}

const rulesOf = (found: Assessed): string[] => found.verdicts.map(({ rule }) => rule);

describe('the corpus', () => {
  it.each(cases)('line $line: $expected', ({ sql, expected }) => {
    expect(rulesOf(judge(sql))).toEqual(expected);
  });

  it('is large, and has every rule in it', () => {
    expect(cases.length).toBeGreaterThanOrEqual(160);
    const named = new Set(cases.flatMap(({ expected }) => expected));
    expect(Object.keys(sqlRules).filter((rule) => !named.has(rule))).toEqual([]);
  });
});
