import { describe, expect, it } from 'vitest';
import type { Desired } from '../../platforms/local/protocol.ts';
import type { Stack } from '../../stack/stack.ts';
import { changes, fill, wanted } from './args.ts';

const content = { live: { web: { kind: 'folder' as const, address: 'abc' } }, next: {} };
const stack = (phase: Stack['phase']): Stack => ({ id: 's', engine: 'process', phase, needs: [], files: {}, outputs: {} });
const set = (release: string, run: string[]) => ({
  release,
  secrets: {},
  drainMs: 1,
  graceMs: 1,
  sites: [],
  services: [
    {
      name: 'web',
      kind: 'web' as const,
      content: 'abc',
      run,
      env: {},
      fixedPort: false,
      limits: { cpu: 1, memory: 1 },
      scale: { min: 1, max: 1 },
      replicas: 1,
    },
  ],
});

describe('fill', () => {
  it('writes a known content address and placeholders for the rest, as JSON', () => {
    expect(fill({ image: 'web', set: 'live' }, content)).toBe('"abc"');
    expect(fill({ image: 'web', set: 'next' }, content)).toBe('{"$content":"web"}');
    expect(fill({ secret: 'a"b' }, content)).toBe('{"$secret":"a\\"b"}');
    expect(fill({ output: ['resources', 'db.host'] }, content)).toBe('{"$output":["resources","db.host"]}');
  });
});

describe('wanted', () => {
  it('is about resources in the foundation, about nothing in migrate, and about both sets in the release', () => {
    expect(wanted(stack('foundation'), { 'resources.json': '{"resources":[]}' })).toEqual({ resources: { resources: [] } });
    expect(wanted(stack('migrate'), {})).toEqual({});
    expect(wanted(stack('release'), { 'entry.json': '{"limits":{}}', 'sets/next.json': '{"release":"r"}' })).toEqual({
      entry: { limits: {} },
      live: null,
      next: { release: 'r' },
      share: 0,
    });
  });
});

describe('changes', () => {
  const now = (live: Desired['live']): Desired => ({
    resources: { resources: [] },
    entry: { limits: {} as Desired['entry']['limits'] },
    live,
    next: null,
    share: 0,
  });

  it('compares what serves now with what will serve in the end', () => {
    expect(changes(undefined, { next: set('r2', ['node', 'a.js']) })).toMatchObject([{ kind: 'create', subject: 'service/web' }]);
    expect(changes(now(set('r1', ['node', 'a.js'])), { next: set('r2', ['node', 'a.js']) })).toMatchObject([{ kind: 'unchanged' }]);
    expect(changes(now(set('r1', ['node', 'a.js'])), { next: set('r2', ['node', 'b.js']) })).toMatchObject([
      { kind: 'update', detail: 'run' },
    ]);
    expect(changes(now(set('r1', ['node', 'a.js'])), { live: { ...set('r2', []), services: [] } })).toMatchObject([
      { kind: 'delete', subject: 'service/web' },
    ]);
  });

  it('calls the removal of a resource a loss of data', () => {
    const before: Desired = {
      ...now(null),
      resources: { resources: [{ name: 'db', type: 'postgres', version: 17, user: 'a', password: { $secret: 'db.password' } }] },
    };
    expect(changes(before, { resources: { resources: [] } })).toMatchObject([{ kind: 'delete', subject: 'resource/db', dataLoss: true }]);
  });
});
