import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase } from './support/backend.ts';
import { newPerson, type Person } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let ana: Person;
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ env: { SIGN_UPS_PER_HOUR: '1000' } });
});
beforeEach(async () => {
  if (!postgresMissing) ana = await newPerson(world.url);
});
afterAll(() => world?.end());

const query = (text: string): string => `&q=${encodeURIComponent(text)}`;

describe.skipIf(postgresMissing)('create', () => {
  test('with a title alone', async () => {
    const answer = await ana.create('  Buy milk ');
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/api/tasks/${answer.json.id}`);
    expect(answer.json).toMatchObject({ title: 'Buy milk', notes: '', due: null, done: false, doneAt: null, version: 1 });
    expect((await ana.call('GET', answer.headers.location ?? '')).json).toEqual(answer.json);
  });

  test('with everything', async () => {
    const answer = await ana.create({ title: 'Taxes', notes: 'first line\n\tsecond', due: '2028-02-29' });
    expect(answer.json).toMatchObject({ title: 'Taxes', notes: 'first line\n\tsecond', due: '2028-02-29' });
  });

  test.each([
    ['no title', {}, 'title'],
    ['an empty title', { title: '' }, 'title'],
    ['only spaces', { title: ' \u00a0\u2003' }, 'title'],
    ['501 characters', { title: 'x'.repeat(501) }, 'title'],
    ['a title that is a number', { title: 1 }, 'title'],
    ['a title of two lines', { title: 'a\nb' }, 'title'],
    ['a NUL', { title: 'a\u0000b' }, 'title'],
    ['an escape character', { title: 'a\u001b[31mb' }, 'title'],
    ['half a surrogate pair', { title: 'a\udc00' }, 'title'],
    ['notes of 10,001 characters', { title: 'a', notes: 'x'.repeat(10_001) }, 'notes'],
    ['notes that are null', { title: 'a', notes: null }, 'notes'],
    ['30 February', { title: 'a', due: '2027-02-30' }, 'due'],
    ['29 February of a common year', { title: 'a', due: '2027-02-29' }, 'due'],
    ['a time', { title: 'a', due: '2027-02-28T10:00:00Z' }, 'due'],
    ['the year 0', { title: 'a', due: '0000-01-01' }, 'due'],
    ['the year 10000', { title: 'a', due: '10000-01-01' }, 'due'],
    ['an empty date', { title: 'a', due: '' }, 'due'],
    ['a neighbour that is no id', { title: 'a', after: '1' }, 'after'],
    ['both neighbours', { title: 'a', after: null, before: null }, 'before'],
  ])('refuses %s', async (_, body, field) => {
    const answer = await ana.create(body);
    expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_request']);
    expect(Object.keys(answer.json.error.fields)).toEqual([field]);
    expect(await ana.all()).toEqual([]);
  });

  test.each(['id', 'accountId', 'account_id', 'version', 'position', 'done', 'doneAt', 'createdAt', 'search'])(
    'does not let the field %s be set',
    async (field) => {
      const answer = await ana.create({ title: 'a', [field]: 1 });
      expect([answer.status, answer.json.error.fields]).toEqual([400, { [field]: 'Is not a known field.' }]);
    },
  );

  test.each([
    ['emoji with joiners', '👩‍👩‍👧‍👦 family 🏳️‍🌈'],
    ['right to left', 'مهمة جديدة ‏'],
    ['combining marks', 'Z̸̡̛͔a̵lgo'],
    ['500 characters beyond the first plane', '𠜎'.repeat(500)],
    ['markup', '<img src=x onerror=alert(1)><script>alert(1)</script>'],
    ['SQL', `'); drop table tasks; -- \\' "`],
    ['templates', '${7*7} {{7*7}} %s %n $1'],
    ['backslashes', '\\u0000 \\x00 C:\\temp'],
  ])('keeps %s as it is', async (_, title) => {
    const { json } = await ana.create({ title, notes: title });
    expect(json).toMatchObject({ title: title.trim(), notes: title.trim() });
    expect((await ana.all())[0]).toMatchObject({ title: title.trim() });
  });

  test('ends at ten thousand tasks', async () => {
    const database = await connectDatabase(world.database.url);
    const one = await ana.create('one');
    await database.query('update account_state set tasks = 10000 where account_id = (select account_id from tasks where id = $1)', [
      one.json.id,
    ]);
    await database.end();
    expect([(await ana.create('more')).status, (await ana.create('more')).json.error.code]).toEqual([422, 'limit_reached']);
    await ana.call('DELETE', `/api/tasks/${one.json.id}`);
    expect((await ana.create('room again')).status).toBe(201);
  });
});

