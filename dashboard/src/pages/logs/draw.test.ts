import { describe, expect, it } from 'vitest';
import { levelName, readAddress, withParts } from './address.ts';
import { show } from './ansi.ts';
import { copied, excerpt, pieces, startOfDay, summary, timeText } from './draw.ts';
import { levels } from './line.ts';

describe('pieces', () => {
  it('is the text itself when nothing stands out', () => {
    expect(pieces(show('plain'), [])).toEqual([{ text: 'plain', style: undefined, isHit: false }]);
    expect(pieces(show(''), [])).toEqual([]);
  });

  it('cuts where colours and hits begin and end, also when they overlap', () => {
    const shown = show('ab\u001b[31mcdef\u001b[0mgh');
    expect(
      pieces(shown, [
        [1, 4],
        [7, 8],
      ]).map(({ text, style, isHit }) => [text, style?.fg ?? '', isHit]),
    ).toEqual([
      ['a', '', false],
      ['b', '', true],
      ['cd', 'red', true],
      ['ef', 'red', false],
      ['g', '', false],
      ['h', '', true],
    ]);
  });
});

describe('excerpt', () => {
  it('takes the beginning of a long line, or where it matches', () => {
    const long = show(`\u001b[31m${'x'.repeat(5_000)}\u001b[0mneedle`);
    expect(excerpt(long, []).shown).toMatchObject({ text: 'x'.repeat(1_000), spans: [{ from: 0, to: 1_000 }] });
    const found = excerpt(long, [[5_000, 5_006]]);
    expect(found.from).toBe(4_940);
    expect(found.shown).toMatchObject({ text: `${'x'.repeat(60)}needle`, spans: [{ from: 0, to: 60 }] });
    expect(excerpt(show('short'), []).from).toBe(0);
  });
});

describe('words', () => {
  it('tells the fields of a JSON line in short', () => {
    expect(
      summary([
        ['port', '3030'],
        ['stack', 'a\n   b'],
      ]),
    ).toBe('port=3030 stack=a b');
    expect(summary(Array.from({ length: 10 }, (_, index) => [`f${index}`, 'x'.repeat(100)] as const))).toMatch(
      /^f0=x{80}… .* and 2 more$/u,
    );
  });

  it('tells the time as exactly as it is known', () => {
    const today = startOfDay(Date.now());
    expect(timeText(today + 3_723_000, today)).toBe('01:02:03');
    expect(timeText(today + 3_723_045, today)).toBe('01:02:03.045');
    expect(timeText(today - 86_400_000 + 3_723_000, today)).toMatch(/^\d\d-\d\d 01:02:03$/u);
    expect(timeText(Number.NaN, today)).toBe('');
  });

  it('copies what is read', () => {
    const row = { at: 0, source: { name: 'db' }, text: 'ready', skipped: 0 };
    expect(copied(row)).toBe('1970-01-01T00:00:00.000Z db ready');
    expect(copied({ ...row, at: Number.NaN })).toBe('- db ready');
    expect(copied({ ...row, skipped: 3 })).toBe('(3 lines left out)');
  });
});

describe('address', () => {
  it('reads what it wrote', () => {
    const search = withParts(new URLSearchParams('service=a&x=1'), {
      q: 'a&b',
      level: 'warn',
      service: undefined,
      follow: 'no',
      stream: 'stderr',
    });
    expect(readAddress(search)).toEqual({
      service: undefined,
      replica: undefined,
      words: 'a&b',
      isPattern: false,
      onlyMatches: true,
      level: levels.warn,
      stream: 'stderr',
      follow: false,
      wrap: false,
      at: undefined,
    });
    expect(search.get('x')).toBe('1');
    expect(levelName(levels.warn)).toBe('warn');
  });

  it('does not follow what comes when it is about a moment', () => {
    expect(readAddress(new URLSearchParams('at=2026-01-02T03:04:05Z'))).toMatchObject({
      at: Date.parse('2026-01-02T03:04:05Z'),
      follow: false,
    });
    expect(readAddress(new URLSearchParams('at=then'))).toMatchObject({ at: undefined, follow: true });
  });

  it('takes what it does not know for nothing', () => {
    expect(readAddress(new URLSearchParams('level=loud&stream=x&service='))).toMatchObject({
      level: levels.none,
      stream: undefined,
      service: undefined,
    });
    expect(levelName(levels.fatal)).toBe('');
  });
});
