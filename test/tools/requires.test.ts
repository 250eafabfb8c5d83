import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { missing, programFor } from './requires.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-requires-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('finds the first program that meets a need, and only one that may be executed', () => {
  const program = join(folder, 'valkey-server');
  writeFileSync(program, '');
  chmodSync(program, 0o644);
  expect(programFor('redis', folder)).not.toBe(program);
  chmodSync(program, 0o755);
  expect([program, '/usr/sbin/redis-server', '/usr/local/sbin/redis-server']).toContain(programFor('redis', folder));
});

it('names every program that is missing', () => {
  expect(missing(['wrk'], folder)).toBe('needs wrk');
  expect(missing(['wrk', 'chromium'], folder)).toBe('needs wrk, chromium or chromium-browser or google-chrome');
  expect(missing([], folder)).toBeUndefined();
});