describe.skipIf(postgresMissing)('change', () => {
  test('changes what is given and leaves the rest', async () => {
    const { json: task } = await ana.create({ title: 'a', notes: 'n', due: '2027-01-01' });
    const answer = await ana.change(task.id, { version: 1, title: 'b' });
    expect(answer.json).toMatchObject({
      title: 'b',
      notes: 'n',
      due: '2027-01-01',
      done: false,
      version: 2,
      position: task.position,
      createdAt: task.createdAt,
    });
    expect(answer.json.updatedAt >= task.updatedAt).toBe(true);
    expect((await ana.change(task.id, { version: 2, due: null })).json).toMatchObject({ due: null, version: 3 });
  });

  test('done and open again', async () => {
    const { json: task } = await ana.create('a');
    const done = await ana.change(task.id, { version: 1, done: true });
    expect(done.json).toMatchObject({ done: true, version: 2, doneAt: expect.stringMatching(/Z$/) });
    const renamed = await ana.change(task.id, { version: 2, title: 'b' });
    expect(renamed.json.doneAt).toBe(done.json.doneAt);
    expect((await ana.change(task.id, { version: 3, done: false })).json).toMatchObject({ done: false, doneAt: null, version: 4 });
  });

  test('with an old version answers 409 and the task as it is', async () => {
    const { json: task } = await ana.create('a');
    const { json: current } = await ana.change(task.id, { version: 1, title: 'mine' });
    const late = await ana.change(task.id, { version: 1, title: 'theirs' });
    expect([late.status, late.json.error.code]).toEqual([409, 'version_conflict']);
    expect(late.json.task).toEqual(current);
  });

  test('no update is lost: of many with one version exactly one succeeds', async () => {
    const { json: task } = await ana.create('a');
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ana.change(task.id, { version: 1, title: `from ${i}` })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(11);
    const winner = answers.find((answer) => answer.status === 200);
    expect((await ana.all())[0]).toMatchObject({ title: winner?.json.title, version: 2 });
  });

  test('that each read and retried, all arrive', async () => {
    const { json: task } = await ana.create({ title: 'a', notes: '' });
    const append = async (mark: string): Promise<void> => {
      for (let current = task; ;) {
        const answer = await ana.change(task.id, { version: current.version, notes: `${current.notes}${mark}` });
        if (answer.status === 200) return;
        expect(answer.status).toBe(409);
        current = answer.json.task;
      }
    };
    await Promise.all([...'abcdefgh'].map(append));
    const { json } = await ana.call('GET', `/api/tasks/${task.id}`);
    expect([...json.notes].toSorted().join('')).toBe('abcdefgh');
    expect(json.version).toBe(9);
  });

  test('repeated, it is done already: no new version', async () => {
    const { json: task } = await ana.create('a');
    const first = await ana.change(task.id, { version: 1, title: 'b', done: true });
    const again = await ana.change(task.id, { version: 1, title: 'b', done: true });
    expect([again.status, again.json]).toEqual([200, first.json]);
  });

  test.each([
    ['no version', { title: 'b' }],
    ['version 0', { version: 0, title: 'b' }],
    ['a version that is text', { version: '1', title: 'b' }],
    ['a version beyond numbers', { version: 1e300, title: 'b' }],
    ['nothing to change', { version: 1 }],
    ['a title that is null', { version: 1, title: null }],
    ['done that is a number', { version: 1, done: 1 }],
    ['an owner', { version: 1, account_id: '00000000-0000-4000-8000-000000000000' }],
    ['a position of its own', { version: 1, position: 'zz' }],
  ])('refuses %s', async (_, body) => {
    const { json: task } = await ana.create('a');
    expect((await ana.change(task.id, body)).status).toBe(400);
    expect((await ana.call('GET', `/api/tasks/${task.id}`)).json).toEqual(task);
  });
});

