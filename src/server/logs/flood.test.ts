/** The whole way from a program's output to a stream, while it prints faster than anybody reads. */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { App, Environment } from '../../app/model.ts';
import { background } from '../../exec/exec.ts';
import { localPlatform } from '../../platforms/local/platform.ts';
import type { LogEntry } from '../api/index.ts';
import { createHub } from '../events/hub.ts';
import { openLogBook } from './book.ts';

const lines = 400_000;
const program = `
  const write = (text) => require('node:fs').writeSync(1, text);
  let next = 0;
  const some = () => {
    let text = '';
    for (let at = 0; at < 2000 && next < ${lines}; at += 1) text += 'y' + (next += 1) + '\\n';
    write(text);
    if (next < ${lines}) setImmediate(some);
    else write('done\\n');
  };
  process.on('SIGUSR2', some);
  setInterval(() => {}, 1000);
  write('ready\\n');
`;

it('a flood is told as far as anybody can read it, nothing is missing uncounted, and nobody else has to wait', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-flood-'));
  mkdirSync(join(folder, '.gantry/logs'), { recursive: true });
  const file = join(folder, '.gantry/logs/web-3f9a-1.log');
  const log = openSync(file, 'a');
  const child = await background({ argv: [process.execPath, '-e', program], cwd: folder, env: {}, stdio: ['ignore', log, log] });
  closeSync(log);
  onTestFinished(() => void process.kill(child.pid, 'SIGKILL'));
  await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(0), 30_000);
  const hub = createHub();
  const stop = new AbortController();
  const book = openLogBook(
    {
      app: { services: { web: {} }, resources: {} } as unknown as App,
      env: { name: 'local' } as Environment,
      platform: localPlatform,
      context: { app: 'shop', environment: 'local', folder, signal: stop.signal },
    },
    hub,
  );
  onTestFinished(() => {
    stop.abort();
    book.close();
    hub.close();
    rmSync(folder, { recursive: true });
  });
  const told: LogEntry[] = [];
  let skipped = 0;
  hub.open(new Set(['local/logs'] as const), undefined, {
    write(_id, event) {
      if (event.type === 'logs') told.push(...event.lines);
      if (event.type === 'logs') skipped += event.skipped;
      return true;
    },
    drained: async () => {},
  });
  expect((await book.page({ tail: 10 })).lines).toMatchObject([{ text: 'ready' }]);
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 5);
  process.kill(child.pid, 'SIGUSR2');
  await vi.waitFor(() => expect(told.at(-1)?.text).toBe('done'), { timeout: 20_000, interval: 50 });
  clearInterval(beat);
  expect(told.length + skipped).toBe(lines + 1);
  expect(skipped).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(20);
  const page = await book.page({ tail: 100_000 });
  expect(page.lines.length).toBeLessThanOrEqual(100_000);
  expect(page.lines.at(-1)).toMatchObject({ service: 'web', replica: 'web-3f9a-1', text: 'done' });
});
