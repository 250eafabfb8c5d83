import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../apps/taskly/frontend/server/app.ts';
import { readSite } from '../../apps/taskly/frontend/server/site.ts';

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

const script = 'console.log("hello");'.repeat(50);
const page = '<!doctype html><title>Taskly</title>';

describe('the server of the frontend', () => {
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'taskly-site-'));
    const assets = join(folder, 'assets');
    mkdirSync(assets);
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'theme.js'), 'true;');
    writeFileSync(join(assets, 'index-Ab3_x-9Z.js'), script);
    writeFileSync(join(assets, 'index-Ab3_x-9Z.js.br'), brotliCompressSync(script));
    writeFileSync(join(assets, 'index-Ab3_x-9Z.js.gz'), gzipSync(script));
    server = createServer(createHandler(readSite(folder))).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    rmSync(folder, { recursive: true });
  });

  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
    const { port } = server.address() as AddressInfo;
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  };

  it('is healthy', async () => {
    const { status, body, headers } = await get('/healthz');
    expect([status, String(body), headers['cache-control']]).toEqual([200, 'ok', 'no-store']);
  });

  it.each(['/', '/sign-in', '/some/page?with=query', '/index.html'])(
    'answers the navigation %s with the page, to be asked for again each time',
    async (path) => {
      const { status, body, headers } = await get(path, { accept: 'text/html', 'sec-fetch-dest': 'document' });
      expect([status, String(body), headers['cache-control']]).toEqual([200, page, 'no-cache']);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
    },
  );

  it.each([
    '/assets/old-12345678.js',
    '/missing.png',
    '/api/tasks',
    '/assets',
    '/%',
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/.git/config',
    '//example.org/page',
    '/a%5cb',
    '/assets/index-Ab3_x-9Z.js.br',
  ])('answers %s with a plain 404, never with the page', async (path) => {
    const { status, body } = await get(path, { accept: '*/*' });
    expect([status, String(body)]).toEqual([404, 'Not found\n']);
  });

  it('does not take a script for a navigation', async () => {
    expect((await get('/module', { accept: '*/*', 'sec-fetch-dest': 'script' })).status).toBe(404);
  });

  it.each([
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'gzip, br;q=0', gunzipSync],
    [undefined, 'identity', (body: Buffer) => body],
  ] as const)('sends assets as %s, for good', async (encoding, accepted, decode) => {
    const { headers, body } = await get('/assets/index-Ab3_x-9Z.js', { 'accept-encoding': accepted });
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'accept-encoding']);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(String(decode(body))).toBe(script);
  });

  it('answers 304 to whoever holds the content, in whatever encoding, and to nobody else', async () => {
    const { headers } = await get('/theme.js');
    expect(headers['cache-control']).toBe('no-cache');
    const { headers: compressed } = await get('/assets/index-Ab3_x-9Z.js', { 'accept-encoding': 'br' });
    expect((await get('/theme.js', { 'if-none-match': String(headers.etag) })).status).toBe(304);
    expect((await get('/assets/index-Ab3_x-9Z.js', { 'if-none-match': `"x", W/${compressed.etag}` })).status).toBe(304);
    expect((await get('/theme.js', { 'if-none-match': String(compressed.etag) })).status).toBe(200);
  });

  it('gives two builds of equal size and time different tags', () => {
    const other = mkdtempSync(join(tmpdir(), 'taskly-site-'));
    writeFileSync(join(other, 'index.html'), page.replace('Taskly', 'Tasklz'));
    expect(readSite(other).get('/index.html')?.etag).not.toBe(readSite(folder).get('/index.html')?.etag);
    rmSync(other, { recursive: true });
  });

  it('sends headers alone to HEAD, and refuses other methods', async () => {
    const head = await get('/theme.js', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '5', 0]);
    const post = await get('/', {}, 'POST');
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/', '/theme.js', '/missing.png', '/healthz'])('protects %s', async (path) => {
    const { headers } = await get(path, { 'x-forwarded-proto': 'https' });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'",
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });
});
