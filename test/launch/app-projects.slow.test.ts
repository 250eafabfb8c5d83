/** The apps are projects of their own: each installs exactly as locked, in a folder by itself, and passes its own scripts. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const apps = join(import.meta.dirname, '../../apps');
const left = ['node_modules', 'dist', '.gantry'];
const own = ['typecheck', 'test', 'build'];

const projects = readdirSync(apps, { recursive: true, encoding: 'utf8' })
  .filter((file) => basename(file) === 'package.json' && !file.split('/').some((part) => left.includes(part)))
  .map((file) => dirname(file))
  .toSorted();

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-app-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function npm(...words: string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? folder };
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: folder, env, encoding: 'utf8' });
  return status === 0 ? 'ok' : `npm ${words.join(' ')}\n${stdout}${stderr}`;
}

it.each(projects)('%s', (project) => {
  cpSync(join(apps, project), folder, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  if (existsSync(join(folder, 'package-lock.json'))) expect(npm('ci', '--no-audit', '--no-fund')).toBe('ok');
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts?: Record<string, string> };
  for (const script of own.filter((name) => scripts[name] !== undefined)) expect(npm('run', script)).toBe('ok');
});
