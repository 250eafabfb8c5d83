/** Measures the pages and writes what it found as JSON to the file that is its argument. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { LogEntry } from '../../src/server/api/index.ts';
import { crowd, sampleOf, taskly } from '../../test/dashboard/fake-scenarios.ts';
import { startFake, type Fake } from '../../test/dashboard/fake.ts';
import { visit } from '../../test/dashboard/fake-visit.ts';
import { launchBrowser } from '../../test/e2e/browser.ts';
import { missing } from '../../test/tools/requires.ts';

const times = Number(process.env['BENCH_TIMES'] ?? 30);

/** The browser says nothing of what took less than 16 ms: that counts as 16. */
const observe = `
  globalThis.slow = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { if (entry.interactionId) slow.push(entry.duration); }))
    .observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

async function main(file: string): Promise<void> {
  const reason = missing(['chromium']);
  writeFileSync(file, JSON.stringify(reason === undefined ? await measure() : { reason }));
}

async function measure() {
  const browser = await launchBrowser();
  try {
    return { ...(await firstPaint(browser)), overview: await overview(browser), logs: await logs(browser) };
  } finally {
    await browser.close();
  }
}

async function firstPaint(browser: Browser): Promise<{ paint: number; first: number }> {
  const fake = await startFake(taskly());
  const { page, context } = await visit(browser, fake);
  await page.getByText('All 5 replicas are ready.').waitFor();
  const first = Number(
    await page.evaluate(`performance.getEntriesByType('resource').filter(({ name }) => name.includes('/assets/'))
      .reduce((sum, { transferSize, encodedBodySize }) => sum + (transferSize || encodedBodySize), 0)`),
  );
  const paints: number[] = [];
  for (let time = 0; time < 5; time++) {
    await page.reload();
    await page.getByText('All 5 replicas are ready.').waitFor();
    paints.push(Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)));
  }
  await context.close();
  await fake.close();
  return { paint: paints.toSorted((a, b) => a - b)[2] ?? Infinity, first };
}

/** @param act one interaction; the number counts them @returns milliseconds of each that the browser told of, and 16 */
async function slowest(page: Page, act: (time: number) => Promise<void>): Promise<number[]> {
  await page.evaluate(observe);
  for (let time = 0; time < times; time++) {
    await act(time);
    await delay(50);
  }
  await delay(500);
  const found = (await page.evaluate('slow')) as number[];
  return [16, ...found];
}

async function overview(browser: Browser): Promise<number[]> {
  const fake = await startFake(crowd());
  const { page, context } = await visit(browser, fake);
  await page.locator('[data-replica]').nth(199).waitFor();
  const changing = setInterval(() => stir(fake), 250);
  await page.locator('[data-replica]').first().focus();
  const keys = ['ArrowRight', 'ArrowDown', 'Enter', 'Escape', 'ArrowLeft', 'ArrowDown'];
  const found = await slowest(page, (time) => page.keyboard.press(keys[time % keys.length] ?? 'Tab'));
  clearInterval(changing);
  await context.close();
  await fake.close();
  return found;
}

/** Twenty replicas change, and every figure. */
function stir(fake: Fake): void {
  const { status } = fake.environment('local');
  if (status.place === null) return;
  const services = status.place.services.map((service) => ({
    ...service,
    replicas: service.replicas.map((replica) =>
      Math.random() < 0.1 ? { ...replica, state: replica.state === 'ready' ? ('unready' as const) : ('ready' as const) } : replica,
    ),
  }));
  const place = { ...status.place, services };
  fake.update('local', { status: { ...status, at: Date.now(), place }, sample: sampleOf(place, 500 + Math.random() * 100) });
}

async function logs(browser: Browser): Promise<number[]> {
  const fake = await startFake(taskly());
  fake.log('local', linesOf(2000));
  const { page, context } = await visit(browser, fake, { path: '/e/local/logs' });
  const writing = setInterval(() => fake.log('local', linesOf(10)), 100);
  await page.keyboard.press('/');
  const found = await slowest(page, (time) => page.keyboard.press(time % 8 < 4 ? 'e' : 'Backspace'));
  clearInterval(writing);
  await context.close();
  await fake.close();
  return found;
}

function linesOf(count: number): Omit<LogEntry, 'id'>[] {
  return Array.from({ length: count }, (_, index) => ({
    at: new Date().toISOString(),
    source: `backend-a3f1-${(index % 3) + 1}`,
    service: 'backend',
    replica: `backend-a3f1-${(index % 3) + 1}`,
    stream: 'stdout',
    text: `{"level":"info","msg":"request ${index}","ms":${(Math.random() * 40).toFixed(1)},"path":"/api/tasks"}`,
  }));
}

await main(process.argv[2] ?? 'measured.json');
