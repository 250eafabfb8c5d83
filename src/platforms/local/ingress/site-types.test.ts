import { describe, expect, it } from 'vitest';
import { acceptedEncodings, byteRange, cacheControl, contentType, hasContentHash, isFresh } from './site-types.ts';

describe('content hashes', () => {
  it.each(['app-3f9a2b1c.js', 'assets/index-BsX3f9a2.css', 'main.3f9a2b1c77de.chunk.js', 'a.0123456789abcdef.png', 'index-D4f_-k2B.js'])(
    '%s has one',
    (name) => {
      expect(hasContentHash(name)).toBe(true);
    },
  );

  it.each([
    'index.html',
    'app.js',
    'my-component.js',
    'jquery-3.7.1.js',
    'report-20240101.pdf',
    'date-picker1.js',
    'service-worker.js',
    'lib-Button12.js',
  ])('%s has none', (name) => {
    expect(hasContentHash(name)).toBe(false);
  });

  it('never makes a page immutable', () => {
    expect(cacheControl('page-3f9a2b1c.html')).toBe('no-cache');
    expect(cacheControl('app-3f9a2b1c.js')).toBe('public, max-age=31536000, immutable');
  });
});

it('knows types', () => {
  expect([
    contentType('/a/b.HTML'),
    contentType('x.mjs'),
    contentType('README'),
    contentType('.hidden'),
    contentType('x.constructor'),
  ]).toEqual([
    'text/html; charset=utf-8',
    'text/javascript; charset=utf-8',
    'application/octet-stream',
    'application/octet-stream',
    'application/octet-stream',
  ]);
});

it.each<[string | undefined, number, ReturnType<typeof byteRange>]>([
  ['bytes=0-3', 10, { start: 0, end: 3 }],
  ['bytes=5-', 10, { start: 5, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-30', 10, { start: 0, end: 9 }],
  ['bytes=0-99', 10, { start: 0, end: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=3-1', 10, undefined],
  ['bytes=0-1,2-3', 10, undefined],
  ['bytes=-', 10, undefined],
  ['items=0-1', 10, undefined],
  [undefined, 10, undefined],
])('range %s of %i', (header, size, expected) => {
  expect(byteRange(header, size)).toEqual(expected);
});

it('compares tags before dates', () => {
  const file = { etag: '"a"', modified: Date.parse('2026-01-01T00:00:00.500Z') };
  expect(isFresh(file, 'W/"a", "b"', undefined)).toBe(true);
  expect(isFresh(file, '"b"', 'Thu, 01 Jan 2026 00:00:00 GMT')).toBe(false);
  expect(isFresh(file, undefined, 'Thu, 01 Jan 2026 00:00:00 GMT')).toBe(true);
  expect(isFresh(file, undefined, 'Wed, 31 Dec 2025 00:00:00 GMT')).toBe(false);
  expect(isFresh(file, undefined, 'nonsense')).toBe(false);
});

it('takes encodings that are not refused', () => {
  expect(acceptedEncodings('gzip, deflate, br')).toEqual(['br', 'gzip']);
  expect(acceptedEncodings('br;q=0, gzip;q=0.5')).toEqual(['gzip']);
  expect(acceptedEncodings(undefined)).toEqual([]);
});
