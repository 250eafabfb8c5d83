import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitOfFolder } from './commit.ts';

const commit = 'a'.repeat(40);
const other = 'b'.repeat(40);

describe('the commit of a folder', () => {
  let top: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'gantry-commit-'));
  });
  afterEach(() => rmSync(top, { recursive: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), text);
    }
  }

  it.each<[string, Record<string, string>, string | undefined]>([
    ['a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` }, commit],
    ['a detached head', { '.git/HEAD': `${commit}\n` }, commit],
    [
      'a packed branch',
      {
        '.git/HEAD': 'ref: refs/heads/main\n',
        '.git/packed-refs': `# pack-refs with: peeled\n${other} refs/heads/old\n${commit} refs/heads/main\n`,
      },
      commit,
    ],
    [
      'a branch that is newer than its packed record',
      { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': commit, '.git/packed-refs': `${other} refs/heads/main\n` },
      commit,
    ],
    ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }, undefined],
    ['no repository', { 'app/gantry.yaml': '' }, undefined],
    ['a head that names itself', { '.git/HEAD': 'ref: refs/heads/a', '.git/refs/heads/a': 'ref: refs/heads/a' }, undefined],
    ['a head with something else in it', { '.git/HEAD': 'ref: ../../etc/passwd' }, undefined],
  ])('of %s', (_name, files, expected) => {
    write(files);
    expect(commitOfFolder(top)).toBe(expected);
  });

  it('is found from a folder below', () => {
    write({ '.git/HEAD': commit, 'apps/shop/gantry.yaml': '' });
    expect(commitOfFolder(join(top, 'apps/shop'))).toBe(commit);
  });

  it('of a worktree is its own, with the branches of the repository', () => {
    write({
      'repository/.git/worktrees/w/HEAD': 'ref: refs/heads/topic\n',
      'repository/.git/worktrees/w/commondir': '../..\n',
      'repository/.git/refs/heads/topic': commit,
      'w/.git': `gitdir: ${join(top, 'repository/.git/worktrees/w')}\n`,
    });
    expect(commitOfFolder(join(top, 'w'))).toBe(commit);
  });
});
