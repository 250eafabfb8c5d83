import { describe, expect, it } from 'vitest';
import { testIo } from '../../test/rig/io.ts';
import { commands } from './commands.ts';
import { helpText } from './help.ts';
import { parseCommandLine } from './parse.ts';

describe('parseCommandLine', () => {
  it('prints the help of everything, and of one command, without a call', async () => {
    for (const line of [[], ['--help'], ['-h'], ['help']]) {
      const io = testIo();
      expect(await parseCommandLine(line, io)).toBeUndefined();
      expect(io.out()).toBe(helpText());
    }
    const io = testIo();
    expect(await parseCommandLine(['help', 'logs'], io)).toBeUndefined();
    expect(io.out()).toContain('--since <duration>');
    expect(io.out()).toContain('gantry logs local backend -f');
  });

  it('prints the version, as JSON too', async () => {
    const io = testIo({ flags: { json: true } });
    expect(await parseCommandLine(['--version', '--json'], io)).toBeUndefined();
    expect(JSON.parse(io.out())).toEqual({ version: expect.stringMatching(/^[0-9]+\.[0-9]+\.[0-9]+/) as string });
  });

  it('gives words by name, options, and what stands after two dashes untouched', async () => {
    const call = await parseCommandLine(
      ['run', 'local', 'backend', '--verbose', '--', 'node', '--json', '-x'],
      testIo({ cwd: '/srv/app' }),
    );
    expect(call).toMatchObject({
      spec: { name: 'run' },
      args: { words: { env: 'local', service: 'backend' }, rest: ['node', '--json', '-x'] },
      flags: { json: false, verbose: true },
      folder: '/srv/app',
    });
  });

  it('takes the folder from --dir', async () => {
    expect(await parseCommandLine(['up', '--dir', '../other', '-d'], testIo({ cwd: '/srv/app' }))).toMatchObject({
      folder: '/srv/other',
      args: { options: { detach: true } },
    });
  });

  it.each([
    [['statsu', 'local'], 'GC1001', 'Did you mean `gantry status`?'],
    [['frobnicate'], 'GC1001', '--help'],
    [['logs'], 'GC1002', 'gantry logs local'],
    [['status', 'local', 'more'], 'GC1002', 'gantry status --help'],
    [['up', '--detahc'], 'GC1002', 'gantry up --help'],
    [['logs', 'local', '--tail'], 'GC1002', 'gantry logs --help'],
  ])('refuses %j with %s and says what to write', async (line, code, hint) => {
    await expect(parseCommandLine(line, testIo())).rejects.toMatchObject({
      code,
      exitCode: 2,
      fix: expect.stringContaining(hint) as string,
    });
  });
});

describe('the command map', () => {
  it('has every command once, each with an example that parses', async () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
    for (const { examples } of commands) {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const [program, ...words] = (example.split(' > ')[0] ?? '').split(' ');
        expect(program).toBe('gantry');
        expect(await parseCommandLine(words, testIo())).toBeDefined();
      }
    }
  });

  it('is what the help shows, in lines that fit a terminal', () => {
    for (const { name } of commands.filter((command) => command.group !== 'hidden')) expect(helpText()).toContain(`\n  ${name}`);
    for (const line of helpText().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
