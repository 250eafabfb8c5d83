import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase } from './support/backend.ts';
import { newPerson, Stream, type Person } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let ana: Person;
let ids: Record<string, string>;
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ replicas: 2 });
});
beforeEach(async () => {
  if (postgresMissing) return;
  ana = await newPerson(world.url);
  ids = {};
  for (const title of ['a', 'b', 'c', 'd']) ids[title] = (await ana.create(title)).json.id;
});
afterAll(() => world?.end());

const id = (title: string): string => ids[title] ?? '';
const order = async (): Promise<string> => (await ana.titles()).join('');
const move = async (title: string, spot: Record<string, string | null>, person = ana): Promise<number> => {
  for (;;) {
    const { json } = await person.call('GET', `/api/tasks/${id(title)}`);
    const answer = await person.change(id(title), { version: json.version, ...spot });
    if (answer.status !== 409) return answer.status;
  }
};

describe.skipIf(postgresMissing)('order', () => {
  test('new tasks come last', async () => {
    expect(await order()).toBe('abcd');
  });

  test.each([
    ['a behind c', 'a', { after: 'c' }, 'bcad'],
    ['d behind a', 'd', { after: 'a' }, 'adbc'],
    ['b to where it is', 'b', { after: 'a' }, 'abcd'],
    ['d first', 'd', { after: null }, 'dabc'],
    ['a first, where it is', 'a', { after: null }, 'abcd'],
    ['a last', 'a', { before: null }, 'bcda'],
    ['a in front of d', 'a', { before: 'd' }, 'bcad'],
    ['d in front of a', 'd', { before: 'a' }, 'dabc'],
    ['c in front of b', 'c', { before: 'b' }, 'acbd'],
  ])('moves %s', async (_, title, spot, expected) => {
    const named = Object.fromEntries(Object.entries(spot).map(([side, at]) => [side, at === null ? null : id(at)]));
    expect(await move(title, named)).toBe(200);
    expect(await order()).toBe(expected);
  });

  test('the position in the answer sorts where the task now is', async () => {
    await move('d', { after: id('a') });
    const tasks = await ana.all();
    const sorted = tasks.toSorted((x, y) => (x.position < y.position ? -1 : 1));
    expect(sorted.map((task) => task.title)).toEqual(['a', 'd', 'b', 'c']);
  });

  test('creates at a spot', async () => {
    await ana.create({ title: 'x', after: id('b') });
    await ana.create({ title: 'y', before: id('a') });
    await ana.create({ title: 'z', after: null });
    expect(await order()).toBe('zyabxcd');
  });

  test('moves and edits at once', async () => {
    const answer = await ana.change(id('a'), { version: 1, title: 'A', done: true, before: null });
    expect(answer.json).toMatchObject({ title: 'A', done: true, version: 2 });
    expect(await order()).toBe('bcdA');
  });

  test.each([
    ['itself', 'after', 'a'],
    ['a task that is gone', 'before', 'gone'],
  ])('a move next to %s is refused and names the field', async (_, field, to) => {
    if (to === 'gone') {
      ids['gone'] = (await ana.create('gone')).json.id;
      await ana.call('DELETE', `/api/tasks/${ids['gone']}`);
    }
    const answer = await ana.change(id('a'), { version: 1, [field]: id(to) });
    expect([answer.status, Object.keys(answer.json.error.fields)]).toEqual([400, [field]]);
    expect(await order()).toBe('abcd');
  });

  test('with an old version it is a conflict', async () => {
    await ana.change(id('a'), { version: 1, title: 'A' });
    expect((await ana.change(id('a'), { version: 1, before: null })).status).toBe(409);
  });

  test('many moves at once, through both replicas, leave one order with every task once', async () => {
    const other = ana.tab(world.replicas[1]?.url);
    const titles = ['a', 'b', 'c', 'd'];
    const moves = Array.from({ length: 40 }, (_, i) => {
      const title = titles[i % 4] ?? 'a';
      const anchor = titles[(i * 7 + 1) % 4] ?? 'b';
      const spot = anchor === title ? { after: null } : i % 2 ? { after: id(anchor) } : { before: id(anchor) };
      return move(title, spot, i % 3 ? ana : other);
    });
    expect(new Set(await Promise.all(moves))).toEqual(new Set([200]));
    const tasks = await ana.all();
    expect(tasks.map((task) => task.title).toSorted()).toEqual(titles);
    expect(new Set(tasks.map((task) => task.position)).size).toBe(4);
  });

  test('tasks created at the same moment, through both replicas, all have places of their own', async () => {
    const other = ana.tab(world.replicas[1]?.url);
    const spots = [{}, { after: null }, { after: id('a') }, { before: id('b') }];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? ana : other).create({ title: `n${i}`, ...spots[i % 4] })),
    );
    expect(answers.every((answer) => answer.status === 201)).toBe(true);
    const tasks = await ana.all();
    expect(tasks).toHaveLength(44);
    expect(new Set(tasks.map((task) => task.position)).size).toBe(44);
    const between = (await order()).replaceAll(/n(\d+)/g, (_, n: string) => (Number(n) % 4 >= 2 ? 'm' : 'o'));
    expect(between).toMatch(/^o*am{20}bcdo*$/);
  });

  test('the same gap again and again: keys are renewed before they grow long, and clients hear of it', async () => {
    const database = await connectDatabase(world.database.url);
    const long = `a1${'1'.repeat(99)}V`;
    await database.query('update tasks set position = $2 where id = $1', [id('b'), long]);
    await database.query('update tasks set position = $2 where id = $1', [id('c'), `${long}V`]);
    await database.query("update tasks set position = 'a2' where id = $1", [id('d')]);
    const stream = await Stream.open(ana);
    expect(await order()).toBe('abcd');
    expect((await ana.create({ title: 'x', after: id('b') })).status).toBe(201);
    expect(await order()).toBe('abxcd');
    for (const task of await ana.all()) expect(task.position.length).toBeLessThan(10);
    await stream.next((event) => event.event === 'reload');
    await stream.next((event) => event.data.task?.title === 'x');
    stream.close();
    await database.end();
  });

  test('a thousand times into one gap stays in order', { timeout: 60_000 }, async () => {
    const before = id('b');
    for (let i = 0; i < 250; i++) await Promise.all([0, 1, 2, 3].map((n) => ana.create({ title: `${i}.${n}`, before })));
    const tasks = await ana.all();
    expect(tasks).toHaveLength(1004);
    expect(tasks.slice(1, -3).map((task) => Number(task.title.split('.')[0]))).toEqual(
      Array.from({ length: 1000 }, (_, i) => Math.floor(i / 4)),
    );
    expect(Math.max(...tasks.map((task) => task.position.length))).toBeLessThanOrEqual(100);
  });
});
