/** The commit of a folder, read from git's own files: no program is needed, and none is started. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const mostLinks = 5;

/** Hex; undefined outside of a repository, before the first commit, and where the files say otherwise than expected. */
export function commitOfFolder(folder: string): string | undefined {
  try {
    const git = gitFolder(folder);
    return git === undefined ? undefined : resolveName(git, 'HEAD');
  } catch {
    return undefined;
  }
}

/** `.git` is a folder, or a file that names one (worktrees, submodules). */
function gitFolder(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    if (existsSync(git)) return statSync(git).isDirectory() ? git : linked(folder, git);
    if (folder === dirname(folder)) return undefined;
  }
}

function linked(folder: string, file: string): string | undefined {
  const [, path] = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return path === undefined ? undefined : resolve(folder, path);
}

function resolveName(git: string, name: string, links = 0): string | undefined {
  const text = read(git, name) ?? packed(git, name);
  if (text === undefined || hash.test(text)) return text;
  const [, next] = /^ref: (refs\/.+)$/.exec(text) ?? [];
  return next === undefined || links === mostLinks ? undefined : resolveName(git, next, links + 1);
}

/** A worktree has its own HEAD and shares the rest. */
function folders(git: string): string[] {
  const shared = join(git, 'commondir');
  return existsSync(shared) ? [git, resolve(git, readFileSync(shared, 'utf8').trim())] : [git];
}

function read(git: string, name: string): string | undefined {
  const file = folders(git)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
}

function packed(git: string, name: string): string | undefined {
  for (const folder of folders(git)) {
    const file = join(folder, 'packed-refs');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    const line = lines.find((one) => one.endsWith(` ${name}`));
    if (line !== undefined) return line.slice(0, line.indexOf(' '));
  }
  return undefined;
}
