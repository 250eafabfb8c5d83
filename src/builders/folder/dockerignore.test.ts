import { describe, expect, it } from 'vitest';
import { parseIgnore } from './dockerignore.ts';

function ignored(text: string, ...paths: string[]): string[] {
  const rules = parseIgnore(text);
  return paths.filter((path) => rules.ignores(path));
}

describe('.dockerignore', () => {
  it('anchors patterns at the root, unlike git', () => {
    expect(ignored('dist', 'dist', 'dist/a.js', 'src/dist', 'distant')).toEqual(['dist', 'dist/a.js']);
    expect(ignored('*.md', 'README.md', 'docs/a.md')).toEqual(['README.md']);
  });

  it('matches at any depth with **', () => {
    expect(ignored('**/*.log', 'a.log', 'x/a.log', 'x/y/a.log', 'a.logs')).toEqual(['a.log', 'x/a.log', 'x/y/a.log']);
    expect(ignored('**/tmp', 'tmp', 'a/tmp/b', 'atmp')).toEqual(['tmp', 'a/tmp/b']);
    expect(ignored('a/**/z', 'a/z', 'a/b/c/z', 'az')).toEqual(['a/z', 'a/b/c/z']);
    expect(ignored('a/**', 'a/b', 'a/b/c', 'b')).toEqual(['a/b', 'a/b/c']);
    expect(ignored('**', 'a', 'b/c')).toEqual(['a', 'b/c']);
  });

  it('stops * and ? at a slash', () => {
    expect(ignored('*/temp*', 'a/temporary.txt', 'a/b/temp')).toEqual(['a/temporary.txt']);
    expect(ignored('temp?', 'tempa', 'temp', 'tempab')).toEqual(['tempa']);
    expect(ignored('a?b', 'a/b')).toEqual([]);
  });

  it('lets the last matching pattern win', () => {
    expect(ignored('*.md\n!README.md', 'a.md', 'README.md')).toEqual(['a.md']);
    expect(ignored('*.md\n!README*.md\nREADME-secret.md', 'a.md', 'README.md', 'README-secret.md')).toEqual(['a.md', 'README-secret.md']);
    expect(ignored('!README.md\n*.md', 'README.md')).toEqual(['README.md']);
  });

  it('brings back what lies in an ignored folder', () => {
    expect(ignored('*\n!src\n!package.json', 'src', 'src/a.ts', 'package.json', 'test/a.ts')).toEqual(['test/a.ts']);
    expect(ignored('vendor\n!vendor/keep', 'vendor', 'vendor/x', 'vendor/keep', 'vendor/keep/y')).toEqual(['vendor', 'vendor/x']);
    expect(parseIgnore('a\n!a/b').hasExceptions).toBe(true);
    expect(parseIgnore('a').hasExceptions).toBe(false);
  });

  it('reads comments, blank lines, slashes, a byte order mark and Windows line ends as Docker does', () => {
    expect(ignored('\uFEFF# dist\r\n\r\n  /build/ \r\n./out\n', 'dist', 'build/x', 'out', '# dist')).toEqual(['build/x', 'out']);
    expect(ignored('a//b/../c', 'a/c', 'a/b')).toEqual(['a/c']);
    expect(ignored('! keep\n*', 'x')).toEqual(['x']);
    expect(ignored('*\n! keep', 'keep', 'x')).toEqual(['x']);
  });

  it('knows sets and escapes', () => {
    expect(ignored('[ab].txt', 'a.txt', 'b.txt', 'c.txt')).toEqual(['a.txt', 'b.txt']);
    expect(ignored('[^a].txt', 'a.txt', 'b.txt')).toEqual(['b.txt']);
    expect(ignored('[0-9]', '5', 'x')).toEqual(['5']);
    expect(ignored(String.raw`\*.txt`, '*.txt', 'a.txt')).toEqual(['*.txt']);
    expect(ignored('a[', 'a[', 'a')).toEqual(['a[']);
  });

  it('takes the characters of regular expressions literally', () => {
    expect(ignored('a.b+(c)|{d}$^', 'a.b+(c)|{d}$^', 'axb')).toEqual(['a.b+(c)|{d}$^']);
  });

  it('never ignores the context itself', () => {
    expect(ignored('.\n./\n/', 'a', 'b/c')).toEqual([]);
  });
});
