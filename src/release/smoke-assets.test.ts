import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace } from '../../test/fakes/place.ts';
import { local } from '../targets/local/target.ts';
import { checkAssets } from './smoke-assets.ts';
import type { Work } from './work.ts';

/** What a set answers: by path, type and body, or a status. */
type Site = Readonly<Record<string, string | number>>;

const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', png: 'image/png' };
const whole: Site = {
  '/': '<html><script src="/assets/a-1.js"></script><link rel="stylesheet" href="/assets/a-1.css"><img src="/logo.png"></html>',
  '/assets/a-1.js': 'run()',
  '/assets/a-1.css': 'body {}',
  '/logo.png': 'PNG',
};

let server: Server;
let url = '';
let sites: Record<'live' | 'next', Site>;
let asked: string[];

beforeEach(async () => {
  sites = { live: whole, next: whole };
  asked = [];
  server = createServer((request, response) => {
    const set = request.headers['x-set'] as 'live' | 'next';
    const path = request.url ?? '';
    asked.push(`${set} ${path}`);
    const found = sites[set][path] ?? 404;
    if (typeof found === 'number') return void response.writeHead(found, found === 302 ? { location: '/home' } : {}).end();
    response.writeHead(200, { 'content-type': types[path.split('.')[1] ?? ''] ?? 'text/html' }).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function work(route = '/', isFirst = false): Promise<Work> {
  const app = await fixtureApp({
    name: 'shop',
    text: `gantry: 1\napp: shop\nservices:\n  web: { build: ./web, run: node main.js, port: 3000, route: ${route} }\n`,
  });
  const env = environmentFor(local);
  const live = isFirst ? undefined : { id: 'r1', app, env, content: {}, secrets: {}, counts: {} };
  const platform = { ...newPlace().platform, entry: async (set: string) => ({ url, headers: { 'x-set': set } }) };
  return { app, env, folder: '/nowhere', live, platform, signal: new AbortController().signal } as unknown as Work;
}

describe('the assets of the next set', () => {
  it('are asked for, each once', async () => {
    expect(await checkAssets(await work())).toEqual({ asked: 3, missing: [] });
    expect(asked.toSorted()).toEqual(['next /', 'next /assets/a-1.css', 'next /assets/a-1.js', 'next /logo.png']);
  });

  it.each([
    ['a script that is missing', '/assets/a-1.js', 404, 'answered 404'],
    ['a style sheet that cannot be served', '/assets/a-1.css', 500, 'answered 500'],
    ['an image that is missing', '/logo.png', 404, 'answered 404'],
    ['a script for which a page comes', '/assets/a-1.js', 302, 'answered a page instead of a script'],
  ])('stop the release for %s', async (_what, path, status, words) => {
    sites.next = { ...whole, '/home': '<html></html>', [path]: status };
    await expect(checkAssets(await work())).rejects.toMatchObject({
      code: 'GR3002',
      message: `the page / names ${path}, which ${words}`,
      lines: [`${path} ${words}`],
    });
  });

  it('stop a first release only for what the page cannot do without', async () => {
    sites.next = { ...whole, '/logo.png': 404 };
    expect(await checkAssets(await work('/', true))).toEqual({ asked: 3, missing: ['/logo.png'] });
    sites.next = { ...whole, '/assets/a-1.js': 404 };
    await expect(checkAssets(await work('/', true))).rejects.toMatchObject({ code: 'GR3002' });
  });

  it('are not to blame for what the live set lacks in the same way', async () => {
    sites = { live: { ...whole, '/logo.png': 404 }, next: { ...whole, '/logo.png': 404 } };
    expect(await checkAssets(await work())).toEqual({ asked: 3, missing: ['/logo.png'] });
    sites.next = { ...whole, '/logo.png': 500 };
    await expect(checkAssets(await work())).rejects.toMatchObject({ message: expect.stringContaining('answered 500') as string });
  });

  it('are to be there when only the page of the next set names them, though the live set lacks them too', async () => {
    sites.next = { ...whole, '/': '<script src="/assets/a-2.js"></script>' };
    await expect(checkAssets(await work())).rejects.toMatchObject({ lines: ['/assets/a-2.js answered 404'] });
  });

  it('are those of the page behind a redirect', async () => {
    sites.next = { '/': 302, '/home': '<script src="x.js"></script>' };
    await expect(checkAssets(await work())).rejects.toMatchObject({ message: 'the page / names /x.js, which answered 404' });
  });

  it.each<[string, Site, string]>([
    ['an app without a front page', whole, '/api'],
    ['a front page that is no page', { '/': 500 }, '/'],
    ['an API at the root', { '/': 404 }, '/'],
  ])('are no matter for %s', async (_what, site, route) => {
    sites.next = site;
    expect(await checkAssets(await work(route))).toEqual({ asked: 0, missing: [] });
  });

  it('are at most fifty', async () => {
    sites.next = {
      '/': Array.from({ length: 80 }, (_none, index) => `<script src="/${index}.js"></script>`).join(''),
      ...Object.fromEntries(Array.from({ length: 80 }, (_none, index) => [`/${index}.js`, 'x'])),
    };
    expect((await checkAssets(await work())).asked).toBe(50);
  });
});
