import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIo } from '../../../test/rig/io.ts';
import { parseCommandLine } from '../parse.ts';

describe('what a wrong command line is told', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gantry-usage-'));
    mkdirSync(join(folder, 'web'));
    writeFileSync(
      join(folder, 'gantry.yaml'),
      'gantry: 1\napp: shop\nservices:\n  web: { build: ./web, run: node main.js, port: 8080, route: /, health: /, replicas: 2 }\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['logs of a service that does not exist are no empty success', ['logs', 'local', 'wbe'], 'GC1004', 'did you mean web?'],
    ['more replicas than the file allows', ['scale', 'local', 'web=4'], 'GC1002', 'scale: { min: 1, max: 4 }'],
    ['no replica at all', ['scale', 'local', 'web=0'], 'GC1002', 'gantry down'],
    ['run without a command speaks of run', ['run', 'local', 'web'], 'GC1002', 'gantry run local web -- COMMAND'],
    ['exec without a command speaks of exec', ['exec', 'local', 'web'], 'GC1002', 'gantry exec local web -- COMMAND'],
    ['a file to import that is not there', ['secret', 'import', 'local', 'none.env'], 'GC1002', 'gantry secret import ENV FILE'],
    ['a name of a secret that is none', ['secret', 'rm', 'local', '1X'], 'GC1002', 'gantry secret rm ENV NAME'],
    ['a secret action that is none', ['secret', 'frob', 'local'], 'GC1002', 'gantry secret list local'],
  ])('%s', async (_name, line, code, fix) => {
    const io = testIo({ cwd: folder });
    const call = await parseCommandLine(line, io);
    const running = call?.spec.load().then((command) => command.run({ ...io, cwd: folder }, call.args));
    await expect(running).rejects.toMatchObject({ code, exitCode: 2, fix: expect.stringContaining(fix) as string });
  });
});
