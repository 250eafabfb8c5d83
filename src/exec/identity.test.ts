import { describe, expect, it } from 'vitest';
import { background } from './exec.ts';
import { identify, identifySelf, isAlive, parsePs, parseStat } from './identity.ts';

describe('identity of a process', () => {
  it('names this process', async () => {
    const self = await identifySelf();
    expect(self.pid).toBe(process.pid);
    expect(self.bootId).not.toBe('');
    expect(await isAlive(self)).toBe(true);
  });

  it('tells a process from another one with the same pid, and from one before a reboot', async () => {
    const self = await identifySelf();
    expect(await isAlive({ ...self, startTime: '1' })).toBe(false);
    expect(await isAlive({ ...self, bootId: 'before' })).toBe(false);
  });

  it('knows nothing about pids that cannot be', async () => {
    expect(await identify(0)).toBeUndefined();
    expect(await identify(-1)).toBeUndefined();
    expect(await identify(2 ** 30)).toBeUndefined();
  });

  it('counts an ended process as dead', async () => {
    const child = await background({
      argv: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const identity = await identify(child.pid);
    process.kill(child.pid, 'SIGKILL');
    await child.exit;
    expect(identity).toBeDefined();
    expect(identity && (await isAlive(identity))).toBe(false);
  });
});

describe('what the system says', () => {
  const tail = '1 2 3 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 1';

  it('reads the start time behind a name with brackets and spaces', () => {
    expect(parseStat(`42 (a) b) (c) S ${tail}`)).toBe('987654');
  });

  it('counts zombies as dead', () => {
    expect(parseStat(`42 (node) Z ${tail}`)).toBeUndefined();
    expect(parseStat(`42 (node) X ${tail}`)).toBeUndefined();
  });

  it('reads ps', () => {
    expect(parsePs('Ss   Tue Nov  3 10:41:02 2026\n')).toBe(String(Date.parse('Tue Nov  3 10:41:02 2026') / 1000));
    expect(parsePs('Z    Tue Nov  3 10:41:02 2026\n')).toBeUndefined();
    expect(parsePs('')).toBeUndefined();
  });
});
