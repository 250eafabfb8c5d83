import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testIo } from '../../test/rig/io.ts';
import { watchFiles, type WatchedFiles } from './dashboard-files.ts';
import { ProjectIssues } from './issues.ts';

let folder: string;
let now = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-files-'));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

let written = 1_000_000;

function write(name: string, text: string): void {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, (written += 1), written);
}

const app = (most: number): string =>
  `gantry: 1\napp: shop\nservices:\n  web: { build: ., run: node main.js, port: 8080, route: /, scale: { min: 1, max: ${most} } }\n`;

async function seen(files: WatchedFiles): Promise<Record<string, number | undefined>> {
  now += 1001;
  const environments = await files.environments();
  return Object.fromEntries(environments.map((opened) => [opened.env.name, opened.app.services['web']?.scale.max]));
}

it('reads the files again when one of them has changed, came or went', async () => {
  write('gantry.yaml', app(2));
  const files = watchFiles(testIo({ cwd: folder }));
  expect(await seen(files)).toEqual({ local: 2 });
  write('gantry.yaml', app(3));
  expect(await seen(files)).toEqual({ local: 3 });
  mkdirSync(join(folder, 'environments'));
  write('environments/staging.yaml', 'target: local\n');
  expect(await seen(files)).toEqual({ local: 3, staging: 3 });
  rmSync(join(folder, 'environments'), { recursive: true });
  expect(await seen(files)).toEqual({ local: 3 });
});

it('looks at most once a second, and reads nothing that has not changed', async () => {
  write('gantry.yaml', app(2));
  const files = watchFiles(testIo({ cwd: folder }));
  const [first] = await files.environments();
  write('gantry.yaml', app(3));
  expect((await files.environments())[0]).toBe(first);
  expect(await seen(files)).toEqual({ local: 3 });
  const [second] = await files.environments();
  await seen(files);
  expect((await files.environments())[0]).toBe(second);
});

it('goes on with what the files said before while they are broken, and says what is wrong', async () => {
  write('gantry.yaml', app(2));
  const files = watchFiles(testIo({ cwd: folder }));
  await seen(files);
  write('gantry.yaml', app(2).replace('route', 'rute'));
  expect(await seen(files)).toEqual({ local: 2 });
  expect(files.problem()).toMatchObject({
    code: 'GC2011',
    lines: [expect.stringContaining('did you mean "route"?'), expect.stringContaining('fix:')],
  });
  rmSync(join(folder, 'gantry.yaml'));
  expect(await seen(files)).toEqual({ local: 2 });
  expect(files.problem()).toMatchObject({ code: 'GA1001' });
  write('gantry.yaml', app(4));
  expect(await seen(files)).toEqual({ local: 4 });
  expect(files.problem()).toBeUndefined();
});

it('fails with every problem when the files were never good and nothing serves', async () => {
  write('gantry.yaml', app(2).replace('route', 'rute'));
  const files = watchFiles(testIo({ cwd: folder }));
  await expect(files.environments()).rejects.toBeInstanceOf(ProjectIssues);
  write('gantry.yaml', app(2));
  expect(await seen(files)).toEqual({ local: 2 });
});
