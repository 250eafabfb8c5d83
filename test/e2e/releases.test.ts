/** Releases as a person makes them on the command line: plan, deploy, roll back, look, and everything that can come between. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/platforms/platform.ts';
import { documented, shapeOf } from '../rig/documented.ts';
import { emptyFolder, isBuilt, type AppFolder, type Result } from '../rig/gantry.ts';
import { until } from '../rig/until.ts';

interface Released {
  readonly outcome: string;
  readonly release: string;
  readonly number: number;
  readonly serves: { readonly release: string; readonly number: number };
  readonly url: string;
}

interface Listed extends Omit<Released, 'serves' | 'url'> {
  readonly live: boolean;
  readonly runnable: boolean;
  readonly operation: string;
  readonly failed: { readonly step: string; readonly code: string } | null;
}

/** A server whose answer names its version. */
const server = (version: string): string =>
  `require('node:http').createServer((request, response) => response.end('${version}')).listen(process.env.PORT, process.env.HOST);\n`;

const appFile = (release: string, name = 'shop'): string => `gantry: 1
app: ${name}
services:
  web: { build: ./web, run: node main.js, port: 8080, route: /, health: /, scale: { min: 2, max: 4 } }
release: ${release}
`;
const quick = appFile('{ canary: { share: 0 }, bake: 0s, keep: 2 }');
const slow = appFile('{ canary: { share: 20, duration: 10m }, bake: 10m, keep: 2 }');

