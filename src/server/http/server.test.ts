import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeHub, fakeParts, overview } from '../../../test/dashboard/fake-parts.ts';
import { startServer, type RunningServer } from './server.ts';

const hub = fakeHub();
let folder: string;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-pages-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<title>Gantry</title>');
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'main-abc.js'), 'plain');
  writeFileSync(join(folder, 'assets', 'main-abc.js.br'), 'brotli');
  server = await startServer({ parts: fakeParts({}, hub), pages: folder, beatMs: 20 });
  token = await signIn(server);
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function signIn({ url, link }: RunningServer): Promise<string> {
  const launch = new URL(link()).hash.slice('#launch='.length);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/session`, { method: 'POST', headers, body: JSON.stringify({ launch }) });
  return ((await response.json()) as { token: string }).token;
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { 'x-gantry-token': token, ...init.headers } });
}

describe('data', () => {
  it('is given to whoever has a token', async () => {
    const response = await ask('/api/overview');
    expect(await response.json()).toEqual(overview);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
