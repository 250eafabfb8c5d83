import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, countConnections, eventually, type Replica } from './support/backend.ts';
import { startGate } from './support/gate.ts';
import { call, newPerson, Stream, type Answer, type Person } from './support/client.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let shared: PostgresServer | undefined;
const start = async (options: Parameters<typeof startWorld>[0] = {}): Promise<World> =>
  (world = await startWorld({ on: shared, ...options }));
afterEach(() => world?.end());

/** Two seconds, and what a busy machine adds. */
const SOON_MS = 3000;

const timed = async (work: () => Promise<Answer>): Promise<Answer & { ms: number }> => {
  const begin = performance.now();
  const answer = await work();
  return { ...answer, ms: performance.now() - begin };
};
const waitsForLock = async (database: Awaited<ReturnType<typeof connectDatabase>>): Promise<boolean> =>
  (await database.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'")).rows.length > 0;
const isReady = (replica: Replica): Promise<boolean> => call(replica.url, 'GET', '/api/health/ready').then(({ status }) => status === 200);

describe.skipIf(postgresMissing)('a database that is away', { timeout: 60_000 }, () => {
  test('is told within two seconds; the process lives, is not ready, and recovers by itself', async () => {
    await start();
    const [replica] = world.replicas as [Replica];
    const ana = await newPerson(world.url);
    await world.database.kill();

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => timed(() => (i % 2 ? ana.create(`lost ${i}`) : ana.call('GET', '/api/tasks')))),
    );
    for (const answer of answers) {
      expect([answer.status, answer.json.error.code]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.ms).toBeLessThan(SOON_MS);
    }
    // Later ones do not even wait.
    await eventually('failing fast', async () => (await timed(() => ana.call('GET', '/api/tasks'))).ms < 200);
    const ready = await timed(() => call(world.url, 'GET', '/api/health/ready'));
    expect([ready.status, ready.json]).toEqual([503, { status: 'unready', reason: 'database' }]);
    expect((await call(world.url, 'GET', '/api/health/live')).status).toBe(200);
    expect((await call(world.url, 'GET', '/api/health')).json.status).toBe('healthy');

    await world.database.start();
    await eventually('ready again', () => isReady(replica), 3000);
    expect((await ana.create('after')).status).toBe(201);
    expect(await ana.titles()).toEqual(['after']);
  });

  test('for a moment costs nobody anything: requests wait for it', async () => {
    await start({ replicas: 0 });
    const gate = await startGate(world.database.port);
    const replica = await world.add({ DATABASE_URL: world.database.url.replace(`:${world.database.port}`, `:${gate.port}`) });
    const ana = await newPerson(replica.url);
    gate.cut();
    const waiting = Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? ana.create(`task ${i}`) : ana.call('GET', '/api/tasks'))));
    await eventually('they have noticed', () => gate.refused() > 0);
    gate.open();
    const statuses = (await waiting).map((answer) => answer.status);
    expect(statuses).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 ? 201 : 200)));
    expect(await ana.all()).toHaveLength(10);
    await replica.stop();
    await gate.close();
  });

  test('killed again and again while tasks are written: what was acknowledged is there once, what was not at most once', async () => {
    await start({ replicas: 2, fast: false });
    const ana = await newPerson(world.url);
    const acknowledged = new Set<string>();
    const sent = new Set<string>();
    const odd: Answer[] = [];
    let stop = false;
    const writer = async (replica: Replica): Promise<void> => {
      const me = ana.tab(replica.url);
      while (!stop) {
        const title = randomUUID();
        sent.add(title);
        // Like a browser: the same request again until it is answered.
        for (let answered = false; !answered && !stop;) {
          const answer = await me.create(title, { 'idempotency-key': title });
          if (answer.status === 201) acknowledged.add(title);
          else if (answer.status !== 503) odd.push(answer);
          answered = answer.status !== 503;
          if (!answered) await sleep(50);
        }
      }
    };
    const writers = world.replicas.flatMap((replica) => [writer(replica), writer(replica), writer(replica)]);
    for (let round = 0; round < 4; round++) {
      const before = acknowledged.size;
      await eventually('writes succeed', () => acknowledged.size > before + 20);
      await world.database.kill();
      await world.database.start();
    }
    const last = acknowledged.size;
    await eventually('writes succeed again', () => acknowledged.size > last + 20, 5000);
    stop = true;
    await Promise.all(writers);
    expect(odd).toEqual([]);
    const titles = await ana.titles();
    expect(new Set(titles).size).toBe(titles.length);
    expect([...acknowledged].filter((title) => !titles.includes(title))).toEqual([]);
    expect(titles.filter((title) => !sent.has(title))).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('frozen, it is the same: 503 within about two seconds, nothing piles up', async () => {
    await start();
    const [replica] = world.replicas as [Replica];
    const ana = await newPerson(world.url);
    await Promise.all(Array.from({ length: 10 }, () => ana.call('GET', '/api/tasks')));
    world.database.freeze(true);
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, () => timed(() => ana.call('GET', '/api/tasks'))));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([503]));
      expect(Math.max(...answers.map((answer) => answer.ms))).toBeLessThan(SOON_MS);
      expect((await timed(() => call(world.url, 'GET', '/api/health/ready'))).ms).toBeLessThan(SOON_MS);
      expect((await timed(() => call(world.url, 'GET', '/api/health/live'))).ms).toBeLessThan(500);
    } finally {
      world.database.freeze(false);
    }
    await eventually('ready again', () => isReady(replica), 4000);
    expect((await ana.create('after')).status).toBe(201);
  });

  test('without a free connection, those that have one go on and a new replica waits its turn', async () => {
    await start({ settings: { max_connections: '12', superuser_reserved_connections: '0', reserved_connections: '0' } });
    const ana = await newPerson(world.url);
    const taken = [];
    for (;;) {
      const client = await connectDatabase(world.database.url).catch(() => undefined);
      if (!client) break;
      taken.push(client);
    }
    expect((await ana.call('GET', '/api/tasks')).status).toBe(200);
    const late = await world.add();
    const refused = await timed(() => ana.tab(late.url).call('GET', '/api/tasks'));
    expect([refused.status, refused.ms < SOON_MS]).toEqual([503, true]);
    await Promise.all(taken.map((client) => client.end()));
    await eventually('the late one is ready', () => isReady(late));
    expect((await ana.tab(late.url).call('GET', '/api/tasks')).status).toBe(200);
  });

  test('never gets more than six connections from a replica', async () => {
    await start({ env: { SIGN_UPS_PER_HOUR: '1000' } });
    const people = await Promise.all(Array.from({ length: 10 }, () => newPerson(world.url)));
    const database = await connectDatabase(world.database.url);
    let most = 0;
    const load = Promise.all(people.flatMap((person) => Array.from({ length: 20 }, (_, i) => person.create(`task ${i}`))));
    for (let i = 0; i < 20; i++) {
      most = Math.max(most, await countConnections(database, 'taskly'));
    }
    expect((await load).every((answer) => answer.status === 201)).toBe(true);
    await database.end();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
  });

  test('that makes one account wait leaves the others alone', async () => {
    await start();
    const [ana, bob] = await Promise.all([newPerson(world.url), newPerson(world.url)]);
    const database = await connectDatabase(world.database.url);
    await database.query('begin');
    await database.query('select * from account_state where account_id = (select id from accounts where email = $1) for update', [
      ana.email,
    ]);
    const stuck = Promise.all(Array.from({ length: 30 }, () => timed(() => ana.create('stuck'))));
    for (let i = 0; i < 10; i++) expect((await timed(() => bob.create('quick'))).ms).toBeLessThan(1000);
    for (const answer of await stuck) expect([answer.status, answer.ms < SOON_MS]).toEqual([503, true]);
    await database.query('rollback');
    await database.end();
    expect((await ana.create('free again')).status).toBe(201);
    expect(await ana.titles()).toEqual(['free again']);
  });

  test('that has become read-only is no defect: reads go on, writes answer 503 until it is a primary again', async () => {
    await start();
    const ana = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    const setReadOnly = async (value: string): Promise<void> => {
      await database.query(`alter system set default_transaction_read_only = ${value}`);
      await database.query('select pg_reload_conf()');
    };
    await setReadOnly('on');
    await eventually('writes are refused', async () => (await ana.create('no')).status === 503);
    expect((await ana.call('GET', '/api/tasks')).status).toBe(200);
    await database.query('set default_transaction_read_only = off');
    await setReadOnly('off');
    await eventually('writes succeed', async () => (await ana.create('yes')).status === 201);
    await database.end();
  });

  test('at the start is no reason to die: the replica becomes ready when it comes', async () => {
    await start();
    await world.database.kill();
    const late = await world.add();
    expect((await call(late.url, 'GET', '/api/health/live')).status).toBe(200);
    expect((await call(late.url, 'GET', '/api/health/ready')).json.reason).toBe('database');
    await world.database.start();
    await eventually('ready', () => isReady(late), 5000);
  });
});

