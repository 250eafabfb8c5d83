import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, countConnections, eventually } from './support/backend.ts';
import { newPerson, Person, Stream } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let ana: Person;
let other: Person;
let streams: Stream[] = [];
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ replicas: 2, env: { EVENT_POLL_MS: '300', SIGN_UPS_PER_HOUR: '1000' } });
});
beforeEach(async () => {
  if (postgresMissing) return;
  ana = await newPerson(world.url);
  other = ana.tab(world.replicas[1]?.url);
});
afterEach(() => {
  for (const stream of streams) stream.close();
  streams = [];
});
afterAll(() => world?.end());

const open = async (person: Person, last?: string, path?: string): Promise<Stream> => {
  const stream = await Stream.open(person, last, path);
  streams.push(stream);
  return stream;
};
const ready = (stream: Stream): unknown => stream.events[0]?.data;

/** What a client that applies events has in the end. */
function state(stream: Stream): Map<string, number> {
  const tasks = new Map<string, number>();
  for (const { data } of stream.events.filter((event) => event.event === 'task')) {
    if (data.op === 'delete') tasks.delete(data.id);
    else tasks.set(data.task.id, data.task.version);
  }
  return tasks;
}

describe.skipIf(postgresMissing)('the stream', () => {
  test('begins with ready, and is not kept by anything in between', async () => {
    const stream = await open(ana);
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers['cache-control']).toBe('no-store');
    expect(stream.headers['x-accel-buffering']).toBe('no');
    expect(stream.headers['content-security-policy']).toContain("default-src 'none'");
    expect(stream.events[0]).toEqual({ id: '0', event: 'ready', data: { resumed: false } });
    expect(stream.retry).toBe(2000);
  });

  test('tells of a new, a changed and a deleted task, from the other replica too', async () => {
    const stream = await open(ana);
    const { json: task } = await other.create('from the other replica');
    expect((await stream.next((event) => event.event === 'task')).data).toEqual({ op: 'put', task });
    const { json: changed } = await other.change(task.id, { version: 1, done: true });
    await stream.next((event) => event.data.task?.version === 2);
    expect(stream.events.at(-1)?.data).toEqual({ op: 'put', task: changed });
    await other.call('DELETE', `/api/tasks/${task.id}`);
    expect((await stream.next((event) => event.data.op === 'delete')).data).toEqual({ op: 'delete', id: task.id });
    expect(stream.events.map((event) => event.id)).toEqual(['0', '1', '2', '3']);
  });

  test('reaches every tab of the account', async () => {
    const tabs = await Promise.all([open(ana), open(ana), open(other), open(other)]);
    const { json: task } = await ana.create('everywhere');
    for (const tab of tabs) expect((await tab.next((event) => event.event === 'task')).data).toEqual({ op: 'put', task });
  });

  test('tells nothing of what failed or changed nothing', async () => {
    const { json: task } = await ana.create('a');
    const stream = await open(ana);
    await ana.create({ title: '' });
    await ana.change(task.id, { version: 9, title: 'b' });
    await ana.change(task.id, { version: 1, title: 'a' });
    await ana.create('end');
    await stream.next((event) => event.data.task?.title === 'end');
    expect(stream.events.map((event) => event.event)).toEqual(['ready', 'task']);
  });

  test('goes on exactly where it broke off, on another replica', async () => {
    const first = await open(ana);
    await ana.create('seen');
    await first.next((event) => event.data.task?.title === 'seen');
    first.close();
    await ana.create('missed 1');
    await ana.create('missed 2');
    const second = await open(other, first.lastId);
    expect(ready(second)).toEqual({ resumed: true });
    await second.next((event) => event.data.task?.title === 'missed 2');
    await ana.create('live');
    await second.next((event) => event.data.task?.title === 'live');
    expect(second.events.slice(1).map((event) => event.data.task.title)).toEqual(['missed 1', 'missed 2', 'live']);
  });

  test('several missed changes of one task come as one', async () => {
    const first = await open(ana);
    const last = first.lastId;
    const { json: task } = await ana.create('v1');
    for (let version = 1; version < 6; version++) await ana.change(task.id, { version, title: `v${version + 1}` });
    const { json: gone } = await ana.create('short life');
    await ana.call('DELETE', `/api/tasks/${gone.id}`);
    const second = await open(ana, last);
    await second.next((event) => event.data.op === 'delete');
    expect(second.events.slice(1).map((event) => event.data.task?.title ?? event.data.op)).toEqual(['v6', 'delete']);
    expect(second.lastId).toBe('8');
  });

  test('can be resumed by a query parameter as well', async () => {
    await ana.create('a');
    const stream = await open(ana, undefined, '/api/events?lastEventId=0');
    expect((await stream.next((event) => event.event === 'task')).data.task.title).toBe('a');
    expect(ready(stream)).toEqual({ resumed: true });
  });

  test.each(['999999', '-1', 'x', '', '1.5', '9'.repeat(40), '1; drop table changes', '18446744073709551616'])(
    'does not believe the Last-Event-ID %j',
    async (last) => {
      await ana.create('a');
      const stream = await open(ana, last);
      expect(stream.events[0]).toMatchObject({ id: '1', event: 'ready', data: { resumed: false } });
    },
  );

  test('says so when what was missed is no longer written down', async () => {
    for (const title of ['a', 'b', 'c']) await ana.create(title);
    const database = await connectDatabase(world.database.url);
    await database.query('delete from changes where seq <= 2 and account_id = (select id from accounts where email = $1)', [ana.email]);
    expect(ready(await open(ana, '1'))).toEqual({ resumed: false });
    expect(ready(await open(ana, '2'))).toEqual({ resumed: true });
    expect(ready(await open(ana, '3'))).toEqual({ resumed: true });
    await database.query('delete from changes where account_id = (select id from accounts where email = $1)', [ana.email]);
    await database.end();
    expect(ready(await open(ana, '2'))).toEqual({ resumed: false });
    expect(ready(await open(ana, '3'))).toEqual({ resumed: true });
  });

  test('beats', async () => {
    const stream = await open(ana);
    await eventually('two heartbeats', () => stream.raw.split(': beat\n\n').length > 2);
    expect(stream.events).toHaveLength(1);
  });

  test('ends on every replica when its session signs out, and only then', async () => {
    const phone = new Person(world.url, { email: ana.email });
    await phone.signIn();
    const [mine, mineElsewhere, theirs] = await Promise.all([open(ana), open(other), open(phone)]);
    await ana.tab().signOut();
    for (const stream of [mine, mineElsewhere]) {
      await stream.next((event) => event.event === 'signed-out');
      await eventually('the stream closes', () => stream.closed);
    }
    await phone.create('still there');
    await theirs.next((event) => event.data.task?.title === 'still there');
    expect(theirs.events.some((event) => event.event === 'signed-out')).toBe(false);
    expect((await Stream.open(ana)).status).toBe(401);
  });

  test('twenty of one account are enough for one replica', async () => {
    await Promise.all(Array.from({ length: 20 }, () => open(ana)));
    const refused = await open(ana);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('5');
    streams[0]?.close();
    await eventually('there is room again', async () => (await open(ana)).status === 200);
  });

  test('a reader that stops reading is cut off instead of filling the memory', { timeout: 60_000 }, async () => {
    const stream = await Stream.open(ana);
    stream.pause();
    const metrics = async (): Promise<number> =>
      Number(/taskly_event_streams\{[^}]*\} (\d+)/.exec((await ana.call('GET', '/metrics')).text)?.[1]);
    await eventually('it is the only one', async () => (await metrics()) === 1);
    const { json: task } = await ana.create({ title: 'big', notes: 'x'.repeat(10_000) });
    let version: number = task.version;
    await eventually(
      'the stream is gone',
      async () => {
        for (let i = 0; i < 50; i++)
          version = (await ana.change(task.id, { version, notes: `${version}${'y'.repeat(9000)}` })).json.version;
        return (await metrics()) === 0;
      },
      50_000,
    );
    stream.close();
    expect((await open(ana, stream.lastId)).status).toBe(200);
  });
});

