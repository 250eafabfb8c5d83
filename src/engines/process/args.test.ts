import { describe, expect, it } from 'vitest';
import type { Stack } from '../../stack/stack.ts';
import { fill, wanted } from './args.ts';

const content = { live: { web: { kind: 'folder' as const, address: 'abc' } }, next: {} };
const stack = (phase: Stack['phase']): Stack => ({ id: 's', engine: 'process', phase, needs: [], files: {}, outputs: {} });

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
