import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/platforms/local/client.ts';
import { placesOf } from '../../src/platforms/local/places.ts';
import type { Status } from '../../src/platforms/platform.ts';
import { copyOf, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { send, startLoad, type Load } from '../rig/load.ts';
import { compare, newLedger, signUp, tasklyClient, type Account, type Ledger } from '../rig/taskly.ts';
import { until } from '../rig/until.ts';

const accountsWanted = 4;
const releases = 5;
const requestsWanted = 20_000;

describe.skipIf(!isBuilt())('Taskly under load', () => {
  let app: AppFolder;
  let url = '';

  beforeAll(async () => {
    app = copyOf('taskly');
    ({ url } = await app.json<{ url: string }>(['up', '--detach']));
  });
  afterAll(async () => app.remove());

  const status = async (): Promise<Status> => app.json<Status>(['status', 'local']);

  /** Accounts of its own for every storm, so that ledgers do not mix. */
  async function storm(): Promise<{ readonly load: Load; readonly ledger: Ledger }> {
    const accounts: Account[] = [];
    for (let index = 0; index < accountsWanted; index += 1) accounts.push(await signUp(url));
    const ledger = newLedger(accounts);
    const kept = accounts.flatMap((account) => [1, 2, 3].map(() => tasklyClient(account, ledger, true, 8)));
    const fresh = accounts.map((account) => tasklyClient(account, ledger, false, 8));
    return { ledger, load: startLoad(url, [...kept, ...fresh]) };
  }

  it('loses no request while the app is edited and released five times', async () => {
    const { ledger, load } = await storm();
    onTestFinished(async () => void (await load.stop()));
    const ids = new Set<string>();
    for (let number = 1; number <= releases; number += 1) {
      appendFileSync(join(app.folder, 'backend/src/main.ts'), `\n// edition ${number}\n`);
      const index = join(app.folder, 'frontend/index.html');
      writeFileSync(index, readFileSync(index, 'utf8').replace(/<!-- edition \d+ -->|(?=<\/body>)/, `<!-- edition ${number} -->`));
      const { release, changed } = await app.json<{ release: string; changed: boolean }>(['up']);
      expect(changed).toBe(true);
      ids.add(release);
      expect((await send(url, { method: 'GET', path: '/' })).body).toContain(`edition ${number}`);
    }
    await load.reached(requestsWanted);
    const report = await load.stop();
    console.log(`releases under load: ${JSON.stringify(report)}`);
    expect(ids.size).toBe(releases);
    expect(report.failures).toEqual({});
    expect(report.requests).toBeGreaterThanOrEqual(requestsWanted);
    expect(await compare(url, ledger)).toMatchObject({ lost: 0, duplicated: 0, strange: 0 });
  });

  it('keeps every acknowledged write when replicas, the supervisor and PostgreSQL are killed', async () => {
    const { ledger, load } = await storm();
    onTestFinished(async () => void (await load.stop()));
    const phases: Record<string, Readonly<Record<string, number>>> = {};
    const note = (phase: string): void => void (phases[phase] = load.failures());

    for (const { id, pid } of (await status()).services.flatMap((service) => service.replicas)) {
      process.kill(pid, 'SIGKILL');
      await until(`${id} is replaced`, async () => (await status()).services.every(({ ready, desired }) => ready === desired), 30_000);
    }
    note('after every replica was killed');
    const pids = async (): Promise<number[]> =>
      (await status()).services.flatMap(({ replicas }) => replicas.map(({ pid }) => pid)).toSorted();
    const before = await pids();
    process.kill(await supervisorPid(app), 'SIGKILL');
    await until(
      'a new supervisor answers',
      async () => (await app.run(['status', 'local', '--json'])).code === 0 && (await status()).state === 'running',
      30_000,
    );
    expect(await pids()).toEqual(before);
    note('after the supervisor was killed');
    const ready = async (): Promise<boolean> =>
      (await send(url, { method: 'GET', path: '/api/health/ready' }).catch(() => ({ status: 0 }))).status === 200;
    process.kill((await status()).resources.find(({ type }) => type === 'postgres')?.pid ?? 0, 'SIGKILL');
    await until('PostgreSQL is away', async () => !(await ready()), 30_000);
    await until('PostgreSQL answers', ready, 30_000);
    note('after PostgreSQL was killed');
    const report = await load.stop();
    console.log(`sudden deaths: ${JSON.stringify({ ...report, phases })}`);
    const verdict = await compare(url, ledger);
    console.log(`ledger: ${JSON.stringify(verdict)}`);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, strange: 0 });
    expect(Object.keys(report.failures).filter((kind) => kind !== '502' && kind !== '503')).toEqual([]);
    expect(phases['after the supervisor was killed']).toEqual(phases['after every replica was killed']);
    expect(Object.keys(phases['after every replica was killed'] ?? {}).filter((kind) => kind !== '502')).toEqual([]);
  });
});

async function supervisorPid(app: AppFolder): Promise<number> {
  const client = await connect(placesOf(app.folder).supervisorSocket);
  const { pid } = await client.request('hello', {});
  client.close();
  return pid;
}
