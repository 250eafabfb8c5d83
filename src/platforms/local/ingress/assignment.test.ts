import { describe, expect, it } from 'vitest';
import { cookieName, givenCookie, navigates, prefersHtml, removedCookie, takeCookie } from './assignment.ts';

const name = cookieName(8080);

describe('the cookie', () => {
  it('is for this host and this port, and no script reads it', () => {
    expect(givenCookie(name, 'r-42')).toBe('gantry-set-8080=r-42; Path=/; HttpOnly; SameSite=Lax');
    expect(removedCookie(name)).toBe('gantry-set-8080=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax');
    expect(givenCookie(name, 'a;b c')).toContain('=a%3Bb%20c;');
  });

  it.each([
    ['gantry-set-8080=r1', [], 'r1'],
    ['a=1; gantry-set-8080=r1; b=2', ['a=1; b=2'], 'r1'],
    ['gantry-set-8080=r1; b="x y" ;c=%20==', ['b="x y" ;c=%20=='], 'r1'],
    ['a=1;gantry-set-8080=r1', ['a=1'], 'r1'],
    ['a=1;  gantry-set-8080 = r1 ;b=2', ['a=1;b=2'], 'r1'],
    ['gantry-set-8080=r1; gantry-set-8080=r2; a', ['a'], 'r1'],
    ['gantry-set-8080', [], 'gantry-set-8080'],
    ['gantry-set-80801=r1; xgantry-set-8080=r2;;', ['gantry-set-80801=r1; xgantry-set-8080=r2;;'], undefined],
    ['a=gantry-set-8080=r1', ['a=gantry-set-8080=r1'], undefined],
    ['Gantry-Set-8080=r1', ['Gantry-Set-8080=r1'], undefined],
  ])('is taken out of %j, and the others stay as they are', (cookies, left, value) => {
    const headers = ['X', '1', 'cOOkie', cookies, 'Y', '2'];
    expect(takeCookie(headers, name)).toBe(value);
    expect(headers).toEqual(['X', '1', ...left.flatMap((one) => ['cOOkie', one]), 'Y', '2']);
  });

  it('is taken out of every header', () => {
    const headers = ['cookie', 'gantry-set-8080=r1', 'cookie', 'a=1; gantry-set-8080=r2', 'cookie', 'gantry-set-8080=r3'];
    expect(takeCookie(headers, name)).toBe('r1');
    expect(headers).toEqual(['cookie', 'a=1']);
  });
});

describe('a navigation', () => {
  const chrome = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

  it.each<[string, boolean, string, string[], string]>([
    ['a browser says so', true, 'GET', ['Sec-Fetch-Mode', 'navigate'], '*/*'],
    ['a browser says otherwise', false, 'GET', ['Sec-Fetch-Mode', 'cors'], chrome],
    ['a WebSocket', false, 'GET', ['Sec-Fetch-Mode', 'websocket'], ''],
    ['HTML is wanted most', true, 'GET', [], chrome],
    ['a HEAD', true, 'HEAD', [], 'text/html'],
    ['a form is sent', false, 'POST', ['Sec-Fetch-Mode', 'navigate'], chrome],
    ['anything is wanted', false, 'GET', [], '*/*'],
    ['nothing is said', false, 'GET', [], ''],
  ])('%s: %s', (_, expected, method, headers, accept) => {
    expect(navigates(method, headers, accept)).toBe(expected);
  });

  it.each([
    ['text/html', true],
    ['TEXT/HTML ; q=0.9, */*;q=0.1', true],
    ['application/xhtml+xml, text/html', true],
    ['application/json, text/html', false],
    ['text/html;q=0.5, application/json', false],
    ['text/html;q=0', false],
    ['application/json, text/plain, */*', false],
    ['text/html;q=x, a/b;q=0.1', false],
  ])('prefers HTML with %j: %s', (accept, expected) => {
    expect(prefersHtml(accept)).toBe(expected);
  });
});
