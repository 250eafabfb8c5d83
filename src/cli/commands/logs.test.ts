import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIo } from '../../../test/rig/io.ts';
import { parseCommandLine } from '../parse.ts';

describe('gantry logs', () => {
  let folder: string;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const times = { first: now - 7_200_000, second: now - 60_000, third: now - 30_000 };

  const log = (source: string, lines: readonly (readonly [text: string, at: number])[]): void => {
    const file = join(folder, '.gantry/logs', `${source}.log`);
    let offset = 0;
    for (const [text, at] of lines) {
      appendFileSync(file, `${text}\n`);
      appendFileSync(`${file}.times`, `${offset} ${at} ${offset + text.length + 1}\n`);
      offset += text.length + 1;
    }
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-logs-'));
    mkdirSync(join(folder, 'web'));
    mkdirSync(join(folder, '.gantry/logs'), { recursive: true });
    writeFileSync(
      join(folder, 'gantry.yaml'),
      'gantry: 1\napp: shop\nservices:\n  web: { build: ./web, run: node main.js, port: 8080, route: /, health: /, replicas: 2 }\n',
    );
    log('web-1a2b-1', [
      ['one', times.first],
      ['three \u001B[31mred\u001B[0m', times.third],
    ]);
    log('web-1a2b-2', [['two', times.second]]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function run(line: readonly string[], options: { readonly json?: boolean; readonly isTTY?: boolean } = {}): Promise<string> {
    const io = testIo({ cwd: folder, env: { TERM: 'xterm' }, flags: { json: options.json === true } });
    if (options.isTTY === true) Object.assign(io.stdout, { isTTY: true });
    const call = await parseCommandLine(['logs', ...line], io);
    const command = await call?.spec.load();
    expect(
      await command?.run(
        { ...io, flags: { ...io.flags, json: options.json === true } },
        call?.args ?? { words: {}, rest: [], options: {} },
      ),
    ).toBe(0);
    return io.out();
  }

  it('has all logs in one order, and no times where no person looks', async () => {
    expect(await run(['local'])).toBe('web-1a2b-1           one\nweb-1a2b-2           two\nweb-1a2b-1           three red\n');
    expect(await run(['local', '--tail', '1'])).toBe('web-1a2b-2           two\nweb-1a2b-1           three red\n');
    expect(await run(['local', '--since', '10m'])).toBe('web-1a2b-2           two\nweb-1a2b-1           three red\n');
  });

  it('shows the time of day on a terminal', async () => {
    const shown = await run(['local', 'web'], { isTTY: true });
    const time = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);
    expect(stripVTControlCharacters(shown).split('\n')).toEqual([
      `${time(times.first)} web-1a2b-1           one`,
      `${time(times.second)} web-1a2b-2           two`,
      `${time(times.third)} web-1a2b-1           three red`,
      '',
    ]);
    expect(shown).toContain(`\u001B[2m${time(times.first)}\u001B[22m`);
  });

  it('has times with --json', async () => {
    const [first] = (await run(['local'], { json: true })).split('\n');
    expect(JSON.parse(first ?? '')).toEqual({
      source: 'web-1a2b-1',
      stream: 'stdout',
      text: 'one',
      at: new Date(times.first).toISOString(),
    });
  });
});