describe.skipIf(postgresMissing)('no change is lost', () => {
  test('while many are committed at the same moment through both replicas', { timeout: 60_000 }, async () => {
    const readers = await Promise.all([open(ana), open(other)]);
    const work = Array.from({ length: 12 }, async (_, worker) => {
      const me = worker % 2 ? ana : other;
      for (let i = 0; i < 10; i++) {
        const { json: task } = await me.create(`${worker}.${i}`);
        if (i % 3 === 0) await me.change(task.id, { version: 1, done: true });
        if (i % 5 === 4) await me.call('DELETE', `/api/tasks/${task.id}`);
      }
    });
    await Promise.all(work);
    await ana.create('end');
    const truth = new Map((await ana.all()).map((task) => [task.id, task.version]));
    for (const reader of readers) {
      await reader.next((event) => event.data.task?.title === 'end');
      expect(state(reader)).toEqual(truth);
      const seen = reader.events.map((event) => Number(event.id));
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    }
  });

  test('by a reader that keeps breaking off and moving to the other replica', { timeout: 60_000 }, async () => {
    const tasks = new Map<string, number>();
    let stop = false;
    let connections = 0;
    const reader = (async () => {
      for (let last: string | undefined = '0'; ; connections++) {
        const stream: Stream = await Stream.open(connections % 2 ? ana : other, last);
        expect(ready(stream)).toEqual({ resumed: true });
        if (stop) await stream.next((event) => event.data.task?.title === 'end');
        else await eventually('something comes', () => stream.events.length > 3 || stop);
        stream.close();
        for (const { data } of stream.events.slice(1)) {
          if (data.op === 'delete') tasks.delete(data.id);
          else if (data.task) tasks.set(data.task.id, data.task.version);
        }
        last = stream.lastId;
        if (stream.events.some((event) => event.data.task?.title === 'end')) return;
      }
    })();
    await Promise.all(
      Array.from({ length: 6 }, async (_, worker) => {
        for (let i = 0; i < 15; i++) {
          const me = (worker + i) % 2 ? ana : other;
          const { json: task } = await me.create(`${worker}.${i}`);
          if (i % 2) await me.change(task.id, { version: 1, title: 'changed' });
          else if (i % 4 === 0) await me.call('DELETE', `/api/tasks/${task.id}`);
        }
      }),
    );
    await ana.create('end');
    stop = true;
    await reader;
    expect(connections).toBeGreaterThan(3);
    expect(tasks).toEqual(new Map((await ana.all()).map((task) => [task.id, task.version])));
  });

  test('by a commit that comes late: the number that was taken first is seen first', async () => {
    const stream = await open(ana);
    const database = await connectDatabase(world.database.url);
    const { rows } = await database.query<{ id: string }>('select id from accounts where email = $1', [ana.email]);
    const account = rows[0]?.id;
    // A slow transaction has taken number 1 and not committed; the next one must wait for it.
    await database.query('begin');
    await database.query('update account_state set seq = seq + 1 where account_id = $1', [account]);
    await database.query("insert into changes (account_id, seq, op) values ($1, 1, 'reload')", [account]);
    const created = other.create('second');
    await database.query('select pg_sleep(0.3)');
    expect(stream.events).toHaveLength(1);
    await database.query('commit');
    await database.end();
    expect((await created).status).toBe(201);
    await stream.next((event) => event.event === 'task');
    expect(stream.events.map((event) => `${event.id} ${event.event}`)).toEqual(['0 ready', '1 reload', '2 task']);
  });

  test('when the listening connection is cut: polling brings it, then listening is back', async () => {
    const stream = await open(ana);
    const database = await connectDatabase(world.database.url);
    const bothListen = async (): Promise<boolean> => (await countConnections(database, 'taskly-listener')) === 2;
    await eventually('both listen', bothListen);
    await database.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskly-listener'");
    await other.create('while nobody listens');
    await stream.next((event) => event.data.task?.title === 'while nobody listens', 5000);
    await eventually('both listen again', bothListen);
    await database.end();
    await other.create('listening again');
    await stream.next((event) => event.data.task?.title === 'listening again');
    expect(stream.events.map((event) => event.id)).toEqual(['0', '1', '2']);
  });
});
