import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase } from './support/backend.ts';
import { newPerson, type Person } from './support/client.ts';
import { postgresMissing } from './support/postgres.ts';
import { startWorld, type World } from './support/world.ts';

let world: World;
let ana: Person;
let other: Person;
beforeAll(async () => {
  if (!postgresMissing) world = await startWorld({ replicas: 2 });
});
beforeEach(async () => {
  if (postgresMissing) return;
  ana = await newPerson(world.url);
  other = ana.tab(world.replicas[1]?.url);
});
afterAll(() => world?.end());

const withKey = (key: string): Record<string, string> => ({ 'idempotency-key': key });

describe.skipIf(postgresMissing)('a repeated create', () => {
  test('answers the same task and makes no second one', async () => {
    const key = withKey(randomUUID());
    const first = await ana.create({ title: 'once', due: '2027-01-01' }, key);
    const again = await other.create({ title: 'once', due: '2027-01-01' }, key);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect(again.headers.location).toBe(first.headers.location);
    expect(await ana.titles()).toEqual(['once']);
  });

  test('at the same moment on both replicas makes one task, and all get it', async () => {
    const key = withKey(randomUUID());
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2 ? ana : other).create('once', key)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(await ana.titles()).toEqual(['once']);
  });

  test('counts as the same whatever the order of its fields and the spaces', async () => {
    const key = withKey(randomUUID());
    const first = await ana.create({ title: 'once', notes: '' }, key);
    const again = await ana.call('POST', '/api/tasks', { raw: '{ "notes" : "",   "title":" once " }', headers: key });
    expect(again.json.id).toBe(first.json.id);
  });

  test('with another body is refused', async () => {
    const key = withKey(randomUUID());
    await ana.create('once', key);
    const answer = await ana.create('twice', key);
    expect([answer.status, answer.json.error.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await ana.titles()).toEqual(['once']);
  });

  test('answers as it was, even when the task has been changed or deleted since', async () => {
    const key = withKey(randomUUID());
    const first = await ana.create('once', key);
    await ana.change(first.json.id, { version: 1, title: 'changed' });
    expect((await ana.create('once', key)).json).toEqual(first.json);
    await ana.call('DELETE', `/api/tasks/${first.json.id}`);
    expect((await ana.create('once', key)).json).toEqual(first.json);
    expect(await ana.titles()).toEqual([]);
  });

  test('after a refusal is tried anew', async () => {
    const key = withKey(randomUUID());
    expect((await ana.create({ title: 'x', after: randomUUID() }, key)).status).toBe(400);
    expect((await ana.create('x', key)).status).toBe(201);
  });

  test('is forgotten after a day', async () => {
    const key = withKey('yesterday');
    const first = await ana.create('once', key);
    const database = await connectDatabase(world.database.url);
    await database.query("update idempotency_keys set created_at = now() - interval '25 hours' where key = 'yesterday'");
    await database.end();
    const again = await ana.create('another body', key);
    expect(again.status).toBe(201);
    expect(again.json.id).not.toBe(first.json.id);
  });

  test('without a key makes two', async () => {
    await ana.create('same');
    await ana.create('same');
    expect(await ana.titles()).toEqual(['same', 'same']);
  });

  test.each([
    ['nothing', ''],
    ['256 characters', 'k'.repeat(256)],
    ['a space', 'a b'],
    ['letters beyond ASCII', 'sch\u00f6n'],
  ])('a key of %s is refused', async (_, key) => {
    const answer = await ana.create('x', withKey(key));
    expect([answer.status, Object.keys(answer.json.error.fields)]).toEqual([400, ['idempotency-key']]);
  });

  test.each(["'; drop table tasks; --", '__proto__', '%00', '0'])('the key %j is a key like any other', async (key) => {
    const first = await ana.create('x', withKey(key));
    expect((await ana.create('x', withKey(key))).json.id).toBe(first.json.id);
  });
});
