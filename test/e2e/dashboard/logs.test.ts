import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { stopped, taskly, type FakeEnvironment, type Scenario } from '../../dashboard/fake-scenarios.ts';
import { hostileLines, lineOf, ordinary } from '../../dashboard/logs-data.ts';
import { expectNarrow, expectSound, picture, useVisits, variants, type Visit } from '../../dashboard/releases-visit.ts';
import { requires } from '../../tools/requires.ts';
import { failOn } from '../browser.ts';

requires('chromium')('the log in a browser', () => {
  const visit = useVisits();

  function scenario(lines: number): Scenario {
    const [first] = taskly().environments as [FakeEnvironment];
    return { app: 'taskly', environments: [{ ...first, logs: ordinary(lines) }] };
  }

  async function visitLogs(lines = 3000, query = '', options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visited = await visit(`/e/local/logs${query}`, scenario(lines), options);
    if (lines > 0) await visited.page.getByRole('row').first().waitFor();
    return visited;
  }

  const list = (page: Page) => page.getByRole('treegrid', { name: 'Log lines' });
  const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text });
  const search = (page: Page) => page.getByRole('searchbox', { name: 'Search in the lines' });
  const fromEnd = (page: Page): Promise<number> =>
    list(page).evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  const summary = (page: Page, text: string | RegExp) => page.getByRole('contentinfo').or(page.locator('footer')).getByText(text);

  it.each(variants)('in %s at %i px: nothing that axe finds, and nothing to scroll to at the side', async (theme, width) => {
    const visited = await visitLogs(3000, '', { theme, width });
    const { page, fake } = visited;
    fake.log('local', hostileLines);
    await row(page, 'no time is known').waitFor();
    await picture(page, `logs-${theme}-${width}`);
    await expectSound(visited);
    await search(page).fill('request failed');
    await row(page, 'request failed').first().waitFor();
    await search(page).press('Enter');
    await list(page).press('Enter');
    await row(page, 'as written').waitFor();
    await picture(page, `logs-opened-${theme}-${width}`);
    await expectSound(visited);
  });

  it('shows whatever a program writes as text, and executes nothing', async () => {
    const { page, fake, errors } = await visitLogs();
    fake.log('local', hostileLines);
    await row(page, '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>').waitFor();
    await row(page, 'ERROR orange true colour on yellow underlined').waitFor();
    await row(page, 'a link and a title and a cleared screen').waitFor();
    await row(page, 'user[U+202E]gnp.exe and a bell [U+0007] and a null [U+0000]').waitFor();
    await row(page, 'unended [U+001B]]0;the rest is still here').waitFor();
    await row(page, /cut, 1,048,576 characters/).waitFor();
    await row(page, 'time not known').waitFor();
    await expect.poll(() => list(page).getByRole('link').count()).toBe(0);
    const colourOf = (text: string): Promise<string> => page.evaluate(`(${colour})(${JSON.stringify(text)})`);
    expect(await colourOf('ERROR')).not.toBe(await colourOf('a link and a title and a cleared screen'));
    await row(page, '<b>bold</b>').click();
    await row(page, '<b>bold</b>').getByText('"nested"').waitFor();
    await row(page, /cut, 1,048/).click();
    await row(page, 'the line has 1,048,576 characters; the first 16,384 are here').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await expectNarrow(page);
    failOn(errors);
  });

  it('stays at the end, stops when somebody scrolls up, and goes back on demand', async () => {
    const { page, fake } = await visitLogs();
    fake.log('local', [lineOf('the newest of all')]);
    await row(page, 'the newest of all').waitFor();
    await expect.poll(() => fromEnd(page)).toBeLessThan(2);
    await list(page).hover();
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
    await expect.poll(() => new URL(page.url()).search).toContain('follow=no');
    const seen = await page.getByRole('row').nth(12).innerText();
    fake.log(
      'local',
      Array.from({ length: 40 }, (_, index) => lineOf(`later ${index}`)),
    );
    await page.getByRole('button', { name: 'Jump to newest (40 new)' }).waitFor();
    expect(await fromEnd(page)).toBeGreaterThan(600);
    expect(
      await page
        .getByText(seen.split('\n').at(-1) ?? '', { exact: false })
        .first()
        .isVisible(),
    ).toBe(true);
    await page.getByRole('button', { name: 'Jump to newest (40 new)' }).click();
    await row(page, 'later 39').waitFor();
    await expect.poll(() => new URL(page.url()).search).not.toContain('follow');
  });

  it('keeps what is chosen in its address', async () => {
    const { page } = await visitLogs();
    await page.getByLabel('Service').selectOption('backend');
    await page.getByLabel('Level').selectOption('error');
    await search(page).fill('failed');
    await expect.poll(() => new URL(page.url()).searchParams.toString()).toBe('service=backend&level=error&q=failed');
    await row(page, 'request failed').first().waitFor();
    const count = await page.getByText(/\d+ found/).innerText();
    await page.reload();
    await page.getByText(count).waitFor();
    await expect.poll(() => search(page).inputValue()).toBe('failed');
    await expect.poll(() => page.getByLabel('Level').inputValue()).toBe('error');
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'frontend' }).count()).toBe(0);
  });

  it('goes from match to match, with and without what is around them', async () => {
    const { page } = await visitLogs();
    await search(page).fill('slow query');
    await page.getByText(/\d+ found/).waitFor();
    await search(page).press('Enter');
    const all = await page.getByText(/^(\d+) of \1$/).innerText();
    await search(page).press('Enter');
    await page.getByText(`${Number(all.split(' ')[0]) - 1} of ${all.split(' ').at(-1)}`).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(all, { exact: true }).waitFor();
    const only = await page.getByRole('treegrid').getAttribute('aria-rowcount');
    await page.getByRole('button', { name: 'Only matches' }).click();
    await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).not.toBe(only);
    await expect.poll(() => list(page).locator('mark').first().innerText()).toBe('slow query');
  });

  it('searches by regular expressions, says what is wrong with one, and survives a hostile one', async () => {
    const { page, fake, errors } = await visitLogs(3000, '?pattern=yes');
    await search(page).fill('took 2[0-9]{2} ms$');
    await page.getByText(/\d+ found/).waitFor();
    await expect.poll(() => list(page).locator('mark').first().innerText()).toMatch(/^took 2\d\d ms$/);
    await search(page).fill('took (2');
    await page
      .getByRole('alert')
      .getByText(/^Not a regular expression/)
      .waitFor();
    fake.log('local', [lineOf('a'.repeat(60))]);
    await search(page).fill('^(a+)+$x');
    await page.getByRole('alert').getByText('This pattern takes too long').waitFor();
    await search(page).fill('slow');
    await page.getByText(/\d+ found/).waitFor();
    failOn(errors);
  });

  it('does everything by the keyboard', async () => {
    const { page, context } = await visitLogs().then((visited) => ({ ...visited, context: visited.page.context() }));
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search');
    await page.keyboard.type('request failed');
    await page.getByText(/\d+ found/).waitFor();
    await page.keyboard.press('Enter');
    await list(page).focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const opened = page.locator('[role=row][aria-expanded=true]');
    await opened.getByText('connect ECONNREFUSED 127.0.0.1:1').first().waitFor();
    await expect.poll(() => opened.getAttribute('id')).toBe(await list(page).getAttribute('aria-activedescendant'));
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => opened.count()).toBe(0);
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('c');
    await page.getByText('2 lines copied').waitFor();
    const copied = (await page.evaluate('navigator.clipboard.readText()')) as string;
    expect(
      copied
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\S+ \S+ /u, '').slice(0, 10)),
    ).toEqual(['{"level":5', '{"level":5']);
    await page.keyboard.press('End');
    await expect.poll(() => new URL(page.url()).search).not.toContain('follow');
  });

  it('fetches older lines above, and stays where somebody reads', async () => {
    const { page } = await visitLogs(9000);
    await summary(page, '2,000 lines').waitFor();
    await list(page).focus();
    await page.keyboard.press('Home');
    await summary(page, '7,000 lines').waitFor();
    const active = await list(page).getAttribute('aria-activedescendant');
    expect(active).toBe('log-7001');
    await expect.poll(() => page.locator(`#${active}`).isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Load older lines' }).click();
    await page.getByText('There are no older lines.').waitFor();
    await summary(page, '9,000 lines').waitFor();
  });

  it('closes the gap after the server was gone, and loses and repeats nothing', async () => {
    const { page, fake } = await visitLogs(50);
    await fake.stop();
    fake.log('local', [lineOf('while nobody could be told')]);
    await fake.start();
    await row(page, 'while nobody could be told').waitFor();
    fake.publish({ type: 'logs', environment: 'local', lines: [], skipped: 12 });
    fake.log('local', [lineOf('after it')]);
    await row(page, '12 lines left out here').waitFor();
    await row(page, 'after it').waitFor();
    await expect.poll(() => row(page, 'while nobody could be told').count()).toBe(1);
  });

  it('asks again by itself when the first answer did not come', async () => {
    const { page } = await visitLogs(0);
    let isBroken = true;
    await page.route('**/logs?*', (route) => (isBroken ? route.abort() : route.continue()));
    await page.reload();
    await page.getByRole('alert').getByText('does not answer').waitFor();
    isBroken = false;
    await page.getByText('No lines yet').waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('leads to the lines around a moment', async () => {
    const logs = ordinary(3000);
    const { page } = await visit(`/e/local/logs?at=${logs[1500]?.at}`, {
      app: 'taskly',
      environments: [{ ...(taskly().environments[0] as FakeEnvironment), logs }],
    });
    await expect.poll(() => list(page).getAttribute('aria-activedescendant')).toBe('log-1501');
    await expect.poll(() => page.locator('#log-1501').isVisible()).toBe(true);
  });

  it('says what to do when there is nothing', async () => {
    const empty = await visitLogs(0);
    await empty.page.getByText('No lines yet').waitFor();
    const nothing = await visit('/e/local/logs?q=nowhere', scenario(100));
    await nothing.page.getByText('Nothing matches').waitFor();
    await nothing.page.getByRole('button', { name: 'Show all lines' }).click();
    await nothing.page.getByRole('row').first().waitFor();
    const still = await visit('/e/local/logs', stopped());
    await still.page.getByText('Nothing runs here').waitFor();
    await expectSound(still);
  });

  it('stays quick with 100,000 lines and a hundred more each second', async () => {
    const { page, fake, errors } = await visitLogs(100_000);
    await page.evaluate(measureInteractions);
    await page.getByRole('button', { name: 'Load all' }).click();
    await summary(page, '100,000 lines').waitFor({ timeout: 60_000 });
    let sent = 0;
    const timer = setInterval(
      () =>
        fake.log(
          'local',
          Array.from({ length: 10 }, () => lineOf(`GET /api/tasks 200 number ${sent++}`)),
        ),
      100,
    );
    try {
      await page.evaluate('durations.length = 0');
      for (const words of ['request failed', 'slow query took 3', 'GET /assets/index-3']) {
        await search(page).fill('');
        await search(page).pressSequentially(words, { delay: 60 });
        await page.getByText(/[\d,]+ found/).waitFor();
      }
    } finally {
      clearInterval(timer);
    }
    const durations = (await page.evaluate('durations')) as number[];
    const sorted = durations.toSorted((a, b) => a - b);
    const [most, typical] = [sorted.at(-1) ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0];
    process.stdout.write(
      `interaction to next paint while ${sent} lines came: median ${typical} ms, longest ${most} ms of ${sorted.length} events over 16 ms\n`,
    );
    await summary(page, /of 100,000 lines; the page keeps the newest 100,000/).waitFor();
    expect(sent).toBeGreaterThan(100);
    failOn(errors);
  });
});

/** Of the innermost element with this text. */
const colour = `(text) => getComputedStyle([...document.querySelectorAll('[role=row] *')].findLast((element) => element.textContent === text)).color`;

/** Everything that somebody did and that took longer than a frame until it was seen. */
const measureInteractions = `
  globalThis.durations = [];
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration, interactionId }) => { if (interactionId > 0) durations.push(duration); }))
    .observe({ type: 'event', durationThreshold: 16 });
`;
