import { describe, expect, it } from 'vitest';
import { addressOf, type Entry, type Recipe } from './address.ts';

const file: Entry = { path: 'a.js', kind: 'file', mode: 0o644, content: 'aa' };
const other: Entry = { path: 'b.js', kind: 'file', mode: 0o644, content: 'bb' };
const machine = { nodeMajor: 20, platform: 'linux', arch: 'x64' };
const recipe: Recipe = { entries: [file, other], prepare: [['npm', 'ci']], machine };

describe('an address', () => {
  it('is 32 hex digits and independent of the order of files', () => {
    expect(addressOf(recipe)).toMatch(/^[0-9a-f]{32}$/);
    expect(addressOf({ ...recipe, entries: [other, file] })).toBe(addressOf(recipe));
  });

  const changes: [string, Partial<Recipe>][] = [
    ['content', { entries: [{ ...file, content: 'ab' }, other] }],
    ['mode', { entries: [{ ...file, mode: 0o755 }, other] }],
    ['name', { entries: [{ ...file, path: 'c.js' }, other] }],
    ['kind', { entries: [{ ...file, kind: 'link' }, other] }],
    ['number of files', { entries: [file] }],
    [
      'commands',
      {
        prepare: [
          ['npm', 'ci'],
          ['npm', 'test'],
        ],
      },
    ],
    ['splitting of commands', { prepare: [['npm ci']] }],
    ['Node', { machine: { ...machine, nodeMajor: 22 } }],
    ['architecture', { machine: { ...machine, arch: 'arm64' } }],
    ['platform', { machine: { ...machine, platform: 'darwin' } }],
    ['part that is served', { only: 'dist' }],
  ];
  it.each(changes)('differs with another %s', (_, change) => {
    expect(addressOf({ ...recipe, ...change })).not.toBe(addressOf(recipe));
  });

  it('of files that nothing prepares is the same everywhere', () => {
    const plain = { ...recipe, prepare: [] };
    expect(addressOf({ ...plain, machine: { ...machine, arch: 'arm64' } })).toBe(addressOf(plain));
  });
});
