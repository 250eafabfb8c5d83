/** A running server with pages in a folder of its own, beside a file that no request may reach. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/http/server.ts';
import { fakeParts } from './fake-parts.ts';

export const outside = 'content of a file outside';

export interface ServedPages extends RunningServer {
  readonly folder: string;
  /** A session of its own. */
  signIn(): Promise<string>;
}

export async function servePages(options: Partial<ServerOptions> = {}): Promise<ServedPages> {
  const root = mkdtempSync(join(tmpdir(), 'gantry-pages-'));
  const folder = join(root, 'pages');
  writePages(root, folder);
  const server = await startServer({ parts: fakeParts(), pages: folder, ...options });
  return {
    ...server,
    folder,
    signIn: () => signIn(server),
    async close() {
      await server.close();
      rmSync(root, { recursive: true });
    },
  };
}

function writePages(root: string, folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(root, 'outside.txt'), outside);
  writeFileSync(join(folder, 'index.html'), '<title>Gantry</title>');
  writeFileSync(join(folder, 'theme.js'), 'theme');
  writeFileSync(join(folder, 'assets', '.hidden'), outside);
  writeFileSync(join(folder, 'assets', 'main-abc.js'), 'plain');
  writeFileSync(join(folder, 'assets', 'main-abc.js.br'), 'brotli');
  writeFileSync(join(folder, 'assets', 'main-abc.js.gz'), 'gzip');
}

/** The word of a link. */
export function wordOf(link: string): string {
  return new URL(link).hash.slice('#launch='.length);
}

export function exchangeWord(url: string, launch: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/api/session`, { method: 'POST', headers, body: JSON.stringify({ launch }) });
}

async function signIn({ url, link }: RunningServer): Promise<string> {
  const response = await exchangeWord(url, wordOf(link()));
  return ((await response.json()) as { token: string }).token;
}
