/** What stands around every page of the dashboard: signing in, moving about, the connection. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startFake, type Fake } from '../../dashboard/fake.ts';
import { taskly } from '../../dashboard/fake-scenarios.ts';
import { themes, visit, widths } from '../../dashboard/fake-visit.ts';
import { requires } from '../../tools/requires.ts';
import { axeViolations, launchBrowser } from '../browser.ts';

requires('chromium')('the dashboard around its pages', () => {
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

  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const live = (page: Page) => page.getByText('Live', { exact: true });
  /** Types into the palette, which must be empty and have the focus, until it means the option. */
  const typeInto = async (page: Page, words: string, option: string): Promise<void> => {
    await expect.poll(() => page.evaluate('document.activeElement.role + document.activeElement.value')).toBe('combobox');
    await page.keyboard.type(words);
    await page.getByRole('option', { name: option, selected: true }).waitFor();
  };
  const choose = async (page: Page, words: string, option: string): Promise<void> => {
    await typeInto(page, words, option);
    await page.keyboard.press('Enter');
  };

  it('is signed in to by a link, which leaves no trace and is good once', async () => {
    fake = await startFake(taskly());
    const link = fake.link();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(link);
    await title(page, 'Overview').waitFor();
    expect(page.url()).toBe(`${fake.url}/e/local`);
    await page.reload();
    await title(page, 'Overview').waitFor();
    expect(await page.evaluate('history.length')).toBeLessThanOrEqual(2);
    await page.goto('about:blank');
    await page.goto(link);
    await title(page, 'Overview').waitFor();

    const other = await browser.newContext();
    const stranger = await other.newPage();
    await stranger.goto(link);
    await title(stranger, 'This link has been used').waitFor();
    await expect.poll(() => stranger.getByText('gantry dashboard').isVisible()).toBe(true);
    expect(await axeViolations(stranger)).toEqual([]);
  });

  it('says what to do without a link, with a token that is not good any more, and goes on with a new link', async () => {
    fake = await startFake(taskly());
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(fake.url);
    await title(page, 'This browser is not signed in').waitFor();
    await page.evaluate(`localStorage.setItem('gantry.token', 'of-a-server-that-has-ended')`);
    await page.reload();
    await title(page, 'You are signed out').waitFor();
    expect(await page.evaluate(`localStorage.getItem('gantry.token')`)).toBeNull();
    const second = await context.newPage();
    await second.goto(fake.link());
    await title(second, 'Overview').waitFor();
    // The first tab learns of it by itself.
    await title(page, 'Overview').waitFor();
    await live(page).waitFor();
  });

  it('is gone through with the keyboard alone', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    await live(page).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    for (const [keys, path, name] of [
      ['gr', '/e/local/releases', 'Releases · local · Gantry'],
      ['gl', '/e/local/logs', 'Logs · local · Gantry'],
      ['go', '/e/local', 'Overview · local · Gantry'],
    ] as const) {
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForURL((url) => url.pathname === path);
      await expect.poll(() => page.title()).toBe(name);
      await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1');
    }
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor();
    await expect.poll(() => help.getByText('Logs', { exact: true }).isVisible()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('finds pages, logs and changes in the palette', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    await live(page).waitFor();
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    await page.keyboard.press('Control+k');
    await palette.getByRole('option', { name: 'Logs of backend' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await choose(page, 'logs of back', 'Logs of backend');
    await page.waitForURL((url) => url.pathname === '/e/local/logs' && url.searchParams.get('service') === 'backend');

    await page.keyboard.press('Control+k');
    await choose(page, 'staging', 'staging');
    await page.waitForURL((url) => url.pathname === '/e/staging/logs');

    await page.keyboard.press('Control+k');
    await choose(page, 'restart backend', 'Restart backend ...');
    const dialog = page.getByRole('dialog', { name: 'Restart backend in staging' });
    await dialog.getByRole('button', { name: 'Restart backend' }).click();
    await page.getByText('restart in staging is under way').waitFor();
    expect(fake.asked).toEqual([{ kind: 'operation', environment: 'staging', input: { operation: 'restart', service: 'backend' } }]);
    const base = { id: 'o1', environment: 'staging', operation: 'restart', questions: [], error: null } as const;
    const meter = { requests: 300, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 12 };
    fake.publish({
      type: 'operation',
      operation: { ...base, questions: [], state: 'changed', result: { release: 'a', number: 42, durationMs: 3000, meter } },
    });
    await page.getByText('restart done in 3 s. 0 of 300 requests failed, longest gap 12 ms').waitFor();
    expect(errors).toEqual([]);
  });

  it('opens an empty palette again in the moment in which the last one closes', async () => {
    fake = await startFake(taskly());
    const { page, errors } = await visit(browser, fake);
    await live(page).waitFor();
    await page.keyboard.press('Control+k');
    await typeInto(page, 'logs of back', 'Logs of backend');
    await page.evaluate(`{
      const press = (target, init) => target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
      press(document.activeElement, { key: 'Enter' });
      press(document.body, { key: 'k', ctrlKey: true });
    }`);
    await page.waitForURL((url) => url.pathname === '/e/local/logs');
    await choose(page, 'restart backend', 'Restart backend ...');
    await page.getByRole('dialog', { name: 'Restart backend in local' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('scales a service by the palette', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { isExpected: () => true });
    await live(page).waitFor();
    await page.keyboard.press('Control+k');
    await choose(page, 'scale backend', 'Scale backend ...');
    const dialog = page.getByRole('dialog', { name: 'Scale backend in local' });
    await dialog.getByRole('spinbutton', { name: 'Replicas' }).fill('4');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(fake.asked).toEqual([{ kind: 'operation', environment: 'local', input: { operation: 'scale', service: 'backend', count: 4 } }]);
  });

  it('changes its colours and keeps them', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { theme: 'light' });
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const before = await ground();
    await page.getByRole('button', { name: 'Colours: as the system' }).click();
    expect(await ground()).toBe(before);
    await page.getByRole('button', { name: 'Colours: light' }).click();
    const dark = await ground();
    expect(dark).not.toBe(before);
    await page.reload();
    await title(page, 'Overview').waitFor();
    expect(await ground()).toBe(dark);
  });

  it('says so when the server is gone, and goes on by itself', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { isExpected: () => true });
    await live(page).waitFor();
    await fake.stop();
    await page.getByText('This is how it was at').waitFor();
    await expect.poll(() => title(page, 'Overview').isVisible()).toBe(true);
    await expect.poll(() => page.getByRole('button', { name: 'frontend-a3f1- 1 ready' }).isVisible()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    const { status } = fake.environment('local');
    const services = status.place!.services.map((service) => ({ ...service, ready: 0 }));
    fake.update('local', { status: { ...status, place: { ...status.place!, services } } });
    await fake.start();
    await live(page).waitFor();
    await page.getByText('This is how it was at').waitFor({ state: 'detached' });
    await page.getByText('0/3 ready', { exact: true }).waitFor();
  });

  it('has one stream for twenty tabs, and forgets those that are closed', async () => {
    fake = await startFake(taskly());
    const { context, page } = await visit(browser, fake);
    await live(page).waitFor();
    const tabs: Page[] = [];
    for (let tab = 0; tab < 19; tab++) {
      const opened = await context.newPage();
      await opened.goto(`${fake.url}/e/local/${tab % 2 === 0 ? '' : 'releases'}`);
      tabs.push(opened);
    }
    await Promise.all(tabs.map((tab) => live(tab).waitFor()));
    await expect.poll(() => fake.streams.size).toBe(1);
    const { status } = fake.environment('local');
    const place = { ...status.place!, scaling: [{ at: new Date().toISOString(), service: 'backend', from: 3, to: 5, reason: 'now' }] };
    fake.update('local', { status: { ...status, place } });
    for (const tab of [page, tabs[0]!, tabs[18]!]) await tab.getByText('backend 3 -> 5').waitFor();
    // The last one that watches logs goes without saying so: its lock tells.
    const [, closing] = tabs;
    await closing!.goto(`${fake.url}/e/local/logs`);
    await expect.poll(() => [...fake.streams].flat().includes('local/logs')).toBe(true);
    await closing!.close();
    await expect.poll(() => [...fake.streams].flat().includes('local/logs')).toBe(false);
    expect(fake.streams.size).toBe(1);
  });

  it('has a stream of its own where there are no shared workers', async () => {
    fake = await startFake(taskly());
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript('delete globalThis.SharedWorker');
    await page.goto(fake.link());
    await page.getByText('All 5 replicas are ready.').waitFor();
    expect(fake.streams.size).toBe(1);
  });

  it('is not harmed by an address of an environment that is not there', async () => {
    fake = await startFake(taskly());
    const { context, page } = await visit(browser, fake, { isExpected: (text) => text.includes('404') });
    await live(page).waitFor();
    const lost = await context.newPage();
    await lost.goto(`${fake.url}/e/nowhere`);
    await lost.getByText('There is no environment "nowhere"').waitFor();
    await live(lost).waitFor();
    const { status } = fake.environment('local');
    fake.update('local', { status: { ...status, place: { ...status.place!, state: 'degraded' } } });
    await page.getByText('degraded', { exact: true }).waitFor();
    expect(fake.streams.size).toBe(1);
  });

  it('keeps a page that cannot be had from taking the others with it', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { isExpected: () => true });
    await live(page).waitFor();
    await page.route(/\/assets\/metrics-/, (route) => route.abort());
    await page.getByRole('link', { name: 'Metrics', exact: true }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('This page has changed').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Reload' }).isVisible()).toBe(true);
    await page.getByRole('navigation').getByRole('link', { name: 'Releases' }).click();
    await title(page, 'Releases').waitFor();
  });

  it('searches where the page has something to search, and everything elsewhere', async () => {
    fake = await startFake(taskly());
    const { page } = await visit(browser, fake, { path: '/e/local/logs' });
    await title(page, 'Logs').waitFor();
    await live(page).waitFor();
    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('INPUT');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('navigation').getByRole('link', { name: 'Overview' }).click();
    await title(page, 'Overview').waitFor();
    await page.keyboard.press('/');
    await page.getByRole('dialog', { name: 'Search and commands' }).waitFor();
  });

  it.each(themes.flatMap((theme) => widths.map((width) => ({ theme, width }))))(
    'can be used by everybody: $theme, $width px',
    async ({ theme, width }) => {
      fake = await startFake(taskly());
      const { page, errors, shift } = await visit(browser, fake, { theme, width });
      await page.getByText('All 5 replicas are ready.').waitFor();
      await page.getByText('42/s').first().waitFor();
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.getByRole('button', { name: 'Environment local' }).click();
      await page.getByRole('menuitem', { name: /staging/ }).waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      expect(await shift()).toBeLessThan(0.01);
      expect(errors).toEqual([]);
    },
  );
});