describe.skipIf(postgresMissing)('stopping', { timeout: 60_000 }, () => {
  const DRAIN = { DRAIN_MS: '600' };
  beforeAll(async () => {
    if (!postgresMissing) shared = await startPostgres();
  });
  afterAll(() => shared?.remove());

  test('under load: every request that was sent is answered, readiness goes first, exit 0', async () => {
    await start({ env: DRAIN });
    const [replica] = world.replicas as [Replica];
    const ana = await newPerson(world.url);
    const answers: Answer[] = [];
    let closing = 0;
    // Like a proxy: it sends until a replica says that it closes.
    const sender = async (): Promise<void> => {
      for (let i = 0; ; i++) {
        const answer = await (i % 2 ? ana.create(`task ${i}`) : ana.call('GET', '/api/tasks?limit=5'));
        answers.push(answer);
        if (answer.headers.connection === 'close') {
          closing++;
          return;
        }
      }
    };
    const senders = Promise.all(Array.from({ length: 16 }, sender));
    await eventually('there is load', () => answers.length > 100);
    replica.signal('SIGTERM');
    await eventually('not ready', async () => (await call(replica.url, 'GET', '/api/health/ready')).json.reason === 'draining');
    expect((await call(replica.url, 'GET', '/api/health/live')).status).toBe(200);
    await senders;
    expect(closing).toBe(16);
    expect(answers.filter((answer) => ![200, 201].includes(answer.status))).toEqual([]);
    expect(await replica.ended).toBe(0);
  });

  test('finishes what is in flight', async () => {
    await start({ env: { DRAIN_MS: '50' } });
    const [replica] = world.replicas as [Replica];
    const ana = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    await database.query('begin');
    await database.query('select * from account_state for update');
    const slow = ana.create('slow');
    await eventually('it waits in the database', () => waitsForLock(database));
    replica.signal('SIGTERM');
    await eventually('no new connections', () =>
      call(replica.url, 'GET', '/api/health/live', { headers: { connection: 'close' } }).then(
        () => false,
        () => true,
      ),
    );
    await database.query('commit');
    await database.end();
    expect((await slow).status).toBe(201);
    expect(await replica.ended).toBe(0);
  });

  test('sends streams elsewhere, at different moments, and they miss nothing', async () => {
    await start({ replicas: 2, env: DRAIN });
    const [first, second] = world.replicas as [Replica, Replica];
    const ana = await newPerson(first.url);
    const streams = await Promise.all(Array.from({ length: 8 }, () => Stream.open(ana)));
    await ana.create('before');
    for (const stream of streams) await stream.next((event) => event.event === 'task');
    first.signal('SIGTERM');
    for (const stream of streams) {
      await eventually('the stream ends', () => stream.closed, 500);
      expect(stream.retry).toBeGreaterThanOrEqual(200);
      expect(stream.retry).toBeLessThan(2000);
    }
    expect(new Set(streams.map((stream) => stream.retry)).size).toBeGreaterThan(1);
    const late = await Stream.open(ana);
    await eventually('a late one is sent on at once', () => late.closed && late.retry !== 2000);
    const elsewhere = ana.tab(second.url);
    await elsewhere.create('meanwhile');
    const resumed = await Stream.open(elsewhere, streams[0]?.lastId);
    expect((await resumed.next((event) => event.event === 'task')).data.task.title).toBe('meanwhile');
    resumed.close();
    expect(await first.ended).toBe(0);
  });

  test('does not wait for ever: what is still in flight after the grace is cut, exit 1', async () => {
    await start({ env: { DRAIN_MS: '0', GRACE_MS: '300' } });
    const [replica] = world.replicas as [Replica];
    const ana = await newPerson(world.url);
    const database = await connectDatabase(world.database.url);
    await database.query('begin');
    await database.query('select * from account_state for update');
    const cut = ana.create('slow').catch(() => 'cut');
    await eventually('it waits in the database', () => waitsForLock(database));
    replica.signal('SIGTERM');
    expect(await cut).toBe('cut');
    expect(await replica.ended).toBe(1);
    await database.end();
  });

  test('asked twice, it goes at once', async () => {
    await start({ env: { DRAIN_MS: '30000' } });
    const [replica] = world.replicas as [Replica];
    replica.signal('SIGTERM');
    await eventually('it stops', () => replica.log().includes('"stopping"'));
    replica.signal('SIGTERM');
    expect(await replica.ended).toBe(1);
  });

  test('by Ctrl-C is the same', async () => {
    await start();
    const [replica] = world.replicas as [Replica];
    replica.signal('SIGINT');
    expect(await replica.ended).toBe(0);
  });

  test('closes its connections to the database', async () => {
    await start();
    const [replica] = world.replicas as [Replica];
    await newPerson(world.url);
    await replica.stop();
    const database = await connectDatabase(world.database.url);
    await eventually('no connection is left', async () => (await countConnections(database, 'taskly')) === 0);
    await database.end();
    expect(await replica.ended).toBe(0);
  });

  test('with a person signed in, nothing is lost: the other replica knows them', async () => {
    await start({ replicas: 2 });
    const [first, second] = world.replicas as [Replica, Replica];
    const ana: Person = await newPerson(first.url);
    await ana.create('kept');
    await first.stop();
    expect(await ana.tab(second.url).titles()).toEqual(['kept']);
  });
});