describe.skipIf(!isBuilt())('releases on the command line', () => {
  let app: AppFolder;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    app = emptyFolder('shop');
    mkdirSync(join(app.folder, 'web'), { recursive: true });
    write(quick, 'one');
    expect(await app.run(['deploy', 'local'])).toMatchObject({ code: 0 });
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => app.remove());

  function write(file: string, version: string): void {
    writeFileSync(join(app.folder, 'gantry.yaml'), file);
    writeFileSync(join(app.folder, 'web/main.js'), server(version));
  }

  const status = async (): Promise<Status> => app.json<Status>(['status', 'local']);
  const releases = async (): Promise<Listed[]> => app.json<Listed[]>(['releases', 'local']);
  const live = async (): Promise<Listed | undefined> => (await releases()).find((entry) => entry.live);
  const answer = async (): Promise<string> => (await fetch((await status()).url)).text();
  const deploy = async (version: string): Promise<Released> => {
    write(quick, version);
    return app.json<Released>(['deploy', 'local']);
  };

  /** A deploy that stands still with a share of the requests on the next set. */
  async function inCanary(
    version: string,
    words: readonly string[] = [],
  ): Promise<{ readonly child: ChildProcess; readonly ended: Promise<Result> }> {
    write(slow, version);
    const child = app.start(['deploy', 'local', ...words]);
    started.push(child);
    const output = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const ended = new Promise<Result>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
    await until('the canary', async () => (await status()).operation?.step === 'canary', 20_000);
    return { child, ended };
  }

  describe('plan', () => {
    it('is empty after a deploy, and tells what an edit would change, by exit code too', async () => {
      const { stdout, code } = await app.run(['plan', 'local', '--exit-code']);
      expect(stdout).toMatch(/^shop -> local \(this machine\) {2}release [0-9]+ \([0-9a-f]{12}\) serves\n {2}Nothing would change\.\n$/);
      expect(code).toBe(0);
      write(quick, 'edited');
      const edited = await app.run(['plan', 'local', '--exit-code']);
      expect(edited.code).toBe(3);
      expect(edited.stdout).toMatch(
        /\n {2}~ 1 changed {2}0 replaced {2}0 destroyed {2}no downtime, no data loss\n {2}~ service\/web {2}content [0-9a-f]{8} -> [0-9a-f]{8}\n$/,
      );
      expect(await app.run(['plan', 'local'])).toMatchObject({ code: 0 });
      expect(await app.run(['plan', 'local', '--bogus'])).toMatchObject({ code: 2 });
      expect(await answer()).toBe('one');
      write(quick, 'one');
    });

    it('says so when only something changes that does not run, and when nothing has drifted', async () => {
      write(quick.replace('keep: 2', 'keep: 3'), 'one');
      expect((await app.run(['plan', 'local'])).stdout).toContain('~ app/settings  release');
      write(quick, 'one');
      const drifted = await app.json<{ drift: unknown[] }>(['plan', 'local', '--drift']);
      expect(drifted.drift).toEqual([]);
    });

    it('has the document that docs/json.md shows', async () => {
      const file = join(app.folder, '../shown.json');
      const document = await app.json<object>(['plan', 'local', '--drift', '--out', file]);
      expect(document).toMatchObject({ running: true, summary: { unchanged: 1 }, changes: [{ kind: 'unchanged' }], drift: [], file });
      expect(shapeOf(document)).toEqual(shapeOf({ ...documented('plan'), drift: [] }));
    });

    it('leaves no trace where nothing was ever started', async () => {
      const fresh = emptyFolder('fresh');
      try {
        mkdirSync(join(fresh.folder, 'web'), { recursive: true });
        writeFileSync(join(fresh.folder, 'gantry.yaml'), quick);
        writeFileSync(join(fresh.folder, 'web/main.js'), server('one'));
        const old = new Date(Date.now() - 60_000);
        utimesSync(join(fresh.folder, 'web/main.js'), old, old);
        await until(
          'the file is old enough to be remembered',
          async () => statSync(join(fresh.folder, 'web/main.js')).ctimeMs < Date.now() - 1200,
        );
        expect(await fresh.run(['plan', 'local', '--exit-code'])).toMatchObject({ code: 3 });
        expect(readdirSync(fresh.folder).toSorted()).toEqual(['gantry.yaml', 'web']);
        expect(readdirSync(join(fresh.folder, '..'))).toEqual(['fresh']);
      } finally {
        await fresh.remove();
      }
    });

    it('kept in a file is carried out as it is, or not at all', async () => {
      write(quick, 'planned');
      const file = join(app.folder, '../plan.json');
      expect(await app.run(['plan', 'local', '--out', file])).toMatchObject({ code: 0 });
      const plan = readFileSync(file, 'utf8');
      const refused = async (text: string): Promise<Result> => {
        writeFileSync(file, text);
        return app.run(['deploy', 'local', '--plan', file]);
      };
      expect(await refused('{}')).toMatchObject({ code: 2, stderr: expect.stringContaining('GR6003') as string });
      expect(await refused(plan.replace('"shop"', '"shap"'))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('changed after it was made  GR6003') as string,
      });
      write(quick, 'edited since');
      expect(await refused(plan)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the files have changed since the plan was made  GR6002') as string,
      });
      write(quick, 'planned');
      expect(await refused(plan)).toMatchObject({ code: 0 });
      expect(await answer()).toBe('planned');
      expect(await refused(plan)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/now release [0-9a-f]{12} does {2}GR6002/) as string,
      });
      expect(await app.run(['deploy', 'local', '--plan', 'nowhere.json'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('GR6003') as string,
      });
    });

    it('of another app or another version is refused', async () => {
      const { planFile, writtenPlan } = await import('../../src/release/plan.ts');
      const file = join(app.folder, '../foreign.json');
      const { version } = JSON.parse((await app.run(['--version', '--json'])).stdout) as { version: string };
      const made = (name: string, by: string): string =>
        writtenPlan({
          ...planFile({ app: { name } as never, env: { name: 'local' } as never, content: {}, live: undefined, version: by, changes: [] }),
          live: 'none',
        });
      writeFileSync(file, made('other', version));
      expect(await app.run(['deploy', 'local', '--plan', file])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the plan is for the app other, not shop  GR6001') as string,
      });
      writeFileSync(file, made('shop', '0.0.1'));
      expect(await app.run(['deploy', 'local', '--plan', file])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`the plan was made by Gantry 0.0.1; this is ${version}  GR6001`) as string,
      });
    });
  });

  describe('rollback', () => {
    it('goes to the release promoted before, and back again', async () => {
      const [first, second] = [await deploy('first'), await deploy('second')];
      const { stdout, code } = await app.run(['rollback', 'local']);
      expect(code).toBe(0);
      expect(stdout).toContain('contents of databases stay as they are');
      expect(stdout).toContain(`back to release ${first.number} (${first.release})`);
      expect(await answer()).toBe('first');
      const back = await app.json<Released>(['rollback', 'local', String(second.number)]);
      expect(back).toMatchObject({ outcome: 'promoted', release: second.release });
      expect(await answer()).toBe('second');
      expect(await app.json<Released>(['rollback', 'local', first.release.slice(0, 5)])).toMatchObject({ release: first.release });
    });

    it('refuses what is unknown, serves already, or is not kept any more, and lists what there is', async () => {
      const gone = await deploy('soon gone');
      const address = /build +(?:[0-9.]+ s +)?web ([0-9a-f]{8})/.exec((await app.run(['deploy', 'local'])).stdout)?.[1] ?? 'no address';
      const before = await deploy('after it');
      rmSync(findContent(address), { recursive: true });
      const refused = async (name: string): Promise<string> => {
        const { code, stderr } = await app.run(['rollback', 'local', name]);
        expect(code).toBe(1);
        return stderr;
      };
      expect(await refused('999')).toMatch(/no release 999 was ever promoted here {2}GR5002[^]*gantry rollback local [0-9a-f]{12}/);
      expect(await refused(String(before.number))).toContain('GR5004');
      expect(await refused(String(gone.number))).toContain('is not kept any more  GR5003');
      expect((await releases()).find(({ release }) => release === gone.release)).toMatchObject({ runnable: false });
      expect((await live())?.release).toBe(before.release);
    });

    it('ends a deploy that users are on, from another terminal', async () => {
      const before = await live();
      const { ended } = await inCanary('bad idea');
      expect(await app.run(['rollback', 'local'])).toMatchObject({ code: 0, stdout: expect.stringContaining('was taken back') as string });
      expect(await ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/↺ rolled back to release [0-9]+ \([0-9a-f]{12}\) in [0-9.]+ m?s: up to 20 %/) as string,
      });
      expect((await live())?.release).toBe(before?.release);
      expect((await releases())[0]).toMatchObject({ outcome: 'rolled back', failed: { step: 'canary', code: 'GR1004' } });
    });
  });

  describe('one writer', () => {
    it('a second deploy is told who is at work, a third waits for its turn', async () => {
      const { child, ended } = await inCanary('in the way');
      const began = performance.now();
      const second = await app.run(['deploy', 'local']);
      expect(second).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /being changed by \S+ \(deploy, since \S+, step canary\) {2}GR1001[^]*Wait with --wait, or look: gantry status local/,
        ) as string,
      });
      expect(performance.now() - began).toBeLessThan(3000);
      write(quick, 'patient');
      const third = app.run(['deploy', 'local', '--wait']);
      await until('it is about to end', async () => (await status()).operation?.step === 'canary');
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 130 });
      expect(await third).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('waiting: this environment is being changed by') as string,
      });
      expect(await answer()).toBe('patient');
    });

    it('unlock says that nobody holds the lock, and takes none from an operation that runs well', async () => {
      expect(await app.run(['unlock', 'local'])).toMatchObject({ code: 0, stdout: 'Nobody holds the lock of local.\n' });
      const { child, ended } = await inCanary('locked');
      expect(await app.run(['unlock', 'local', '--yes'])).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1001') as string });
      expect(await app.run(['unlock', 'local', '--force'])).toMatchObject({ code: 2, stderr: expect.stringContaining('GC1005') as string });
      const taken = await app.json<{ unlocked: boolean; holder: { operation: string } }>(['unlock', 'local', '--force', '--yes']);
      expect(taken).toMatchObject({ unlocked: true, holder: { operation: 'deploy' } });
      expect(shapeOf(taken)).toEqual(shapeOf(documented('unlock')));
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      await deploy('unlocked');
      expect(await answer()).toBe('unlocked');
    });
  });

  describe('an end in the middle', () => {
    it('Ctrl-C in the canary takes the release back and says what serves', async () => {
      const before = await live();
      const { child, ended } = await inCanary('interrupted');
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect(code).toBe(130);
      expect(stderr).toContain(`↺ rolled back to release ${before?.number} (${before?.release})`);
      expect(stderr).toContain('0 of ');
      expect(await status()).toMatchObject({ operation: null, share: 0, release: before?.release });
    });

    it('a terminal that is closed takes nothing back: the release goes on', async () => {
      const { child } = await inCanary('goes on');
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGHUP');
      await gone;
      expect((await status()).operation).toMatchObject({ name: 'deploy', step: 'canary' });
      expect(await app.run(['rollback', 'local'])).toMatchObject({ code: 0 });
    });

    it('a supervisor that dies is waited out, and what serves is told', async () => {
      const before = await live();
      const { ended } = await inCanary('killed');
      process.kill(supervisorPid(), 'SIGKILL');
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('GR1004') as string });
      expect(stdout).toContain('the next one finishes or takes back what it left');
      expect(stderr).toContain(`rolled back to release ${before?.number} (${before?.release})`);
      expect(await status()).toMatchObject({ release: before?.release, share: 0 });
    });

    it('works without a terminal, and with standard input closed', async () => {
      write(quick, 'no input');
      expect(await app.runRedirected('<&-', ['deploy', 'local'])).toMatchObject({ code: 0 });
      expect(await answer()).toBe('no input');
    });

    it('an output that takes no more is an error without a stack', async () => {
      const { code, stderr } = await app.runRedirected('>/dev/full', ['status', 'local']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^✗ the output cannot be written: ENOSPC[^\n]* {2}GC1008\n/);
      expect(stderr).not.toMatch(/^ +at /m);
    });
  });

  describe('looking', () => {
    it('releases are listed newest first, with how they went', async () => {
      const made = await deploy('listed');
      const [newest, ...older] = await releases();
      const { number, release } = made;
      expect(newest).toMatchObject({ number, release, outcome: 'promoted', live: true, runnable: true, commit: null, failed: null });
      expect(shapeOf([newest])).toEqual(shapeOf(documented('releases')));
      expect(shapeOf(made)).toEqual(shapeOf(documented('deploy, rollback')));
      const numbers = older.map(({ number }) => number).filter((number) => number > 0);
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      expect((await app.run(['releases', 'local', '-n', '1'])).stdout).toMatch(
        new RegExp(`^${made.number}  ${made.release}  serves  deploy  just now  .*\n$`),
      );
      const events = (await app.run(['releases', 'local', '--events'])).stdout.trim().split('\n');
      expect(events.map((line) => (JSON.parse(line) as { step?: string }).step)).toContain('retire');
    });

    it('status names the release, who promoted it, and the set that is on its way', async () => {
      const { number, release } = await deploy('looked at');
      expect((await app.run(['status', 'local'])).stdout).toMatch(
        new RegExp(`^shop  local  release ${number} \\(${release}\\) promoted just now by \\S+  running  http`),
      );
      await app.run(['scale', 'local', 'web=1']);
      expect(shapeOf(await status())).toEqual(shapeOf(documented('status')));
      await app.run(['scale', 'local', 'web=2']);
      const { child, ended } = await inCanary('on its way');
      const { stdout } = await app.run(['status', 'local']);
      expect(stdout).toMatch(/deploy by \S+, since \S+, step canary, 20 % of the requests on the next set\n/);
      expect(stdout).toMatch(/\n {2}web +2\/2 [^\n]+\n +next +2\/2 [^\n]+\n/);
      expect(stdout).toContain('Next: gantry rollback local ends it');
      child.kill('SIGINT');
      await ended;
    });
  });

  it('scale and restart keep users, and say so with figures', async () => {
    const scaled = await app.json<object>(['scale', 'local', 'web=3']);
    expect(scaled).toEqual({
      service: 'web',
      count: 3,
      durationMs: expect.any(Number) as number,
      meter: expect.objectContaining({ failed: 0 }) as object,
    });
    expect((await app.run(['status', 'local'])).stdout).toMatch(/web +3\/3 +pinned/);
    expect((await app.run(['scale', 'local', 'web=4'])).stdout).toMatch(
      /^✓ web has 4 replicas in [0-9.]+ s\. {2}0 of [0-9,]+ requests failed, (p99 [+-][0-9]+ ms, )?longest gap [0-9]+ ms$/m,
    );
    expect((await app.run(['scale', 'local', 'web=auto'])).stdout).toContain(
      '✓ web has the number of replicas that its scale asks for in ',
    );
    expect(await app.json<object>(['restart', 'local'])).toMatchObject({ restarted: ['web'], meter: { failed: 0 } });
  });

  it('images need another target, and every refusal says what to write', async () => {
    const told = async (words: readonly string[], code: number, text: string): Promise<void> => {
      expect(await app.run(['deploy', 'local', ...words])).toMatchObject({ code, stderr: expect.stringContaining(text) as string });
    };
    await told(['--image', 'web=shop@sha256:1'], 2, 'images need a container engine');
    await told(['--image', 'web'], 2, 'is not SERVICE=REF');
    await told(['--image', 'wbe=x'], 2, 'did you mean web?');
    await told(['--allow', 'G25'], 2, '--allow G25 needs a reason');
    await told(['--allow', 'G25', ''], 2, '--allow G25 needs a reason');
    await told(['--allow', 'G99', 'because'], 2, 'there is no guardrail G99  GR1006');
  });

  it('a plan, a list and a status need no running app; deploy starts it again', async () => {
    const before = await live();
    expect(await app.run(['down'])).toMatchObject({ code: 0 });
    expect((await app.run(['plan', 'local'])).stdout).toMatch(/the app does not run: all of it would be started\n {2}\+ 1 created/);
    expect((await live())?.release).toBe(before?.release);
    expect((await app.run(['status', 'local'])).stdout).toContain(`release ${before?.number} promoted`);
    expect(await app.run(['rollback', 'local'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('gantry up --detach') as string,
    });
    write(quick, 'started again');
    expect(await app.run(['deploy', 'local'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The app did not run: it is started') as string,
    });
    expect(await answer()).toBe('started again');
  });

  function findContent(address: string): string {
    const cache = join(app.folder, '../cache');
    const found = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find(
      (path) => /content\/[0-9a-f]{32}$/.test(path) && path.includes(`/${address}`),
    );
    return join(cache, found ?? 'no content');
  }

  function supervisorPid(): number {
    const log = readFileSync(join(app.folder, '.gantry/logs/supervisor.log'), 'utf8');
    return Number([...log.matchAll(/supervisor: started \(pid ([0-9]+)\)/g)].at(-1)?.[1]);
  }
});
