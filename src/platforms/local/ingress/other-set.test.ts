import { describe, expect, it } from 'vitest';
import { isAsset, isFound } from './other-set.ts';

function asked(path: string, purpose?: string, accept = '*/*', more: readonly string[] = []): Parameters<typeof isAsset>[0] {
  return { method: 'GET', path, accept, headers: [...(purpose === undefined ? [] : ['Sec-Fetch-Dest', purpose]), ...more] };
}

describe('what may be asked of the other set', () => {
  it.each(['script', 'style', 'font', 'worker', 'sharedworker', 'serviceworker', 'manifest', 'image', 'video', 'audio', 'track'])(
    'is what a browser loads as %s, whatever its name is',
    (purpose) => expect(isAsset(asked('/assets/chunk', purpose), false)).toBe(true),
  );

  it.each(['document', 'iframe', 'frame', 'report'])('is nothing that a browser loads as %s', (purpose) =>
    expect(isAsset(asked('/page.html', purpose), false)).toBe(false),
  );

  it.each([
    ['/assets/index-3f9a2b1c.js', true],
    ['/favicon.ico', true],
    ['/a/b/fonts/x.woff2', true],
    ['/', false],
    ['/tasks/5', false],
    ['/v1.2/tasks', false],
    ['/.env', false],
  ])('is %s by its extension: %s', (path, expected) => {
    expect(isAsset(asked(path), false)).toBe(expected);
    expect(isAsset(asked(path, 'empty'), false)).toBe(expected);
  });

  it('is no page and no data', () => {
    expect(isAsset(asked('/help.html', undefined, 'text/html,*/*;q=0.8'), false)).toBe(false);
    expect(isAsset(asked('/help.html', undefined, '*/*', ['Sec-Fetch-Mode', 'navigate']), false)).toBe(false);
    expect(isAsset(asked('/tasks/a.b', undefined, 'application/json, text/plain, */*'), false)).toBe(false);
    expect(isAsset(asked('/tasks/a.b', 'empty', 'application/problem+json'), false)).toBe(false);
    expect(isAsset(asked('/events.v1', 'empty', 'text/event-stream'), false)).toBe(false);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is no %s', (method) =>
    expect(isAsset({ ...asked('/app.js', 'script'), method }, false)).toBe(false),
  );

  it('is of an API only what no API serves', () => {
    for (const purpose of [undefined, 'empty', 'image', 'document'])
      expect(isAsset(asked('/api/files/report.csv', purpose), true)).toBe(false);
    for (const purpose of ['script', 'style', 'font']) expect(isAsset(asked('/admin/main.js', purpose), true)).toBe(true);
  });
});

it('takes the other answer only if it is one', () => {
  expect([200, 204, 206, 299, 304].every(isFound)).toBe(true);
  expect([100, 199, 300, 301, 302, 400, 404, 500, 503].some(isFound)).toBe(false);
});
