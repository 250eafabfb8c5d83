import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/platforms/platform.ts';
import { emptyFolder, isBuilt, type AppFolder } from '../rig/gantry.ts';

const file = 'gantry: 1\napp: disk\nservices:\n  web: { build: ./web, run: node main.js, port: 8080, route: /, health: / }\n';
const program =
  "require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);\n";
const mebibyte = 1024 * 1024;

function mount(...words: string[]): boolean {
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}

/** Only root may mount, and not in every sandbox. */
function canMount(): boolean {
  const folder = emptyFolder().folder;
  mkdirSync(folder, { recursive: true });
  const done = mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
  if (done) spawnSync('umount', [folder]);
  rmSync(dirname(folder), { recursive: true });
  return done;
}

const reason = isBuilt() && process.platform === 'linux' && canMount() ? undefined : 'needs root, to mount a small disk';

describe('disks', { skip: reason !== undefined, meta: reason === undefined ? {} : { reason } }, () => {
  let app: AppFolder;
  let disk: string;

  beforeEach(() => {
    app = emptyFolder('disk');
    mkdirSync(join(app.folder, 'web'), { recursive: true });
  });
  afterEach(async () => {
    await app.run(['down']);
    spawnSync('umount', ['-l', disk]);
    await app.remove();
  });

  function fill(folder: string): void {
    mkdirSync(join(folder, 'web'), { recursive: true });
    writeFileSync(join(folder, 'gantry.yaml'), file);
    writeFileSync(join(folder, 'web/main.js'), program);
  }

  it('names the full disk, leaves nothing running, and works again when there is room', async () => {
    fill(app.folder);
    writeFileSync(join(app.folder, 'web/large.bin'), Buffer.alloc(4 * mebibyte));
    disk = join(dirname(app.folder), 'cache');
    mkdirSync(disk, { recursive: true });
    mount('-t', 'tmpfs', '-o', 'size=2m,mode=755', 'tmpfs', disk);
    const full = await app.run(['up', '--detach']);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/no space left on [\s\S]*GX2001[\s\S]*Fix: /) as string });
    expect(full.stderr).toContain(disk);
    expect(await app.json<Status>(['status', 'local'])).toMatchObject({ state: 'stopped' });
    mount('-o', 'remount,size=64m', disk);
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
  });

  it('names the read-only folder; check and status still work', async () => {
    disk = app.folder;
    mount('-t', 'tmpfs', '-o', 'size=16m,mode=755', 'tmpfs', disk);
    fill(app.folder);
    mount('-o', 'remount,ro', disk);
    const refused = await app.run(['up', '--detach']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/read-only[\s\S]*Fix: /) as string });
    expect(await app.run(['check'])).toMatchObject({ code: 0 });
    expect(await app.json<Status>(['status', 'local'])).toMatchObject({ state: 'stopped' });
    mount('-o', 'remount,rw', disk);
    expect(await app.run(['up', '--detach'])).toMatchObject({ code: 0 });
  });
});
