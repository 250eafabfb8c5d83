/** The overview: what runs, as it is now. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Status } from '../../../src/server/api/index.ts';
import { startFake, type Fake } from '../../dashboard/fake.ts';
import {
  crowd,
  degraded,
  environmentOf,
  fresh,
  hostile,
  placeOf,
  releaseB,
  releasing,
  replicaOf,
  sampleOf,
  serviceOf,
  stopped,
  taskly,
  unreachable,
} from '../../dashboard/fake-scenarios.ts';
import { themes, visit, widths } from '../../dashboard/fake-visit.ts';
import { requires } from '../../tools/requires.ts';
import { axeViolations, launchBrowser } from '../browser.ts';

const pages = process.env['GANTRY_TEST_PAGES'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../dist/dashboard');

requires('chromium')('the overview', () => {
  let browser: Browser;
  let fake: Fake;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await fake.close();
  });

  afterAll(async () => {
    await browser.close();
  });

  const change = (over: Partial<NonNullable<Status['place']>>, perSecond = 42): void => {
    const { status } = fake.environment('local');
    const place = { ...status.place!, ...over };
    fake.update('local', { status: { ...status, at: Date.now(), place }, sample: sampleOf(place, perSecond) });
  };
  const set = (page: Page, name: string) => page.getByRole('region', { name });
  const speeds = (page: Page) =>
    page.locator('path[data-speed]').evaluateAll((paths) => paths.map((path) => path.getAttribute('data-speed')));

  const styleOf = (page: Page, name: string) => page.evaluate(`getComputedStyle(document.querySelector('path[data-speed]')).${name}`);

  it('says what runs, since when, how fast, and what the autoscaler did', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    await page.getByText('All 5 replicas are ready.').waitFor();
    await page.getByText('promoted 2 h ago by ana@laptop').waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'http://127.0.0.1:8080' }).getAttribute('href')).toBe('http://127.0.0.1:8080');
    await expect.poll(() => page.getByText('backend 2 -> 3').isVisible()).toBe(true);
    await expect.poll(() => page.getByText('0 of 1,832 requests failed, p99 +3 ms, longest gap 41 ms').isVisible()).toBe(true);
    await expect.poll(() => page.getByText('postgres://taskly@127.0.0.1:54311/taskly').isVisible()).toBe(true);
    const liveSet = set(page, 'Live set');
    await expect.poll(() => liveSet.getByText('serves all requests').isVisible()).toBe(true);
    await expect.poll(() => liveSet.getByText('3/3 ready').isVisible()).toBe(true);
    expect(errors).toEqual([]);
  });

  it('shows requests moving as fast as they come, and nothing moving without any', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake);
    await expect.poll(() => speeds(page)).toEqual(['3', '2', '2']);
    change({}, 0);
    await expect.poll(() => speeds(page)).toEqual([]);
    change({}, 4000);
    await expect.poll(() => speeds(page)).toEqual(['4', '4', '4']);
    expect(await styleOf(page, 'animationPlayState')).toBe('running');
  });

  it('does not move for those who want no movement', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { reducedMotion: true });
    await expect.poll(() => speeds(page)).toEqual(['3', '2', '2']);
    expect(await styleOf(page, 'animationIterationCount')).toBe('1');
  });

  it('shows both sets with their share while traffic moves from one to the other', async () => {
    fake = await startFake(releasing(0, 'smoke'));
    const { page, errors } = await visit(browser, fake);
    const [live, next] = [set(page, 'Live set'), set(page, 'Next set')];
    await next.getByText('0 % of the requests').waitFor();
    await expect.poll(() => live.getByText('100 % of the requests').isVisible()).toBe(true);
    await expect.poll(() => next.getByText('release 43', { exact: true }).isVisible()).toBe(true);
    const { operation } = fake.environment('local').status.place!;
    change({ share: 10, operation: { ...operation!, step: 'canary' } });
    await next.getByText('10 % of the requests').waitFor();
    await expect.poll(() => live.getByText('90 % of the requests').isVisible()).toBe(true);
    await page.getByText('~canary', { exact: true }).waitFor();
    await expect.poll(() => speeds(page)).toEqual(['3', '2', '2', '1', '1']);
    change({ share: 100, operation: { ...operation!, step: 'bake' } });
    await next.getByText('100 % of the requests').waitFor();
    await expect.poll(() => speeds(page)).toEqual(['3', '2', '2']);
    const { services } = fake.environment('local').status.place!.next!;
    const promoted = services.map((service) => ({
      ...service,
      replicas: service.replicas.map((replica) => ({ ...replica, set: 'live' as const })),
    }));
    change({ share: 0, operation: null, next: null, release: releaseB, services: promoted });
    await next.waitFor({ state: 'detached' });
    await live.getByText('release 43', { exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  it('says at the top what is wrong and where to look', async () => {
    fake = await startFake(degraded());
    const { page } = await visit(browser, fake);
    const trouble = page.getByRole('link', { name: /backend-a3f1-2 waiting, restarted 4 times: exit 137: out of memory at 256 MiB/ });
    await trouble.waitFor();
    await expect.poll(() => trouble.getAttribute('href')).toBe('/e/local/logs?service=backend');
    await expect.poll(() => page.getByText('backend 2/3 ready.').isVisible()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('says that the files are broken, whatever runs, and until they are not', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    const { summary } = fake.environment('local');
    const problem = {
      code: 'GC2011',
      message: 'the files have problems',
      fix: 'Correct the file.',
      lines: ['gantry.yaml:3:1'],
      exitCode: 1,
    };
    fake.update('local', { summary: { ...summary, problem } });
    await page.getByText('the files have problems').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'frontend-a3f1- 1 ready' }).isVisible()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    fake.update('local', { summary });
    await page.getByText('the files have problems').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('opens a replica with the keyboard, shows all that is known, and gives the focus back', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    const first = page.locator('[data-replica="frontend-a3f1-1"]');
    await first.waitFor();
    await expect.poll(() => first.getAttribute('tabindex')).toBe('0');
    await first.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.dataset.replica')).toBe('backend-a3f1-1');
    await expect.poll(() => page.locator('[data-replica][tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('ArrowUp');
    expect(await page.evaluate('document.activeElement.dataset.replica')).toBe('frontend-a3f1-1');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const details = page.getByRole('dialog', { name: 'Replica backend-a3f1-1' });
    await details.waitFor();
    expect(page.url()).toContain('replica=backend-a3f1-1');
    for (const text of ['4001', '41001', '0.06 of 0.25 (24 %)', '62 MiB of 256 MiB (24 %)']) {
      expect(await details.getByText(text, { exact: true }).isVisible(), text).toBe(true);
    }
    await expect.poll(() => details.getByRole('link', { name: 'Logs' }).getAttribute('href')).toBe('/e/local/logs?replica=backend-a3f1-1');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.dataset.replica')).toBe('backend-a3f1-1');
    await page.keyboard.press('Enter');
    await details.getByRole('button', { name: 'Restart backend' }).click();
    await page.getByRole('dialog', { name: 'Restart backend in local' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('closes what it shows of a replica that is gone', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { path: '/e/local?replica=backend-a3f1-3' });
    const details = page.getByRole('dialog', { name: 'Replica backend-a3f1-3' });
    await details.waitFor();
    const [frontend] = fake.environment('local').status.place!.services;
    change({ services: [frontend!, serviceOf('backend', 'web', [replicaOf('backend', 1)], '/api')] });
    await details.waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).not.toContain('replica');
  });

  it('says what to do before the first release, when stopped, and when the place does not answer', async () => {
    fake = await startFake(fresh());
    const first = await visit(browser, fake);
    await first.page.getByText('Nothing was released to local yet').waitFor();
    await expect.poll(() => first.page.getByText('gantry up', { exact: true }).isVisible()).toBe(true);
    await expect.poll(() => first.page.getByText('The app file describes frontend, backend').isVisible()).toBe(true);
    expect(await axeViolations(first.page)).toEqual([]);
    await fake.close();
    fake = await startFake(stopped());
    const second = await visit(browser, fake);
    await second.page.getByText('local is stopped').waitFor();
    await fake.close();
    fake = await startFake(unreachable());
    const third = await visit(browser, fake);
    await third.page.getByText('The place does not answer.').waitFor();
    await third.page.getByText('What follows is how it was 1 min ago.').waitFor();
    await expect.poll(() => third.page.getByText('not measured').count()).toBeGreaterThan(0);
    await expect.poll(() => third.page.getByText('cannot be reached').isVisible()).toBe(true);
  });

  it('says that a place measures nothing rather than 0', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { path: '/e/staging' });
    await page.getByText('This place does not count requests.').waitFor();
    await expect.poll(() => page.getByText('0/s').count()).toBe(0);
    await expect.poll(() => page.getByText('New here?').count()).toBe(0);
  });

  it('shows names that try to be code as text', async () => {
    fake = await startFake(hostile());
    const { page, errors } = await visit(browser, fake);
    await page.getByText('2/2 ready').waitFor();
    await page.locator('[data-replica]').first().click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('shows 200 replicas, each with its name for pointer and keyboard', async () => {
    fake = await startFake(crowd());
    const { page, errors } = await visit(browser, fake);
    await expect.poll(() => page.locator('[data-replica]').count()).toBe(200);
    const cell = page.getByRole('button', { name: 'service-b-a3f1-7: ready, release 42' });
    await cell.hover();
    await page.getByText('service-b-a3f1-7: ready, release 42', { exact: true }).waitFor();
    await cell.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('service-b-a3f1-8: ready, release 42', { exact: true }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('draws anew only the replica that changed', async () => {
    fake = await startFake(crowd());
    const { page } = await visit(browser, fake);
    await expect.poll(() => page.locator('[data-replica]').count()).toBe(200);
    await page.evaluate(`
      globalThis.changed = new Set();
      new MutationObserver((records) => records.forEach(({ target }) => {
        const cell = (target.nodeType === 1 ? target : target.parentElement).closest('[data-replica]');
        if (cell) changed.add(cell.dataset.replica);
      })).observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true, characterData: true });
    `);
    const { services } = fake.environment('local').status.place!;
    const replicas = services[2]!.replicas.map((replica, index) => (index === 4 ? { ...replica, state: 'starting' as const } : replica));
    change({ services: services.with(2, { ...services[2]!, ready: 24, replicas }) });
    await page.getByText('24/25 ready', { exact: true }).waitFor();
    expect(await page.evaluate('[...changed]')).toEqual(['service-c-a3f1-5']);
  });

  it('leads somebody who is new, until they have read it', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake);
    const hint = page.getByRole('complementary', { name: 'First steps' });
    await hint.getByRole('link', { name: 'Kill a replica' }).waitFor();
    await hint.getByRole('button', { name: 'Dismiss the hint' }).click();
    await hint.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('All 5 replicas are ready.').waitFor();
    await expect.poll(() => hint.count()).toBe(0);
  });

  it.each(themes.flatMap((theme) => widths.map((width) => ({ theme, width }))))(
    'stands still and can be used by everybody during a release: $theme, $width px',
    async ({ theme, width }) => {
      fake = await startFake(taskly());
      const { page, errors, shift } = await visit(browser, fake, { theme, width });
      await page.getByText('promoted 2 h ago by ana@laptop').waitFor();
      await page.getByText('42/s').first().waitFor();
      const { status, sample, releases } = releasing().environments[0]!;
      fake.update('local', { status, sample, releases });
      await set(page, 'Next set').getByText('10 % of the requests').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      change({ share: 40, state: 'degraded' }, 4000);
      await set(page, 'Next set').getByText('40 % of the requests').waitFor();
      expect(await shift()).toBeLessThan(0.01);
      expect(errors).toEqual([]);
    },
  );

  it('is small: what the first page loads is at most 250 KB compressed', async () => {
    fake = await startFake(environmentScenario());
    const loaded: string[] = [];
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto(fake.link());
    await page.getByText('All 1 replica are ready.').or(page.getByText('ready').first()).waitFor();
    const files = [...new Set(loaded)].filter((path) => path.startsWith('/assets/'));
    expect(files.length).toBeGreaterThan(3);
    const bytes = files.map((path) => compressedSize(join(pages, path))).reduce((sum, size) => sum + size, 0);
    console.log(`first page: ${files.length} files, ${Math.round(bytes / 1024)} KB compressed`);
    expect(bytes).toBeLessThanOrEqual(250 * 1024);
  });
});

function environmentScenario() {
  return { app: 'one', environments: [environmentOf(placeOf('one', [serviceOf('web', 'web', [replicaOf('web', 1)], '/')]))] };
}

/** As it travels: gzip where that was worth it. */
function compressedSize(file: string): number {
  try {
    return readFileSync(`${file}.gz`).length;
  } catch {
    return readFileSync(file).length;
  }
}
