import { describe, expect, it } from 'vitest';
import { isPlain, show, spell, type Style } from './ansi.ts';

const esc = '\u001b';

/** Texts with how they look. */
function parts(raw: string): [string, Style][] {
  const { text, spans } = show(raw);
  return spans.map(({ from, to, style }) => [text.slice(from, to), style]);
}

describe('show', () => {
  it('leaves ordinary text alone, tabs and letters of other scripts too', () => {
    const text = 'a\tb  שלום こんにちは 👩‍👩‍👧 é';
    expect(isPlain(text)).toBe(true);
    expect(show(text)).toEqual({ text, spans: [] });
  });

  it('turns the colours of a terminal into names', () => {
    expect(parts(`${esc}[31mred${esc}[0m then ${esc}[1;92mgreen${esc}[39m bold`)).toEqual([
      ['red', { fg: 'red' }],
      ['green', { fg: 'green', bold: true }],
      [' bold', { bold: true }],
    ]);
    expect(spell(`${esc}[31mred${esc}[0m then`)).toBe('red then');
  });

  it('reads 256 and true colours, with semicolons and with colons', () => {
    const hue = (codes: string): unknown => parts(`${esc}[${codes}mx`)[0]?.[1].fg;
    expect(hue('38;5;196')).toBe('red');
    expect(hue('38;5;21')).toBe('blue');
    expect(hue('38;5;208')).toBe('orange');
    expect(hue('38;5;240')).toBe('grey');
    expect(hue('38;5;255')).toBe('plain');
    expect(hue('38;5;15')).toBe('plain');
    expect(hue('38;2;255;105;180')).toBe('pink');
    expect(hue('38:2::0:200:80')).toBe('green');
    expect(hue('38:2:0:200:80')).toBe('green');
    expect(hue('38;2;10;10;12')).toBe('grey');
    expect(parts(`${esc}[38;2;1;2;3;1mx`)[0]?.[1]).toEqual({ fg: 'grey', bold: true });
  });

  it('knows backgrounds, both ways round', () => {
    expect(parts(`${esc}[41mx`)[0]?.[1]).toEqual({ bg: 'red' });
    expect(parts(`${esc}[7mx${esc}[27my`)).toEqual([['x', { bg: 'plain' }]]);
    expect(parts(`${esc}[7;31mx`)[0]?.[1]).toEqual({ bg: 'red' });
    expect(parts(`${esc}[4;9;3;2mx${esc}[22;23;24;29my`)).toEqual([['x', { underline: true, strike: true, italic: true, dim: true }]]);
  });

  it('obeys nothing else that a terminal would', () => {
    expect(show(`a${esc}[2J${esc}[Hb${esc}[?25l${esc}[1;1H${esc}(B${esc}cc`)).toEqual({ text: 'abc', spans: [] });
    expect(spell(`${esc}]0;title\u0007x${esc}]52;c;aGk=${esc}\\y${esc}Pq#0${esc}\\z`)).toBe('xyz');
    expect(spell(`${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`)).toBe('click');
  });

  it('hides no text behind a sequence without an end', () => {
    expect(spell(`before ${esc}]0;the rest`)).toBe('before [U+001B]]0;the rest');
    expect(spell(`cut ${esc}[3`)).toBe('cut ');
    expect(spell(`last ${esc}`)).toBe('last [U+001B]');
  });

  it('spells out controls and characters that turn the order around', () => {
    expect(spell('a\u0007b\u0000c\u007fd\u009be')).toBe('a[U+0007]b[U+0000]c[U+007F]d[U+009B]e');
    expect(spell('x\u202egnp.exe\u2066\u200b\ufeff')).toBe('x[U+202E]gnp.exe[U+2066][U+200B][U+FEFF]');
    expect(parts('a\u202eb')).toEqual([['[U+202E]', { spelt: true }]]);
    expect(spell('10 %\r20 %\r\n')).toBe('10 %[U+000D]20 %');
    expect(spell('\u{e0041}')).toBe('[U+E0041]');
  });

  it('keeps what looks like HTML as text', () => {
    expect(spell('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
  });

  it('takes a hostile line in one pass', () => {
    const began = performance.now();
    expect(show(`${esc}]`.repeat(8_000)).text).toBe('[U+001B]]'.repeat(8_000));
    expect(show('\u0000'.repeat(16_000)).spans).toEqual([{ from: 0, to: 128_000, style: { spelt: true } }]);
    expect(show(`${esc}[31mx${esc}[32my`.repeat(1_500)).spans.length).toBe(400);
    expect(show(`${esc}[38;5;1m`.repeat(2_000)).text).toBe('');
    expect(show(`${esc}[${';'.repeat(16_000)}`).text).toBe('');
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
