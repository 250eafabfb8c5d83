import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadApp } from '../app/load.ts';
import type { App } from '../app/model.ts';
import { checkFolders } from './folders.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-folders-'));
  mkdirSync(join(folder, 'api'));
  writeFileSync(join(folder, 'api/serve'), '');
  chmodSync(join(folder, 'api/serve'), 0o755);
});

afterEach(() => rmSync(folder, { recursive: true }));

async function appWith(...services: string[]): Promise<App> {
  const text = ['gantry: 1', 'app: test', 'services:', ...services, ''].join('\n');
  const loaded = await loadApp({ path: 'gantry.yaml', text: Buffer.from(text) });
  if ('issues' in loaded) throw new Error(JSON.stringify(loaded.issues));
  return loaded.app;
}

const service = (name: string, build: string, run: string): string =>
  `  ${name}: { build: ${build}, run: ${run}, port: 3000, route: /${name} }`;

it('accepts folders that exist, programs on PATH, and programs with a slash, which `prepare` may make', async () => {
  const app = await appWith(service('a', './api', 'serve x'), service('b', '.', 'dist/made-later'));
  await expect(checkFolders(app, folder, join(folder, 'api'))).resolves.toBeUndefined();
});

it('names everything that is missing, with its place and a fix', async () => {
  const app = await appWith(service('a', './web', 'serve'), service('b', './api/serve', 'serve'), service('c', './api', 'nodee main.js'));
  await expect(checkFolders(app, folder, join(folder, 'api'))).rejects.toMatchObject({
    code: 'GL1006',
    message: 'the folder web does not exist',
    where: 'gantry.yaml services.a.build',
    fix: 'Make the folder web, or correct the path; it is relative to gantry.yaml.',
    lines: ['services.b.build: api/serve is a file, not a folder', 'services.c.run: the program "nodee" is not on PATH'],
    exitCode: 2,
  });
});
