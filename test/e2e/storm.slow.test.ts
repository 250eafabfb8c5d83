import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/platforms/local/client.ts';
import { placesOf } from '../../src/platforms/local/places.ts';
import type { Status } from '../../src/platforms/platform.ts';
import { copyOf, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { standardClients, storm } from '../../evidence/storm/storm.ts';
import { send, startLoad, type Load } from '../rig/load.ts';
import { compare, newLedger, signUp, tasklyClient, type Account, type Ledger } from '../rig/taskly.ts';
import { until } from '../rig/until.ts';

const accountsWanted = 4;
const minute = 60_000;

describe.skipIf(!isBuilt())('the Storm', () => {
  it(
    'loses no request and no write in 60 releases, rollbacks, scalings and restarts under 250,000 requests',
    async () => {
      const seed = Number(process.env['GANTRY_SEED'] ?? Math.floor(Math.random() * 1_000_000));
      const log = (line: string): void => console.log(line);
      const size = { operations: 60, requests: 250_000, deadlineMs: 25 * minute };
      const { operations, report, ledger, meter } = await storm({ ...size, seed, clients: standardClients, log });
      console.log(`the Storm, GANTRY_SEED=${seed}: ${JSON.stringify({ operations, report, ledger, meter })}`);
      expect({ failures: report.failures, examples: report.examples }).toEqual({ failures: {}, examples: [] });
      expect(ledger).toMatchObject({ lost: 0, duplicated: 0, strange: 0 });
      expect(meter.failed).toBe(0);
      expect(Object.values(operations).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(60);
      expect(report.requests).toBeGreaterThanOrEqual(250_000);
    },
    30 * minute,
  );
});

describe.skipIf(!isBuilt())('Taskly, killed under load', () => {
  let app: AppFolder;
  let url = '';

  beforeAll(async () => {
    app = copyOf('taskly');
    ({ url } = await app.json<{ url: string }>(['up', '--detach']));
  });
  afterAll(async () => app.remove());

  const status = async (): Promise<Status> => app.json<Status>(['status', 'local']);

  /** Accounts of its own for every storm, so that ledgers do not mix. */
  async function underLoad(): Promise<{ readonly load: Load; readonly ledger: Ledger }> {
    const accounts: Account[] = [];
    for (let index = 0; index < accountsWanted; index += 1) accounts.push(await signUp(url));
    const ledger = newLedger(accounts);
    const kept = accounts.flatMap((account) => [1, 2, 3].map(() => tasklyClient(account, ledger, true, 8)));
    const fresh = accounts.map((account) => tasklyClient(account, ledger, false, 8));
    return { ledger, load: startLoad(url, [...kept, ...fresh]) };
  }

  it('keeps every acknowledged write when replicas, the supervisor and PostgreSQL are killed', async () => {
    const { ledger, load } = await underLoad();
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
    const postgresPid = async (): Promise<number | undefined> => (await status()).resources.find(({ type }) => type === 'postgres')?.pid;
    const killed = await postgresPid();
    assert(killed !== undefined, 'PostgreSQL runs as a process');
    process.kill(killed, 'SIGKILL');
    await until('PostgreSQL runs anew', async () => ![killed, undefined].includes(await postgresPid()), 30_000);
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
