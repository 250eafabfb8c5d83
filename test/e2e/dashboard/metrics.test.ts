import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { History } from '../../../src/server/api/index.ts';
import { taskly, type FakeEnvironment, type Scenario } from '../../dashboard/fake-scenarios.ts';
import { historyOf, sampleAt } from '../../dashboard/metrics-data.ts';
import { expectNarrow, expectSound, picture, useVisits, variants, type Visit } from '../../dashboard/releases-visit.ts';
import { requires } from '../../tools/requires.ts';
import { failOn } from '../browser.ts';

requires('chromium')('scaling and metrics in a browser', () => {
  const visit = useVisits();

  async function visitMetrics(query = '', options: Parameters<typeof visit>[2] = {}, history: History = historyOf(15)): Promise<Visit> {
    const [first, staging] = taskly().environments as [FakeEnvironment, FakeEnvironment];
    const scenario: Scenario = { app: 'taskly', environments: [{ ...first, history }, staging] };
    const byRange = { history: async (minutes: number) => (minutes === 15 ? history : historyOf(minutes)) };
    const visited = await visit(`/e/local/metrics${query}`, scenario, { parts: byRange, ...options });
    await visited.page.getByRole('heading', { name: 'Ready replicas' }).waitFor();
    return visited;
  }

  const chart = (page: Page, name: string | RegExp) => page.getByRole('img', { name });
  const figures = (page: Page, title: string) =>
    page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
      .locator('li');

  it.each(variants)('in %s at %i px: nothing that axe finds, and nothing to scroll to at the side', async (theme, width) => {
    const visited = await visitMetrics(width === 1920 ? '?service=backend' : '', { theme, width });
    await chart(visited.page, /^Requests: /u)
      .locator('canvas')
      .waitFor();
    await picture(visited.page, `metrics-${theme}-${width}`);
    await expectSound(visited);
    await visited.page.getByRole('button', { name: 'Table of Requests' }).click();
    await visited.page.getByRole('table', { name: 'Requests, newest first' }).waitFor();
    await expectSound(visited);
  });

  it('says in words what each chart shows, gaps among it', async () => {
    const { page } = await visitMetrics();
    await chart(
      page,
      /^Requests: backend now [\d.]+\/s, from [\d.]+\/s to [\d.]+\/s; frontend now .* Not measured for 5\d s of 15 m\./u,
    ).waitFor();
    await chart(page, /^CPU, of the limit: backend now \d+ %/u).waitFor();
    await expect.poll(() => page.locator('canvas').count()).toBe(7);
    await page.getByRole('button', { name: 'Table of Requests' }).click();
    const table = page.getByRole('table', { name: 'Requests, newest first' });
    await expect.poll(() => table.getByText('not measured').count()).toBeGreaterThan(0);
    await expect.poll(() => table.getByRole('row').count()).toBe(21);
    await expect.poll(() => table.getByText('0/s', { exact: true }).count()).toBe(0);
  });

  it('goes on with what is measured now', async () => {
    const { page, fake } = await visitMetrics();
    const now = historyOf(15).times.at(-1) ?? 0;
    fake.update('local', { sample: sampleAt(now + 6000, 77) });
    await expect.poll(() => figures(page, 'Requests').first().innerText()).toContain('77/s');
    await chart(page, /^Requests: backend now 77\/s/u).waitFor();
    await chart(page, /^Ready replicas: backend now 1,/u).waitFor();
  });

  it('reads all charts at one moment, by the keyboard', async () => {
    const { page } = await visitMetrics('?service=backend');
    const slider = page.getByRole('slider', { name: 'Read at' });
    await slider.focus();
    const newest = await figures(page, 'Latency').allInnerTexts();
    for (let step = 0; step < 40; step++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => figures(page, 'Latency').allInnerTexts()).not.toEqual(newest);
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d$/u);
    await page.getByRole('button', { name: 'Newest' }).click();
    await expect.poll(() => figures(page, 'Latency').allInnerTexts()).toEqual(newest);
    await chart(page, /^Requests: /u).hover({ position: { x: 300, y: 60 } });
    await expect.poll(() => figures(page, 'Latency').allInnerTexts()).not.toEqual(newest);
  });

  it('shows one service with its percentiles and limits, and keeps that in its address', async () => {
    const { page } = await visitMetrics();
    await page.getByLabel('Service').selectOption('backend');
    await chart(page, /^Latency: p50 now .*; p95 now .*; p99 now /u).waitFor();
    await chart(page, /^CPU, cores: in use now .*; limit now [\d.]+ core/u).waitFor();
    await page.getByText('6 h', { exact: true }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?service=backend&minutes=360');
    await chart(page, /of 6 h\.$/u)
      .first()
      .waitFor();
    await page.reload();
    await chart(page, /of 6 h\.$/u)
      .first()
      .waitFor();
    await expect.poll(() => page.getByRole('radio', { name: '6 h' }).isChecked()).toBe(true);
  });

  it('tells decisions with their numbers, and what happened', async () => {
    const { page } = await visitMetrics();
    const decisions = page.getByRole('table', { name: 'Scaling decisions, newest first' });
    await decisions.getByRole('row', { name: /backend 2 → 4 cpu 93 % of the limit, target 70 %/u }).waitFor();
    await decisions.getByRole('row', { name: /backend stays 4 held: machine full/u }).waitFor();
    const events = page.getByRole('table', { name: 'Releases and restarts, newest first' });
    await events.getByRole('row', { name: /rolled back release 43/u }).waitFor();
    await events.getByRole('row', { name: /restart backend-3f9a-1 restarted/u }).waitFor();
    await expect.poll(() => events.getByRole('row').count()).toBe(4);
  });

  it('scales within the limits, and says why it could not', async () => {
    const { page, fake } = await visitMetrics();
    const backend = page.getByRole('listitem').filter({ hasText: '3 of 3 replicas' });
    await expect.poll(async () => backend.innerText()).toMatch(/backend[\s\S]*1 to 6[\s\S]*automatic/u);
    await page.getByRole('button', { name: 'One replica more of backend' }).press('Enter');
    await expect
      .poll(() => fake.asked)
      .toEqual([{ kind: 'operation', environment: 'local', input: { operation: 'scale', service: 'backend', count: 4 } }]);
    await expect.poll(() => page.getByRole('button', { name: 'One replica less of backend' }).isDisabled()).toBe(true);
    const error = { code: 'GL1009', message: 'The machine is full.', fix: 'Lower limits.cpu.', lines: [], exitCode: 1 };
    const operation = { id: 'o1', environment: 'local', operation: 'scale', questions: [], result: null };
    fake.publish({ type: 'operation', operation: { ...operation, state: 'failed', error } });
    await page.getByRole('main').getByText('The machine is full.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'One replica less of backend' }).isDisabled()).toBe(false);
  });

  it('says why a place has no figures', async () => {
    const { page, errors } = await visit('/e/staging/metrics', taskly());
    await page.getByText('This place does not count requests.').waitFor();
    await page.getByText('Not measured', { exact: true }).waitFor();
    await expect.poll(() => page.locator('canvas').count()).toBe(0);
    await expectNarrow(page);
    failOn(errors);
  });

  it('draws itself anew when the theme or the width changes, and moves nothing', async () => {
    const { page } = await visitMetrics('', { theme: 'light' });
    const canvas = chart(page, /^Requests: /u).locator('canvas');
    await canvas.waitFor();
    const heights = (): Promise<number> => page.locator('main').evaluate((element) => element.scrollHeight);
    const before = await heights();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => page.evaluate('document.querySelectorAll("canvas").length')).toBe(7);
    expect(await heights()).toBe(before);
    const width = async (): Promise<number> => (await canvas.boundingBox())?.width ?? 0;
    const wide = await width();
    await page.setViewportSize({ width: 700, height: 900 });
    await expect.poll(width).not.toBe(wide);
    await expectNarrow(page);
  });
});
