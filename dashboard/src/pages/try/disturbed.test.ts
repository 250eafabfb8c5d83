import { describe, expect, it } from 'vitest';
import { placeOf, replicaOf, serviceOf, trafficOf } from '../../../../test/dashboard/fake-scenarios.ts';
import type { Measured, Replica, Status } from '../../../../src/server/api/index.ts';
import { begin, noticedOf, settled, slowMs, storyOf, titleOf, withSample, withStatus } from './disturbed.ts';
import { explaining, searchFor } from './explain.ts';

const at = 1_763_746_560_000;

function status(after: number, over: Partial<Replica>): Pick<Status, 'at' | 'place'> {
  const replica = { ...replicaOf('backend', 1), restarts: 2, ...over };
  return { at: at + after, place: placeOf('taskly', [serviceOf('backend', 'web', [replica])]) };
}

function sample(after: number, perSecond: number, errors = 0, p99: number | null = 40): Measured {
  return { at: at + after, overMs: 2000, total: { ...trafficOf(perSecond, errors), p99 }, services: [], replicas: [] };
}

const replica = { ...replicaOf('backend', 1), restarts: 2 };
const killed = begin('kill', replica, 'it was killed', at, 20);

describe('a killed replica', () => {
  it('is followed until another process is ready', () => {
    expect(titleOf(killed)).toBe(`${replica.id} was killed`);
    expect(storyOf(killed, at + 300)).toBe('Waiting for it to go: 0.3 s.');
    const gone = withStatus(killed, status(200, { state: 'starting', restarts: 3, detail: 'SIGKILL' }));
    expect(storyOf(gone, at + 500)).toBe('It is gone; another process is on its way: 0.5 s.');
    const since = new Date(at + 400).toISOString();
    const back = withStatus(gone, status(1000, { restarts: 3, since, readyMs: 400, detail: 'SIGKILL' }));
    expect(storyOf(back, at + 9000)).toBe('✓ Another process took its place (SIGKILL): ready again 0.8 s after it was killed.');
    expect(withStatus(back, status(5000, { state: 'failed' }))).toBe(back);
  });

  it('was quicker than anybody looked', () => {
    const back = withStatus(killed, status(900, { restarts: 3, since: new Date(at - 999).toISOString() }));
    expect(back).toMatchObject({ goneAt: at, backAt: at + 900 });
  });

  it('is not taken for gone by what was seen before', () => {
    expect(withStatus(killed, status(-100, { state: 'unready' }))).toBe(killed);
    expect(withStatus(killed, status(500, {}))).toBe(killed);
  });

  it('may never come back', () => {
    const other = { at: at + 9000, place: placeOf('taskly', []) };
    expect(storyOf(withStatus(killed, other), at + 9000)).toBe('It did not come back: a release or a scaling took its place away.');
    expect(withStatus(killed, { at: at + 9000, place: null })).toBe(killed);
    expect(storyOf(settled(killed, at + 999_000), at + 999_000)).toBe('Nothing happened to it that could be seen.');
  });
});

describe('what users noticed', () => {
  it('is counted from the moment until it was well again', () => {
    const before = withSample(killed, sample(0, 100, 5));
    expect(before).toBe(killed);
    const once = withSample(killed, sample(1500, 50));
    expect(withSample(once, sample(1500, 50))).toBe(once);
    const during = withSample(killed, sample(1500, 50, 0.5));
    const back = { ...during, backAt: at + 1800 };
    const after = withSample(withSample(back, sample(3500, 50)), sample(5500, 900, 900));
    expect(noticedOf(after)).toBe('1 of 200 requests failed meanwhile.');
    expect(settled(after, at + 3000).isOver).toBe(false);
    expect(settled(after, at + 9000).isOver).toBe(true);
  });

  it('is nothing when nobody was there', () => {
    expect(noticedOf(withSample(killed, sample(1500, 0, 0, null)))).toMatch(/^Nobody has used the app/u);
  });

  it('is above all how long answers took while one was slow', () => {
    const slow = withSample(begin('slow', replica, '', at, 20), sample(2000, 10, 0, 480));
    expect(noticedOf(slow)).toBe('0 of 20 requests failed meanwhile; p99 was at worst 480 ms, before it 20 ms.');
    expect(storyOf(slow, at + 10_000)).toBe('It is slow for 20 s more.');
    expect(storyOf(slow, at + slowMs)).toBe('✓ It gets all of its time again.');
    expect(storyOf(begin('freeze', replica, '', at, null), at + 2000)).toMatch(/^It stands still/u);
  });
});

describe('the line that explains', () => {
  it('is the first that says so', () => {
    expect(explaining({ lines: ['starting', '{"level":30,"msg":"hello"}', '{"level":60,"msg":"no database"}', 'Error: later'] })).toBe(
      '{"level":60,"msg":"no database"}',
    );
    expect(explaining({ lines: ['starting', 'node:events:1', 'Error: connect ECONNREFUSED 127.0.0.1:1', '    at Socket'] })).toBe(
      'Error: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(explaining({ lines: ['starting', 'the server was refused', '', 'Node.js v20'] })).toBe('the server was refused');
    expect(explaining({ lines: ['one', '\u001b[31mtwo\u001b[0m', ''] })).toBe('two');
    expect(explaining({ lines: [] })).toBeUndefined();
  });

  it('is searched for by words of its own', () => {
    expect(searchFor('{"level":60,"msg":"no database"}')).toBe('no database');
    expect(searchFor('{"level":60,"msg":"say \\"no\\""}')).toBe('{"level":60,"msg":"say \\"no\\""}');
    expect(searchFor(`  Error: ${'x'.repeat(200)}`).length).toBe(80);
  });
});
