import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWords } from './words.ts';

describe('splitWords', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ["  node   'a b'.js ", ['node', 'a b.js']],
    ['node "it\'s \\"here\\"" \\& x', ['node', 'it\'s "here"', '&', 'x']],
    ['node "" \'\'', ['node', '', '']],
    ['node "a\\b"', ['node', 'a\\b']],
    ['node a\\ b c\\\nd', ['node', 'a b', 'cd']],
    ["grep '$HOME | && `x`'", ['grep', '$HOME | && `x`']],
    ['node a=b --x=y', ['node', 'a=b', '--x=y']],
    ['node a#b {a,b} a?b [x]', ['node', 'a#b', '{a,b}', 'a?b', '[x]']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual({ words });
  });

  it.each([
    ['a && b', 'chain'],
    ['a || b', 'chain'],
    ['a;b', 'chain'],
    ['a | b', 'pipe'],
    ['a &', 'background'],
    ['a > b', 'redirect'],
    ['a 2>&1', 'redirect'],
    ['a < b', 'redirect'],
    ['(a)', 'group'],
    ['a $X', 'expansion'],
    ['a "${X}"', 'expansion'],
    ['a $(b)', 'expansion'],
    ['a `b`', 'expansion'],
    ['a *.js', 'glob'],
    ['a ~/b', 'home'],
    ['A=1 b', 'assignment'],
    ['a # b', 'comment'],
    ["a 'b", 'quote'],
    ['a "b', 'quote'],
    ['a \\', 'quote'],
    ['a\nb', 'line'],
    ['   ', 'empty'],
    ['""', 'empty'],
  ])('%j needs a shell: %s', (text, kind) => {
    expect(splitWords(text)).toMatchObject({ problem: { kind } });
  });

  it('splits as a POSIX shell does, whatever it does not refuse', () => {
    const piece = fc.constantFrom('a', 'b', ' ', '  ', '"', "'", '\\', '=', '#', '~', '-', '.', '/', 'é', '\t', '{', '}', '!', '%', '@');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = `x ${pieces.join('')}`;
        const split = splitWords(text);
        if ('words' in split) expect(shellWords(text)).toEqual(split.words);
      }),
      { numRuns: 150 },
    );
  });
});

function shellWords(text: string): string[] {
  const output = execFileSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}
