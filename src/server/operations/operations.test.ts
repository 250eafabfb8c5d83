import { beforeEach, expect, it } from 'vitest';
import { GantryError } from '../../errors.ts';
import type { OperateResult } from '../../platforms/local/protocol.ts';
import type { RestartRequest } from '../../release/request.ts';
import type { Operation, ServerEvent } from '../api/index.ts';
import { createOperations, type Operations } from './operations.ts';

const env = { name: 'local', target: 'local', options: {}, patches: [] } as const;
const request = { operation: 'restart', env } as unknown as RestartRequest;
const result: OperateResult = { release: 'aaaa00000000', number: 4, url: 'http://127.0.0.1:1', changed: true, durationMs: 12 };

let told: Operation[];
let bugs: unknown[];
let operations: Operations;

beforeEach(() => {
  told = [];
  bugs = [];
  const publish = (event: ServerEvent): void => void (event.type === 'operation' && told.push(event.operation));
  operations = createOperations({ publish }, { onBug: (error) => bugs.push(error) });
});

const begin = (ending: Promise<OperateResult>): Operation => operations.begin({ env, operate: async () => ending }, request);

async function ended(ending: Promise<OperateResult>): Promise<Operation> {
  const { id } = begin(ending);
  await ending.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  return operations.find(id);
}

it('begins at once, and tells everybody who watches how it ends', async () => {
  const meter = { requests: 9, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 21 };
  const operation = await ended(Promise.resolve({ ...result, meter }));
  expect(told.map(({ id, state }) => [id, state])).toEqual([
    [operation.id, 'running'],
    [operation.id, 'changed'],
  ]);
  expect(operation).toMatchObject({ environment: 'local', operation: 'restart', error: null, questions: [] });
  expect(operation.result).toEqual({ release: 'aaaa00000000', number: 4, durationMs: 12, meter });
});

it('says when nothing had to change', async () => {
  expect(await ended(Promise.resolve({ ...result, changed: false }))).toMatchObject({ state: 'unchanged', result: { meter: null } });
});

it('hands on what has to be confirmed as questions', async () => {
  const lines = ['G25: nobody has looked: at this', 'irreversible: data is gone', 'no question'];
  const operation = await ended(Promise.reject(new GantryError('GR1005', 'two things', { lines })));
  expect(operation.state).toBe('asks');
  expect(operation.questions).toEqual([
    { id: 'G25', text: 'nobody has looked: at this', losesData: false },
    { id: 'irreversible', text: 'data is gone', losesData: true },
  ]);
});

it('fails with the problem that the command would show', async () => {
  const error = new GantryError('GR1001', 'busy', { where: 'local', lines: ['a'] });
  expect(await ended(Promise.reject(error))).toMatchObject({ state: 'failed', error: { ...error.toJSON(), lines: ['a'] }, result: null });
  expect(bugs).toEqual([]);
});

it('a mistake of ours ends as a problem too, and is told where the dashboard was started', async () => {
  const mistake = new TypeError('x is not a function');
  expect(await ended(Promise.reject(mistake))).toMatchObject({ state: 'failed', error: { code: 'GC2010' } });
  expect(bugs).toEqual([mistake]);
});

it('keeps the last ones, and those that still run', async () => {
  const running = begin(new Promise(() => undefined));
  const first = await ended(Promise.resolve(result));
  for (let number = 0; number < 50; number += 1) await ended(Promise.resolve(result));
  expect(operations.find(running.id).state).toBe('running');
  expect(() => operations.find(first.id)).toThrow(expect.objectContaining({ code: 'GC2005' }) as Error);
});
