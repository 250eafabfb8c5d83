/** Releases as a person makes them on the command line: plan, deploy, roll back, look. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { planFile, writtenPlan } from '../../src/release/plan.ts';
import { documented, shapeOf } from '../rig/documented.ts';
import { emptyFolder, isBuilt, type AppFolder, type Result } from '../rig/gantry.ts';
import { newShop, quick, type Released, type Shop } from '../rig/shop.ts';
import { until } from '../rig/until.ts';

describe.skipIf(!isBuilt())('releases on the command line', () => {
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

  it('a broken gantry.yaml kept everybody from looking and from going back', async () => {
    const { release: before } = await app.json<{ release: string }>(['status', 'local']);
    shop.write(quick, 'newer');
    expect(await app.run(['deploy', 'local'])).toMatchObject({ code: 0 });
    shop.write(`${quick}secrets: [X]\n`, 'newer');
    const looked = await app.run(['status', 'local']);
    expect(looked).toMatchObject({ code: 0, stderr: expect.stringContaining('The files have problems') as string });
    expect(looked.stdout).toContain('shop  local  release ');
    expect(await app.run(['releases', 'local'])).toMatchObject({ code: 0 });
    expect(await app.run(['logs', 'local'])).toMatchObject({ code: 0 });
    expect(await app.run(['rollback', 'local', '--yes'])).toMatchObject({ code: 0 });
    expect((await app.json<{ release: string }>(['status', 'local'])).release).toBe(before);
    expect(await app.run(['deploy', 'local'])).toMatchObject({ code: 2 });
    shop.write(quick, 'one');
  });

  describe('plan', () => {
    it('is empty after a deploy, and tells what an edit would change, by exit code too', async () => {
      const { stdout, code } = await app.run(['plan', 'local', '--exit-code']);
      expect(stdout).toMatch(/^shop -> local \(this machine\) {2}release [0-9]+ \([0-9a-f]{12}\) serves\n {2}Nothing would change\.\n$/);
      expect(code).toBe(0);
      shop.write(quick, 'edited');
      const edited = await app.run(['plan', 'local', '--exit-code']);
      expect(edited.code).toBe(3);
      expect(edited.stdout).toMatch(
        /\n {2}~ 1 changed {2}0 replaced {2}0 destroyed {2}no downtime, no data loss\n {2}~ service\/web {2}content [0-9a-f]{8} -> [0-9a-f]{8}\n$/,
      );
      expect(await app.run(['plan', 'local'])).toMatchObject({ code: 0 });
      expect(await app.run(['plan', 'local', '--bogus'])).toMatchObject({ code: 2 });
      expect(await shop.answer()).toBe('one');
      shop.write(quick, 'one');
    });

    it('says so when only something changes that does not run, and when nothing has drifted', async () => {
      shop.write(quick.replace('keep: 2', 'keep: 3'), 'one');
      expect((await app.run(['plan', 'local'])).stdout).toContain('~ app/settings  release');
      shop.write(quick, 'one');
      const drifted = await app.json<{ drift: unknown[] }>(['plan', 'local', '--drift']);
      expect(drifted.drift).toEqual([]);
    });

    it('has the document that docs/json.md shows', async () => {
      const file = join(app.folder, '../shown.json');
      const document = await app.json<object>(['plan', 'local', '--drift', '--out', file]);
      expect(document).toMatchObject({ running: true, summary: { unchanged: 1 }, changes: [{ kind: 'unchanged' }], drift: [], file });
      expect(shapeOf(document)).toEqual(shapeOf({ ...documented('plan'), drift: [], schema: [] }));
    });

    it('leaves no trace where nothing was ever started', async () => {
      const fresh = emptyFolder('fresh');
      try {
        mkdirSync(join(fresh.folder, 'web'), { recursive: true });
        writeFileSync(join(fresh.folder, 'gantry.yaml'), quick);
        writeFileSync(join(fresh.folder, 'web/main.js'), '');
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
      shop.write(quick, 'planned');
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
      shop.write(quick, 'edited since');
      expect(await refused(plan)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the files have changed since the plan was made  GR6002') as string,
      });
      shop.write(quick, 'planned');
      expect(await refused(plan)).toMatchObject({ code: 0 });
      expect(await shop.answer()).toBe('planned');
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
      const [first, second] = [await shop.deploy('first'), await shop.deploy('second')];
      const { stdout, code } = await app.run(['rollback', 'local']);
      expect(code).toBe(0);
      expect(stdout).toContain('contents of databases stay as they are');
      expect(stdout).toContain(`back to release ${first.number} (${first.release})`);
      expect(await shop.answer()).toBe('first');
      const back = await app.json<Released>(['rollback', 'local', String(second.number)]);
      expect(back).toMatchObject({ outcome: 'promoted', release: second.release });
      expect(await shop.answer()).toBe('second');
      expect(await app.json<Released>(['rollback', 'local', first.release.slice(0, 5)])).toMatchObject({ release: first.release });
    });

    it('refuses what is unknown, serves already, or is not kept any more, and lists what there is', async () => {
      const gone = await shop.deploy('soon gone');
      const address = /build +(?:[0-9.]+ s +)?web ([0-9a-f]{8})/.exec((await app.run(['deploy', 'local'])).stdout)?.[1] ?? 'no address';
      const before = await shop.deploy('after it');
      rmSync(findContent(address), { recursive: true });
      const refused = async (name: string): Promise<string> => {
        const { code, stderr } = await app.run(['rollback', 'local', name]);
        expect(code).toBe(1);
        return stderr;
      };
      expect(await refused('999')).toMatch(
        /no release 999 was ever promoted here {2}GR5002[^]*gantry rollback local [0-9a-f]{12} .*promoted \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
      );
      expect(await refused(String(before.number))).toContain('GR5004');
      expect(await refused(String(gone.number))).toContain('is not kept any more  GR5003');
      expect((await shop.releases()).find(({ release }) => release === gone.release)).toMatchObject({ runnable: false });
      expect((await shop.live())?.release).toBe(before.release);
    });

    it('ends a deploy that users are on, from another terminal', async () => {
      const before = await shop.live();
      const { ended } = await shop.inCanary('bad idea');
      expect(await app.run(['rollback', 'local'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/release [0-9]+ \([0-9a-f]{12}\) by \S+ was taken back/) as string,
      });
      expect(await ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/↺ rolled back to release [0-9]+ \([0-9a-f]{12}\) in [0-9.]+ m?s: up to 20 %/) as string,
      });
      expect((await shop.live())?.release).toBe(before?.release);
      expect((await shop.releases())[0]).toMatchObject({
        outcome: 'rolled back',
        failed: { step: 'canary', code: 'GR1004', message: expect.stringMatching(/^\S+@\S+ took the release back$/) as string },
      });
    });
  });

  describe('looking', () => {
    it('releases are listed newest first, with how they went', async () => {
      const made = await shop.deploy('listed');
      const [newest, ...older] = await shop.releases();
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
      const { number, release } = await shop.deploy('looked at');
      expect((await app.run(['status', 'local'])).stdout).toMatch(
        new RegExp(`^shop  local  release ${number} \\(${release}\\) promoted just now by \\S+  running  http`),
      );
      await app.run(['scale', 'local', 'web=1']);
      expect(shapeOf(await shop.status())).toEqual(shapeOf(documented('status')));
      await app.run(['scale', 'local', 'web=2']);
      const { child, ended } = await shop.inCanary('on its way');
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
    const before = await shop.live();
    const { ended } = await shop.inCanary('left half-way');
    expect((await app.run(['releases', 'local', '-n', '1'])).stdout).toMatch(/ {2}running {2}/);
    expect(await app.run(['down'])).toMatchObject({ code: 0 });
    await ended;
    expect((await app.run(['releases', 'local', '-n', '1'])).stdout).toMatch(/ {2}half-way {2}/);
    expect(await app.run(['deploy', 'local', '--plan', foreignPlan()])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the plan is for the app other, not shop  GR6001') as string,
    });
    expect((await app.run(['plan', 'local'])).stdout).toMatch(/the app does not run: all of it would be started\n {2}\+ 1 created/);
    expect((await shop.live())?.release).toBe(before?.release);
    expect((await app.run(['status', 'local'])).stdout).toContain(`release ${before?.number} promoted`);
    expect(await app.run(['rollback', 'local'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('gantry up --detach') as string,
    });
    shop.write(quick, 'started again');
    expect(await app.run(['deploy', 'local'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The app did not run: it is started') as string,
    });
    expect(await shop.answer()).toBe('started again');
  });

  function foreignPlan(): string {
    const file = join(app.folder, '../stranger.json');
    const [other, env] = [{ name: 'other' } as never, { name: 'local' } as never];
    writeFileSync(
      file,
      writtenPlan({ ...planFile({ app: other, env, content: {}, live: undefined, version: '0', changes: [] }), live: 'x' }),
    );
    return file;
  }

  function findContent(address: string): string {
    const cache = join(app.folder, '../cache');
    const found = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find(
      (path) => /content\/[0-9a-f]{32}$/.test(path) && path.includes(`/${address}`),
    );
    return join(cache, found ?? 'no content');
  }
});
