import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { get, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fixture } from './testing/fixture.ts';
import { insidePath } from './site.ts';

let fixture: Fixture;
let base = '';
const app = 'console.log(1);\n'.repeat(1_000);

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'gantry-site-'));
  const dir = join(base, 'site');
  mkdirSync(join(dir, 'docs'), { recursive: true });
  mkdirSync(join(dir, '.well-known'));
  mkdirSync(join(dir, 'empty'));
  writeFileSync(join(dir, 'index.html'), '<h1>home</h1>');
  writeFileSync(join(dir, 'docs/index.html'), 'docs');
  writeFileSync(join(dir, 'a b.txt'), 'spaced');
  writeFileSync(join(dir, 'app-3f9a2b1c.js'), app);
  writeFileSync(join(dir, 'app-3f9a2b1c.js.gz'), gzipSync(app));
  writeFileSync(join(dir, 'stale.css'), 'new');
  writeFileSync(join(dir, 'stale.css.br'), 'old');
  utimesSync(join(dir, 'stale.css.br'), 1, 1);
  writeFileSync(join(dir, 'big.bin'), Buffer.alloc(1_000_000, 'z'));
  writeFileSync(join(dir, 'none.txt'), '');
  writeFileSync(join(dir, '.env'), 'SECRET');
  writeFileSync(join(dir, '.well-known/security.txt'), 'contact');
  writeFileSync(join(base, 'outside.txt'), 'outside');
  symlinkSync(join(base, 'outside.txt'), join(dir, 'link.txt'));
  symlinkSync(base, join(dir, 'linked'));
  symlinkSync('docs', join(dir, 'inner'));
  fixture = await Fixture.start();
  await fixture.apply({
    live: {
      release: 'r',
      internal: [],
      routes: [
        { kind: 'site', service: 'web', prefix: '/', dir, fallback: 'index.html' },
        { kind: 'site', service: 'plain', prefix: '/plain', dir },
        { kind: 'site', service: 'gone', prefix: '/gone', dir: join(base, 'gone') },
      ],
    },
  });
});
afterAll(() => {
  fixture.close();
  rmSync(base, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function fetchRaw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    request({ port: fixture.port, path, headers, method }, resolve).on('error', reject).end(),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

describe('files', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<h1>home</h1>', 'no-cache'],
    ['/index.html', 'text/html; charset=utf-8', '<h1>home</h1>', 'no-cache'],
    ['/docs/', 'text/html; charset=utf-8', 'docs', 'no-cache'],
    ['/inner/', 'text/html; charset=utf-8', 'docs', 'no-cache'],
    ['/a%20b.txt?x=1', 'text/plain; charset=utf-8', 'spaced', 'no-cache'],
    ['/none.txt', 'text/plain; charset=utf-8', '', 'no-cache'],
    ['/.well-known/security.txt', 'text/plain; charset=utf-8', 'contact', 'no-cache'],
    ['/app-3f9a2b1c.js', 'text/javascript; charset=utf-8', app, 'public, max-age=31536000, immutable'],
    ['/plain/docs/', 'text/html; charset=utf-8', 'docs', 'no-cache'],
    ['/plain', 'text/html; charset=utf-8', '', undefined],
  ])('serves %s', async (path, type, body, cache) => {
    const got = await fetchRaw(path);
    if (cache === undefined) return expect([got.status, got.headers.location]).toEqual([301, '/plain/']);
    expect([got.status, got.headers['content-type'], got.body.toString(), got.headers['cache-control']]).toEqual([200, type, body, cache]);
    expect(got.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    '/.env',
    '/link.txt',
    '/linked/outside.txt',
    '/missing.js',
    '/empty/',
    '/index.html/',
    '/%2eenv',
    '/a%5cb',
    '/..%2foutside.txt',
    '/docs/..%2f..%2foutside.txt',
    '/gone/x',
    '/x%ff.txt',
    `/${'n'.repeat(300)}.js`,
  ])('does not serve %s', async (path) => {
    const got = await fetchRaw(path, { accept: 'application/json' });
    expect([400, 404, 500]).toContain(got.status);
    expect(got.body.toString()).not.toMatch(/SECRET|outside\b(?!\.txt)/);
  });

  it('sends a folder to its slash, and never to another host', async () => {
    expect((await fetchRaw('/docs?x=1')).headers.location).toBe('/docs/?x=1');
    expect((await fetchRaw('//docs')).headers.location ?? '/').not.toMatch(/^\/\//);
  });

  it('refuses to be written', async () => {
    const got = await fetchRaw('/', {}, 'POST');
    expect([got.status, got.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('answers HEAD like GET, without the body', async () => {
    const [head, whole] = [await fetchRaw('/big.bin', {}, 'HEAD'), await fetchRaw('/big.bin')];
    expect([head.status, head.body.length, head.headers['content-length'], head.headers.etag]).toEqual([
      200,
      0,
      '1000000',
      whole.headers.etag,
    ]);
    expect(whole.body.equals(Buffer.alloc(1_000_000, 'z'))).toBe(true);
  });
});

describe('the fallback', () => {
  it('is for navigations only', async () => {
    expect((await fetchRaw('/tasks/42', { accept: 'text/html,*/*' })).body.toString()).toBe('<h1>home</h1>');
    expect((await fetchRaw('/tasks/42', { accept: '*/*', 'sec-fetch-mode': 'cors' })).status).toBe(404);
    expect((await fetchRaw('/assets/old.js', { accept: '*/*' })).status).toBe(404);
    expect((await fetchRaw('/tasks/42', { accept: 'text/html' })).headers['cache-control']).toBe('no-cache');
    expect((await fetchRaw('/plain/tasks', { accept: 'text/html' })).status).toBe(404);
  });
});

describe('conditions, ranges, encodings', () => {
  it('answers 304 to who has it', async () => {
    const { headers } = await fetchRaw('/big.bin');
    const again = await fetchRaw('/big.bin', { 'if-none-match': String(headers.etag) });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
    expect((await fetchRaw('/big.bin', { 'if-modified-since': String(headers['last-modified']) })).status).toBe(304);
    expect((await fetchRaw('/big.bin', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('sends ranges', async () => {
    const part = await fetchRaw('/a%20b.txt', { range: 'bytes=1-3' });
    expect([part.status, part.headers['content-range'], part.body.toString()]).toEqual([206, 'bytes 1-3/6', 'pac']);
    expect((await fetchRaw('/big.bin', { range: 'bytes=100-' })).body.length).toBe(999_900);
    const beyond = await fetchRaw('/a%20b.txt', { range: 'bytes=6-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */6']);
    expect((await fetchRaw('/a%20b.txt', { range: `bytes=${'0-1,'.repeat(1_000)}0-1` })).status).toBe(200);
    expect((await fetchRaw('/a%20b.txt', { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });

  it('sends a packed file to who takes it, unless it is out of date', async () => {
    const packed = await fetchRaw('/app-3f9a2b1c.js', { 'accept-encoding': 'gzip, br' });
    expect([packed.headers['content-encoding'], packed.headers['content-type'], packed.headers.vary]).toEqual([
      'gzip',
      'text/javascript; charset=utf-8',
      'Accept-Encoding',
    ]);
    expect(packed.body.equals(gzipSync(app))).toBe(true);
    expect((await fetchRaw('/stale.css', { 'accept-encoding': 'br' })).body.toString()).toBe('new');
  });

  it('stops reading when the client leaves', async () => {
    const client = get({ port: fixture.port, path: '/big.bin' }, (answer) => answer.destroy());
    await new Promise((resolve) => client.on('close', resolve));
    expect((await fetchRaw('/none.txt')).status).toBe(200);
  });
});

it('decodes paths once', () => {
  expect([insidePath('/', '/a%2520b'), insidePath('/x', '/x'), insidePath('/x', '/x/y'), insidePath('/', '/a/.git/config')]).toEqual([
    'a%20b',
    '',
    'y',
    undefined,
  ]);
});
