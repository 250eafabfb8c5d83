import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accessLine, AccessLog, LogClock, type Served } from './access-log.ts';
import { eventually } from './testing/fixture.ts';

const served: Served = {
  method: 'GET',
  target: '/a?b="c"',
  status: 200,
  bytes: 5,
  service: 'web',
  set: 'live',
  replica: 'web-1',
  requestId: 'id',
  remoteAddress: '::1',
  retries: 1,
};

let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'gantry-log-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function lines(name: string): string[] {
  return readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1);
}

it('writes lines of JSON', () => {
  const line = accessLine(served, '2026-01-01T00:00:00.000Z', 1.2345);
  expect(JSON.parse(line)).toEqual({
    at: '2026-01-01T00:00:00.000Z',
    method: 'GET',
    path: '/a?b="c"',
    status: 200,
    bytes: 5,
    ms: 1.23,
    set: 'live',
    service: 'web',
    replica: 'web-1',
    id: 'id',
    remote: '::1',
    retries: 1,
  });
  expect(line.endsWith('}\n')).toBe(true);
});

it('cuts long targets', () => {
  expect(JSON.parse(accessLine({ ...served, target: `/${'x'.repeat(9_000)}` }, '', 0)).path).toHaveLength(2_048);
});

it('tells the time as ISO 8601', () => {
  const clock = new LogClock();
  for (const now of [0, 1, 1_767_225_599_999, 1_767_225_600_042]) expect(clock.text(now)).toBe(new Date(now).toISOString());
});

it('is on disk soon, without being asked', async () => {
  const log = new AccessLog({ file: join(dir, 'access.log'), maxBytes: 1e6, keep: 3 });
  log.add('one\n');
  await eventually('the line is written', () => lines('access.log').length === 1, 2_000);
  expect(lines('access.log')).toEqual(['one']);
  await log.close();
});

it('rotates by size and keeps a few', async () => {
  const log = new AccessLog({ file: join(dir, 'access.log'), maxBytes: 100, keep: 3 });
  for (let at = 0; at < 12; at++) {
    log.add(`${String(at).padStart(59, '0')}\n`);
    await log.flush();
  }
  await log.close();
  expect(readdirSync(dir).toSorted()).toEqual(['access.log', 'access.log.1', 'access.log.2', 'access.log.3']);
  expect([...lines('access.log.3'), ...lines('access.log.2'), ...lines('access.log.1'), ...lines('access.log')].map(Number)).toEqual([
    6, 7, 8, 9, 10, 11,
  ]);
});

it('counts what a full disk loses and goes on', async () => {
  const log = new AccessLog({ file: '/dev/full', maxBytes: 1e6, keep: 3 });
  for (let at = 0; at < 10; at++) log.add('line\n');
  await log.flush();
  expect(log.dropped).toBe(10);
  await log.close();
});

it('keeps a bounded amount in memory', async () => {
  const log = new AccessLog({ file: join(dir, 'access.log'), maxBytes: 1e9, keep: 3 });
  const line = `${'x'.repeat(999)}\n`;
  for (let at = 0; at < 10_000; at++) log.add(line);
  expect(log.dropped).toBeGreaterThan(7_000);
  await log.close();
  expect(lines('access.log')).toHaveLength(10_000 - log.dropped);
});
