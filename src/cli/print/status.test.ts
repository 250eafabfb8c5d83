import { describe, expect, it } from 'vitest';
import { testIo } from '../../../test/rig/io.ts';
import type { ReleaseRecord } from '../../release/history.ts';
import { initial } from '../../release/machine.ts';
import type { ReplicaStatus, ServiceStatus, Status } from '../../platforms/platform.ts';
import { servedBy, statusLines, type Served, type StatusInput } from './status.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const service = (more: Partial<ServiceStatus> = {}): ServiceStatus => ({
  name: 'web',
  kind: 'web',
  desired: 2,
  pinned: false,
  ready: 2,
  degraded: false,
  replicas: [],
  ...more,
});
const replica = (more: Partial<ReplicaStatus> = {}): ReplicaStatus => ({
  id: 'web-1',
  pid: 7,
  port: 1,
  state: 'ready',
  restarts: 0,
  set: 'live',
  release: 'b',
  since: '',
  inFlight: 0,
  ...more,
});
const status: Status = {
  app: 'shop',
  environment: 'local',
  url: 'http://127.0.0.1:8080',
  release: 'bbbbbbbbbbbb',
  state: 'running',
  services: [service()],
  resources: [],
  scaling: [],
  operation: null,
  share: 0,
};
const served: Served = { number: 42, at: '2026-01-01T10:00:00Z', who: 'ana@laptop', before: { number: 41, release: 'aaaaaaaaaaaa' } };

const shown = (more: Partial<Status> = {}, input: Partial<StatusInput> = {}): string[] =>
  statusLines(testIo({ env: { NO_COLOR: '1' } }), { status: { ...status, ...more }, served, unattended: 0, now, ...input });

describe('the status', () => {
  it('begins with the release, when it was promoted and by whom', () => {
    expect(shown()).toEqual([
      'shop  local  release 42 (bbbbbbbbbbbb) promoted 2 h ago by ana@laptop  running  http://127.0.0.1:8080',
      '  web  2/2',
    ]);
    expect(shown({ release: null, state: 'starting' }, { served: undefined })[0]).toContain('no release  starting');
    expect(shown({}, { now: now - 10_000_000 })[0]).toContain('just now');
  });

  it('shows who changes what, and both sets while they stand', () => {
    const lines = shown({
      operation: { name: 'deploy', who: 'ben@ci', since: '2026-01-01T11:59:00Z', step: 'canary' },
      share: 5,
      next: { release: 'cccccccccccc', services: [service({ ready: 1 })] },
    });
    const since = new Date('2026-01-01T11:59:00Z').toTimeString().slice(0, 8);
    expect(lines[1]).toBe(`  deploy by ben@ci, since ${since}, step canary, 5 % of the requests on the next set`);
    expect(lines.slice(2)).toEqual(['  web     2/2', '    next  1/2', '  Next: gantry rollback local ends it']);
  });

  it('lists a replica of the next set once, and not among those that serve', () => {
    const [old, young] = [replica({ pid: 7 }), replica({ pid: 8, set: 'next' })];
    const lines = shown({
      services: [service({ replicas: [old, young] })],
      next: { release: 'cccccccccccc', services: [service({ replicas: [young] })] },
    });
    expect(lines.slice(1)).toEqual(['  web     2/2  pid 7 :1', '    next  2/2  pid 8 :1']);
  });

  it('says that a count is pinned, and what scaling decided last', () => {
    const decision = { at: '2026-01-01T11:58:02Z', service: 'web', from: 2, to: 4, reason: 'cpu 93 % of the limit, target 70 %' };
    const held = { ...decision, from: 4, reason: 'held: machine full' };
    const lines = shown({ services: [service({ pinned: true })], scaling: [held, decision, decision, decision] });
    expect(lines.slice(1)).toEqual([
      '  web  2/2  pinned',
      '  web stays at 4 at 11:58:02: held: machine full',
      '  scaled web 2 -> 4 at 11:58:02: cpu 93 % of the limit, target 70 %',
      '  scaled web 2 -> 4 at 11:58:02: cpu 93 % of the limit, target 70 %',
    ]);
  });

  it('says what to do next when something is wrong', () => {
    const lines = shown({
      state: 'degraded',
      services: [service(), service({ name: 'api', ready: 1, degraded: true })],
      problems: [{ subject: 'state', since: '2026-01-01T11:00:00Z', message: 'not saved yet: disk full' }],
    });
    expect(lines[1]).toBe('  ! not saved yet: disk full');
    expect(lines.at(-1)).toBe('  Next: gantry logs local api --since 15m · gantry rollback local (release 41 (aaaaaaaaaaaa))');
  });

  it('of a stopped app remembers what served, and says how to start it', () => {
    const lines = shown({ state: 'stopped', release: null, url: '', services: [] });
    expect(lines).toEqual(['shop  local  release 42 promoted 2 h ago by ana@laptop  stopped', '  Next: gantry up']);
  });

  it('does not let a replica steer the terminal', () => {
    const failed = replica({ state: 'failed', restarts: 2, detail: 'exit 1\u001B[2J' });
    const lines = shown({ services: [service({ replicas: [failed] })] });
    expect(lines[1]).toBe('  web  2/2  pid 7 :1 failed, restarted 2 times (exit 1)');
  });
});

describe('the record of what serves', () => {
  const record = (number: number, letter: string, outcome: ReleaseRecord['outcome']): ReleaseRecord => ({
    number,
    release: letter.repeat(12),
    operation: 'deploy',
    who: 'ana@laptop',
    commit: null,
    begun: '2026-01-01T09:59:00Z',
    ended: outcome === 'running' ? null : '2026-01-01T10:00:00Z',
    outcome,
    failed: null,
    notes: [],
  });
  const records = [record(41, 'a', 'promoted'), record(42, 'b', 'promoted'), record(43, 'c', 'running')];
  const past = { records, live: records[1], state: { ...initial, live: 'b'.repeat(12), previous: 'a'.repeat(12) } };

  it('of a release whose predecessor still stops has its own number, not the number of the predecessor', () => {
    expect(servedBy(past, 'c'.repeat(12))).toMatchObject({ number: 43, before: { number: 42 } });
    expect(servedBy(past, 'b'.repeat(12))).toMatchObject({ number: 42, before: { number: 41 } });
    expect(servedBy(past, null)).toMatchObject({ number: 42 });
  });
});
