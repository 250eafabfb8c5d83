/** What git says about the app's folder, in one call. */
import type { SourceState } from '../guard.ts';
import { run } from '../../exec/exec.ts';
import { findProgram } from '../../exec/tool.ts';

const timeoutMs = 5000;

/** Undefined without git. Never throws: a repository that cannot be read is as good as none. */
export async function sourceState(folder: string, path: string, signal: AbortSignal): Promise<SourceState | undefined> {
  const git = await findProgram('git', path);
  if (git === undefined) return undefined;
  const argv = [
    git,
    '--no-optional-locks',
    '-c',
    'core.fsmonitor=false',
    'status',
    '--porcelain=v2',
    '--branch',
    '--untracked-files=normal',
    '--',
    '.',
  ];
  const env = { PATH: path, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', HOME: process.env['HOME'] ?? '/' };
  const result = await run({ argv, cwd: folder, env, signal, timeoutMs, accept: () => true }).catch(() => undefined);
  if (result === undefined || result.exitCode !== 0) return { commit: undefined, uncommitted: 0, unpushed: undefined };
  return parseStatus(result.stdout);
}

/** The format is git's second one for programs: it stays as it is. */
export function parseStatus(text: string): SourceState {
  const lines = text.split('\n').filter((line) => line !== '');
  const [, commit] = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(text) ?? [];
  const [, ahead] = /^# branch\.ab \+(\d+) -\d+$/m.exec(text) ?? [];
  return {
    commit,
    uncommitted: lines.filter((line) => !line.startsWith('#')).length,
    unpushed: ahead === undefined ? undefined : Number(ahead),
  };
}
