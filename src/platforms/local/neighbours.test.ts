import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { neighbours } from './neighbours.ts';
import { placesOf } from './places.ts';
import { saveState } from './supervisor/state-file.ts';

let base: string;
let supervisor: ChildProcess;

/** What a supervisor looks like from outside: its command line, and what it keeps in the app's folder. */
beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-neighbours-')));
  const folder = join(base, 'till');
  mkdirSync(join(folder, '.gantry'), { recursive: true });
  const service = (run: string, port: number, fixedPort: boolean): unknown => ({ name: 'x', run: [run], port, fixedPort });
  const live = { services: [service('./server', 5000, true), service('node', 5001, true), service('./other', 5002, false)] };
  await saveState(placesOf(folder).desiredFile, { live, next: null });
  const file = join(base, 'supervisor.cjs');
  writeFileSync(file, "process.stdout.write('up'); setInterval(() => {}, 1000);");
  supervisor = spawn(process.execPath, [file, folder, 'till', 'local', 'http://127.0.0.1:8099'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(supervisor.stdout!, 'data');
});

afterEach(async () => {
  const ended = once(supervisor, 'exit');
  supervisor.kill('SIGKILL');
  await ended;
  rmSync(base, { recursive: true });
});

it.skipIf(process.platform !== 'linux')('are found by their supervisors, with the ports that nobody else can have', async () => {
  const folder = join(base, 'till');
  const found = (await neighbours(join(base, 'shop'))).find((one) => one.folder === folder);
  expect(found).toEqual({ app: 'till', environment: 'local', folder, ports: [8099, 5000] });
  expect((await neighbours(folder)).some((one) => one.folder === folder)).toBe(false);
});
