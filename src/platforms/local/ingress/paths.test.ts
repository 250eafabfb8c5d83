import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byLength, covers, normalPrefix, originForm, routablePath } from './paths.ts';

describe('routablePath', () => {
  it.each([
    ['/', '/'],
    ['/api?x=1', '/api'],
    ['/api/', '/api/'],
    ['/a%20b', '/a%20b'],
    ['/%61pi/x', '/api/x'],
    ['/%7Euser', '/~user'],
    ['/@scope%2fname', '/@scope%2fname'],
    ['/a.b/..c/c..', '/a.b/..c/c..'],
    ['/x?../..', '/x'],
    ['//api', '//api'],
  ])('reads %s as %s', (target, path) => {
    expect(routablePath(target)).toBe(path);
  });

  it.each([
    '',
    '*',
    'api',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/%2e%2e/b',
    '/a/%2E./b',
    '/a%2f..%2fb',
    '/a%5c..%5cb',
    '/a\\b',
    '/a%00b',
    '/a%zz',
    '/a%2',
    '/.',
  ])('refuses %s', (target) => {
    expect(routablePath(target)).toBeUndefined();
  });

  it('never lets a path through that a decoder could climb out of', () => {
    const piece = fc.constantFrom('.', '..', '%2e', '%2E', '/', '%2f', '%5c', 'a', '%61', '%');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = routablePath(`/${pieces.join('')}`);
        if (path === undefined) return;
        const decoded = path
          .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
          .replaceAll('\\', '/');
        expect(decoded.split('/')).not.toContain('..');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('covers', () => {
  it.each([
    ['/api', '/api', true],
    ['/api', '/api/', true],
    ['/api', '/api/x', true],
    ['/api', '/apix', false],
    ['/api', '/ap', false],
    ['/api', '/API', false],
    ['/', '/anything', true],
  ])('%s over %s is %s', (prefix, path, expected) => {
    expect(covers(prefix, path)).toBe(expected);
  });

  it('finds the longest prefix first', () => {
    const routes = byLength(['/', '/api/v2', '/api'].map((prefix) => ({ prefix })));
    const of = (path: string) => routes.find(({ prefix }) => covers(prefix, path))?.prefix;
    expect([of('/api/v2/x'), of('/api/v20'), of('/apix')]).toEqual(['/api/v2', '/api', '/']);
  });

  it('takes prefixes with a slash at the end', () => {
    expect([normalPrefix('/api/'), normalPrefix('/'), normalPrefix('//')]).toEqual(['/api', '/', '/']);
  });
});

describe('originForm', () => {
  it.each([
    ['/a?b', 'h', '/a?b'],
    ['http://h/a', 'h', '/a'],
    ['HTTP://H:80/a', 'h:80', '/a'],
    ['http://h', 'h', '/'],
    ['http://h?x', 'h', '/?x'],
  ])('%s for %s is %s', (target, host, expected) => {
    expect(originForm(target, host)).toBe(expected);
  });

  it.each([
    ['http://other/a', 'h'],
    ['http://h@other/', 'h'],
    ['*', 'h'],
    ['/a#b', 'h'],
    ['ftp://h/', 'h'],
  ])('refuses %s for %s', (target, host) => {
    expect(originForm(target, host)).toBeUndefined();
  });
});
