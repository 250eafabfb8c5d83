/** Releases that somebody or something else comes between: a second one, Ctrl-C, a closed terminal, a dead supervisor, a full disk. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documented, shapeOf } from '../rig/documented.ts';
import { isBuilt, type AppFolder } from '../rig/gantry.ts';
import { newShop, quick, slow, type Shop } from '../rig/shop.ts';
import { until } from '../rig/until.ts';

describe.skipIf(!isBuilt())('releases and what comes between', () => {
  let shop: Shop;
  let app: AppFolder;

  beforeAll(async () => {
    shop = newShop();
    ({ app } = shop);
    shop.write(quick, 'one');
    expect(await app.run(['deploy', 'local'])).toMatchObject({ code: 0 });
  });
  afterEach(() => shop.endStarted());
  afterAll(async () => app.remove());

  describe('one writer', () => {
    it('a second deploy is told who is at work, a third waits for its turn', async () => {
      const { child, ended } = await shop.inCanary('in the way');
      const began = performance.now();
      const second = await app.run(['deploy', 'local']);
      expect(second).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /being changed by \S+ \(deploy, since \S+, step canary\) {2}GR1001[^]*Wait with --wait, or look: gantry status local/,
        ) as string,
      });
      expect(performance.now() - began).toBeLessThan(3000);
      shop.write(quick, 'patient');
      const third = app.run(['deploy', 'local', '--wait']);
      await until('it is about to end', async () => (await shop.status()).operation?.step === 'canary');
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130 });
      expect(await third).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('waiting: this environment is being changed by') as string,
      });
      expect(await shop.answer()).toBe('patient');
    });

    it('unlock says that nobody holds the lock, and takes none from an operation that runs well', async () => {
      expect(await app.run(['unlock', 'local'])).toMatchObject({ code: 0, stdout: 'Nobody holds the lock of local.\n' });
      const { ended } = await shop.inCanary('locked');
      expect(await app.run(['unlock', 'local', '--yes'])).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1001') as string });
      expect(await app.run(['unlock', 'local', '--force'])).toMatchObject({ code: 2, stderr: expect.stringContaining('GC1005') as string });
      const taken = await app.json<{ unlocked: boolean; holder: { operation: string } }>(['unlock', 'local', '--force', '--yes']);
      expect(taken).toMatchObject({ unlocked: true, holder: { operation: 'deploy' } });
      expect(shapeOf(taken)).toEqual(shapeOf(documented('unlock')));
      expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1008') as string });
      await shop.deploy('unlocked');
      expect(await shop.answer()).toBe('unlocked');
    });
  });

  describe('an end in the middle', () => {
    it('Ctrl-C in the canary takes the release back and says what serves', async () => {
      const before = await shop.live();
      const { child, ended } = await shop.inCanary('interrupted');
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect(code).toBe(130);
      expect(stderr).toContain(`↺ rolled back to release ${before?.number} (${before?.release})`);
      expect(stderr).toContain('0 of ');
      expect(await shop.status()).toMatchObject({ operation: null, share: 0, release: before?.release });
    });

    it('a second Ctrl-C leaves at once and says what goes on; the release is taken back all the same', async () => {
      const before = await shop.live();
      const { child, ended } = await shop.inCanary('deaf', "process.on('SIGTERM', () => {});\n");
      child.kill('SIGINT');
      await until('the next set is being stopped', async () => (await shop.status()).operation?.step !== 'canary');
      await until('it leaves', async () => {
        child.kill('SIGINT');
        return child.exitCode !== null || child.signalCode !== null;
      });
      expect((await ended).stderr).toContain('Stopped by force. The supervisor goes on with what it was asked to end');
      await until('it is taken back', async () => (await shop.status()).operation === null, 20_000);
      expect(await shop.status()).toMatchObject({ release: before?.release, share: 0 });
    });

    it('a terminal that is closed takes nothing back: the release goes on', async () => {
      const { child } = await shop.inCanary('goes on');
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGHUP');
      await gone;
      expect((await shop.status()).operation).toMatchObject({ name: 'deploy', step: 'canary' });
      expect(await app.run(['rollback', 'local'])).toMatchObject({ code: 0 });
    });

    it('a supervisor that dies is waited out, and what serves is told', async () => {
      const before = await shop.live();
      const { ended } = await shop.inCanary('killed');
      process.kill(shop.supervisorPid(), 'SIGKILL');
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1004') as string });
      expect(stdout).toContain('the next one finishes or takes back what it left');
      expect(stderr).toContain(`rolled back to release ${before?.number} (${before?.release})`);
      expect(await shop.status()).toMatchObject({ release: before?.release, share: 0 });
    });

    it.skipIf(!hasScript())('the key r takes back what a person at the terminal does not like', async () => {
      const before = await shop.live();
      shop.write(slow, 'disliked');
      const terminal = app.startOnTerminal(['deploy', 'local']);
      let shown = '';
      terminal.stdout?.on('data', (chunk: Buffer) => (shown += chunk.toString()));
      const ended = new Promise((resolve) => terminal.once('exit', resolve));
      await until('the key is offered', async () => shown.includes('press r to roll back'), 20_000);
      terminal.stdin?.write('r');
      await ended;
      const told = readFileSync(join(app.folder, 'errors.txt'), 'utf8');
      expect(told).toMatch(
        new RegExp(`^↺ rolled back to release ${before?.number} \\(${before?.release}\\)[^\n]*: [^\n]+ release [0-9]+[^\n]*\n$`),
      );
      expect(await shop.status()).toMatchObject({ operation: null, release: before?.release });
    });

    it('destroy waits for nobody: it is refused while a release is under way, and nothing is removed', async () => {
      const { child, ended } = await shop.inCanary('in the way of destroy');
      const refused = await app.run(['destroy', 'local', '--yes']);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1001') as string });
      expect((await shop.status()).operation).toMatchObject({ step: 'canary' });
      child.kill('SIGINT');
      await ended;
      expect(await shop.answer()).not.toBe('in the way of destroy');
    });

    it('works without a terminal, and with standard input closed', async () => {
      shop.write(quick, 'no input');
      expect(await app.runRedirected('<&-', ['deploy', 'local'])).toMatchObject({ code: 0 });
      expect(await shop.answer()).toBe('no input');
    });

    it('an output that takes no more is an error without a stack', async () => {
      const { code, stderr } = await app.runRedirected('>/dev/full', ['status', 'local']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^✗ the output cannot be written: ENOSPC[^\n]* {2}GC1008\n/);
      expect(stderr).not.toMatch(/^ +at /m);
    });
  });
});

/** util-linux's, which runs a command on a new terminal. */
function hasScript(): boolean {
  return process.platform === 'linux' && existsSync('/usr/bin/script');
}
