import { expect, test } from 'vitest';
import { Poller } from './poller.ts';
import { StillClock } from './testing/fake-clock.ts';

interface Setup {
  readonly clock: StillClock;
  readonly poller: Poller<number>;
  readonly answers: number[];
  readonly failures: unknown[];
  asked: number[];
  interval: number | undefined;
  ask: (signal: AbortSignal) => Promise<number>;
}

function setup(): Setup {
  const clock = new StillClock();
  const it = { clock, answers: [], failures: [], asked: [], interval: 1000, ask: async () => 1 } as unknown as Setup;
  const poller = new Poller<number>({
    clock,
    what: 'the answer',
    giveUpMs: 4000,
    ask: async (signal) => {
      it.asked.push(clock.now());
      return it.ask(signal);
    },
    onAnswer: (answer) => it.answers.push(answer),
    onFailure: (error) => it.failures.push(error),
    interval: () => it.interval,
  });
  return Object.assign(it, { poller });
}

async function never(): Promise<number> {
  return new Promise(() => undefined);
}

async function untilAborted(signal: AbortSignal): Promise<number> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

test('asks from beginning to beginning, while somebody wants it', async () => {
  const it = setup();
  it.ask = async () => new Promise((resolve) => it.clock.after(300, () => resolve(1)));
  it.poller.plan();
  await it.clock.pass(2500);
  expect(it.asked).toEqual([0, 1000, 2000]);
  it.interval = undefined;
  it.poller.plan();
  await it.clock.pass(10_000);
  expect(it.asked).toHaveLength(3);
  expect(it.clock.isIdle).toBe(true);
});

test('a slow answer puts off the next question', async () => {
  const it = setup();
  it.ask = async () => new Promise((resolve) => it.clock.after(1700, () => resolve(1)));
  it.poller.plan();
  await it.clock.pass(5000);
  expect(it.asked).toEqual([0, 1700, 3400]);
});

test('those who ask meanwhile share one question', async () => {
  const it = setup();
  it.interval = undefined;
  it.ask = async () => new Promise((resolve) => it.clock.after(100, () => resolve(1)));
  const all = Promise.all([it.poller.fresh(0), it.poller.fresh(0), it.poller.ask()]);
  await it.clock.pass(100);
  await all;
  expect(it.asked).toEqual([0]);
});

test('fresh enough is not asked again', async () => {
  const it = setup();
  it.interval = undefined;
  await it.poller.fresh(1000);
  await it.clock.pass(1000);
  await it.poller.fresh(1000);
  expect(it.asked).toEqual([0]);
  await it.clock.pass(1);
  await it.poller.fresh(1000);
  expect(it.asked).toEqual([0, 1001]);
});

test('what does not answer is given up, asked less and less often, and told when it is back', async () => {
  const it = setup();
  it.ask = untilAborted;
  it.poller.plan();
  await it.clock.pass(30_000);
  expect(it.failures[0]).toMatchObject({ code: 'GL1011', message: 'the answer did not come within 4 s' });
  expect(it.asked).toEqual([0, 5000, 10_000, 16_000, 24_000]);
  it.ask = async () => 7;
  await it.clock.pass(10_000);
  expect(it.answers[0]).toBe(7);
  expect(it.asked.slice(5)).toEqual([32_000, 33_000, 34_000, 35_000, 36_000, 37_000, 38_000, 39_000, 40_000]);
});

test('a question that cannot be ended is waited for', async () => {
  const it = setup();
  it.ask = never;
  it.poller.plan();
  await it.clock.pass(60_000);
  expect(it.asked).toEqual([0]);
  await it.clock.pass(5000);
  expect(it.asked).toEqual([0, 64_000]);
});

test('when it ends at last, the next follows soon', async () => {
  const it = setup();
  let end = (): void => undefined;
  it.ask = async () => new Promise((resolve) => (end = () => resolve(1)));
  it.poller.plan();
  await it.clock.pass(10_000);
  it.ask = async () => 2;
  end();
  await it.clock.pass(100);
  expect(it.answers).toEqual([2]);
});

test('failures do not stop it, and nothing happens after its end', async () => {
  const it = setup();
  it.ask = async () => {
    throw new Error('no');
  };
  it.poller.plan();
  await it.clock.pass(1);
  expect([it.failures.length, it.poller.isFailing]).toEqual([1, true]);
  it.ask = untilAborted;
  await it.clock.pass(1000);
  it.poller.close();
  await it.clock.pass(60_000);
  expect([it.failures.length, it.asked.length]).toEqual([1, 2]);
  await it.poller.ask();
  expect(it.asked).toHaveLength(2);
});