describe.skipIf(postgresMissing)('delete', () => {
  test('removes it; again it is not found', async () => {
    const { json: task } = await ana.create('a');
    expect((await ana.call('DELETE', `/api/tasks/${task.id}`)).status).toBe(204);
    expect((await ana.call('DELETE', `/api/tasks/${task.id}`)).status).toBe(404);
    expect((await ana.change(task.id, { version: 1, title: 'b' })).status).toBe(404);
    expect(await ana.all()).toEqual([]);
  });

  test('with an old version answers 409 and removes nothing', async () => {
    const { json: task } = await ana.create('a');
    await ana.change(task.id, { version: 1, title: 'b' });
    const answer = await ana.call('DELETE', `/api/tasks/${task.id}?version=1`);
    expect([answer.status, answer.json.task.title]).toEqual([409, 'b']);
    expect((await ana.call('DELETE', `/api/tasks/${task.id}?version=2`)).status).toBe(204);
  });

  test('of two at once one succeeds', async () => {
    const { json: task } = await ana.create('a');
    const statuses = await Promise.all([1, 2].map(async () => (await ana.call('DELETE', `/api/tasks/${task.id}`)).status));
    expect(statuses.toSorted()).toEqual([204, 404]);
  });
});

describe.skipIf(postgresMissing)('list', () => {
  const fill = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await ana.create(`task ${String(i).padStart(2, '0')}`);
  };
  const page = async (parameters: string): Promise<{ titles: string[]; next: string | null }> => {
    const { json } = await ana.call('GET', `/api/tasks?${parameters}`);
    return { titles: json.items.map((task: { title: string }) => task.title), next: json.next };
  };

  test('is empty at first', async () => {
    expect((await ana.call('GET', '/api/tasks')).json).toEqual({ items: [], next: null });
  });

  test.each([1, 2, 3, 5, 7, 100])('in pages of %i every task comes once and in order', async (limit) => {
    await fill(7);
    const titles = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const got: { titles: string[]; next: string | null } = await page(`limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(got.titles.length).toBeGreaterThan(0);
      titles.push(...got.titles);
      cursor = got.next;
    }
    expect(titles).toEqual(Array.from({ length: 7 }, (_, i) => `task 0${i}`));
  });

  test('a page stays where it is when tasks come and go before it', async () => {
    await fill(6);
    const first = await page('limit=3');
    const [gone] = await ana.all();
    await ana.call('DELETE', `/api/tasks/${gone?.id}`);
    await ana.create({ title: 'new first', after: null });
    await ana.create('new last');
    expect((await page(`limit=3&cursor=${first.next}`)).titles).toEqual(['task 03', 'task 04', 'task 05']);
  });

  test('a page goes on when the very task that it ended with is deleted', async () => {
    await fill(4);
    const first = await page('limit=2');
    const second = (await ana.all())[1];
    await ana.call('DELETE', `/api/tasks/${second?.id}`);
    expect((await page(`limit=2&cursor=${first.next}`)).titles).toEqual(['task 02', 'task 03']);
  });

  test('open, done and due', async () => {
    const ids: Record<string, string> = {};
    for (const [title, due] of [
      ['later', '2027-05-01'],
      ['no date', null],
      ['soon', '2027-01-01'],
      ['finished', '2026-01-01'],
    ] as const)
      ids[title] = (await ana.create({ title, due })).json.id;
    await ana.change(ids['finished'] ?? '', { version: 1, done: true });
    expect(await ana.titles('&filter=open')).toEqual(['later', 'no date', 'soon']);
    expect(await ana.titles('&filter=done')).toEqual(['finished']);
    expect(await ana.titles('&filter=due')).toEqual(['soon', 'later']);
    expect(await ana.titles('&filter=all')).toEqual(['later', 'no date', 'soon', 'finished']);
  });

  test('by date goes page by page too, also through one long day', async () => {
    for (let i = 0; i < 5; i++) await ana.create({ title: `a${i}`, due: '2027-03-03' });
    await ana.create({ title: 'before', due: '2027-03-02' });
    const titles = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const got: { titles: string[]; next: string | null } = await page(`filter=due&limit=2${cursor && `&cursor=${cursor}`}`);
      titles.push(...got.titles);
      cursor = got.next;
    }
    expect(titles).toEqual(['before', 'a0', 'a1', 'a2', 'a3', 'a4']);
  });

  test.each([
    ['a word anywhere', 'milk', ['Buy MILK today']],
    ['every word, in any order', 'today buy', ['Buy MILK today']],
    ['notes', 'crème', ['Dessert']],
    ['without accents', 'creme', ['Dessert']],
    ['upper case with accents', 'ÜBER', ['über Grenzen']],
    ['accents that are not written', 'uber', ['über Grenzen']],
    ['another script in capitals', 'ЗАДАЧА', ['задача']],
    ['a percent sign as itself', '100%', ['100% wool']],
    ['an underscore as itself', 'snake_case', ['snake_case']],
    ['a backslash as itself', '\\n', ['a \\n b']],
    ['a quote', "o'clock", ["five o'clock"]],
    ['nothing at all', 'zebra', []],
    ['a word across title and notes', 'DessertCrème', []],
  ])('search finds %s', async (_, q, expected) => {
    for (const title of ['Buy MILK today', 'über Grenzen', 'задача', '100% wool', 'snake_case', 'a \\n b', "five o'clock"])
      await ana.create(title);
    await ana.create({ title: 'Dessert', notes: 'Crème brûlée' });
    expect(await ana.titles(query(q))).toEqual(expected);
  });

  test('search follows a change', async () => {
    const { json: task } = await ana.create('before');
    await ana.change(task.id, { version: 1, title: 'after' });
    expect([await ana.titles(query('before')), await ana.titles(query('after'))]).toEqual([[], ['after']]);
  });

  test.each([
    'filter=mine',
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=x',
    'limit=1.5',
    'filter=open&filter=done',
    'q=a&q=b',
    'cursor=',
    'cursor=x',
    'cursor=W10',
    'unknown=1',
    `q=${'x'.repeat(201)}`,
    'q=%00',
    'limit[]=1',
    '__proto__=1',
  ])('refuses ?%s', async (parameters) => {
    const answer = await ana.call('GET', `/api/tasks?${parameters}`);
    expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_request']);
  });

  test('a cursor serves only the list that it came from', async () => {
    await fill(3);
    const { next } = await page('limit=1');
    expect((await ana.call('GET', `/api/tasks?limit=1&filter=open&cursor=${next}`)).status).toBe(400);
    expect((await ana.call('GET', `/api/tasks?limit=1&q=task&cursor=${next}`)).status).toBe(400);
  });

  test('a cursor with SQL in it is refused', async () => {
    await fill(2);
    const { next } = await page('limit=1');
    const parts = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as unknown[];
    parts[1] = "a0' or '1'='1";
    const forged = Buffer.from(JSON.stringify(parts)).toString('base64url');
    expect((await ana.call('GET', `/api/tasks?limit=1&cursor=${forged}`)).status).toBe(400);
  });
});
