import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { background, type BackgroundProcess } from './exec.ts';
import { processesIn, processesMarked } from './processes.ts';

let folder: string;
let child: BackgroundProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry processes-'));
  child = await background({
    argv: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    cwd: folder,
    env: { MARK: `test-${process.pid}` },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
});
afterEach(async () => {
  process.kill(child.pid, 'SIGKILL');
  await child.exit;
  await rm(folder, { recursive: true });
});

describe.skipIf(process.platform !== 'linux')('processes', () => {
  it('are found by folder and program', async () => {
    const node = basename(process.execPath);
    expect((await processesIn(folder, [node])).map(({ pid }) => pid)).toEqual([child.pid]);
    expect(await processesIn(folder, ['postgres'])).toEqual([]);
    expect(await processesIn(join(folder, 'none'), [node])).toEqual([]);
  });

  it('are found by a variable, matched whole', async () => {
    await expect.poll(async () => (await processesMarked('MARK', `test-${process.pid}`)).map(({ pid }) => pid)).toEqual([child.pid]);
    expect(await processesMarked('MARK', `test-${process.pid}0`)).toEqual([]);
    expect(await processesMarked('ARK', `test-${process.pid}`)).toEqual([]);
  });
});
