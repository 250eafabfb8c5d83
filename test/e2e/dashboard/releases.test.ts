import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Progress } from '../../../src/server/api/index.ts';
import type { Fake } from '../../dashboard/fake.ts';
import type { Scenario } from '../../dashboard/fake-scenarios.ts';
import {
  begun,
  calmMeter,
  detail,
  emptyPlan,
  evidence,
  failedRelease,
  gate,
  gravePlan,
  hostileDetail,
  many,
  progressAt,
  released,
  underWay,
  walkUpTo,
} from '../../dashboard/releases-data.ts';
import { expectNarrow, expectSound, picture, useVisits, variants } from '../../dashboard/releases-visit.ts';
import { requires } from '../../tools/requires.ts';
import { failOn } from '../browser.ts';

requires('chromium')('releases in a browser', () => {
  const now = Date.now();
  const visit = useVisits();
  const row = (page: Page, name: string) => page.getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) });
  const dialog = (page: Page) => page.getByRole('dialog');
  const keyOf = (number: number): string => `attempt-${number}`;

  /** The release under way, told step by step. */
  function tell(fake: Fake, step: string, over: Partial<Progress> = {}): void {
    fake.update('local', { progress: progressAt(step, now, over) });
  }

  const looks: readonly (readonly [name: string, path: string, scenario: () => Scenario, ready: string])[] = [
    ['list', '/e/local/releases', () => released(now), 'release 42'],
    ['list-running', '/e/local/releases', () => begun(now), 'release 43 is under way'],
    ['promoted', `/e/local/releases/${keyOf(42)}`, () => released(now), 'The walk'],
    ['failed', `/e/local/releases/${keyOf(41)}`, () => released(now), 'Why it failed'],
    ['compare', '/e/local/compare/a/b', () => released(now), '2 files differ'],
    ['plan', '/e/local/plan', () => released(now, { plan: gravePlan }), '1 destroyed'],
    ['empty', '/e/local/releases', () => released(now, { releases: [] }), 'Nothing was released yet'],
  ];

  it.each(looks.flatMap((look) => variants.map((variant) => [...look, ...variant] as const)))(
    '%s %#: nothing that axe finds, and nothing to scroll to at the side (%s)',
    async (name, path, scenario, ready, theme, width) => {
      const visited = await visit(path, scenario(), { theme, width });
      const { page } = visited;
      await page.getByText(ready).first().waitFor();
      await picture(page, `${name}-${theme}-${width}`);
      await expectSound(visited);
    },
  );

  it('lists what was released, what serves, why one failed, and where a rollback can go', async () => {
    const { page, errors } = await visit('/e/local/releases', released(now));
    await row(page, 'release 42').waitFor();
    await expect.poll(() => row(page, 'release 42').innerText()).toMatch(/serves[\s\S]*0 of 1,832 failed, longest gap 38 ms/);
    await expect.poll(() => row(page, 'release 41').innerText()).toMatch(/rolled back[\s\S]*canary: 12 of 80 requests failed[\s\S]*GR4001/);
    await expect.poll(() => row(page, 'release 38').innerText()).toContain('not kept');
    await expect.poll(() => row(page, 'deploy without a release').innerText()).toContain('GR1007');
    const offered = await page.getByRole('button', { name: /^Roll back to release/ }).allTextContents();
    expect(offered).toHaveLength(2);
    failOn(errors);
  });

  it('is walked by the arrows and opened by Enter', async () => {
    const { page } = await visit('/e/local/releases', released(now));
    await page.getByRole('link', { name: 'release 42', exact: true }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Release 41' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/e/local/releases/${keyOf(41)}`);
  });

  it('shows 500 releases, fifty at a time', async () => {
    const { page } = await visit('/e/local/releases', released(now, { releases: many(500, now) }));
    const rows = page.getByRole('list', { name: 'Releases, newest first' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(50);
    for (let shown = 100; shown <= 500; shown += 50) {
      await page.getByRole('button', { name: 'Older releases' }).click();
      await expect.poll(() => rows.count()).toBe(shown);
    }
    await page
      .getByRole('button', { name: 'Older releases' })
      .click({ timeout: 2000 })
      .catch(() => {});
    await expect.poll(() => rows.count()).toBe(500);
  });

  it('says how to make the first release', async () => {
    const { page } = await visit('/e/local/releases', released(now, { releases: [], plan: emptyPlan }));
    await page.getByText('gantry deploy local').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Release now' }).last().click();
    await expect.poll(() => dialog(page).getByText('Nothing would change.').innerText()).toBe('Nothing would change.');
  });

  it('watches a release from its start to its end', async () => {
    const { fake, page, errors } = await visit(`/e/local/releases/${keyOf(43)}`, begun(now));
    const walk = page.getByRole('list', { name: 'The walk, step by step' });
    const step = (name: string) => walk.getByRole('listitem').filter({ hasText: new RegExp(`^\\W*${name}`) });
    await expect.poll(() => step('build').innerText()).toContain('running');
    await expect.poll(() => page.getByText('They have not looked yet.').count()).toBe(0);
    const known = fake.environment('local').details;
    known[keyOf(43)] = detail(underWay(now), { walk: walkUpTo('build', 'done', now), gates: [] });
    tell(fake, 'smoke');
    await page.getByText('no smoke check signs in').waitFor();
    await expect.poll(() => step('smoke').innerText()).toMatch(/running[\s\S]*3 of 3/);
    await expect.poll(() => step('build').innerText()).toContain('done');
    const open1 = gate({ verdict: null, judgedOn: null, elapsedMs: 4000 });
    tell(fake, 'canary', { gate: open1, meter: { ...calmMeter, requests: 320, longestGapMs: 21 } });
    await page.getByRole('region', { name: 'Gate of the canary' }).getByText('judging').waitFor();
    const figures = await page.getByRole('region', { name: 'Gate of the canary' }).innerText();
    expect(figures).toMatch(/requests\s+1,520\s+80[\s\S]*error rate\s+0.00 %\s+0.00 %\s+1.00 %[\s\S]*p95\s+43 ms\s+41 ms\s+93 ms/);
    await page.getByText('of 320 requests').waitFor();
    await picture(page, 'watching-light-1280');
    const { status } = fake.environment('local');
    if (status.place === null) throw new Error('the scenario has a place');
    fake.update('local', { status: { ...status, place: { ...status.place, share: 40 } } });
    await page.getByText('40 %', { exact: true }).waitFor();
    tell(fake, 'retire', { gate: gate(), meter: calmMeter });
    await expect.poll(() => page.getByRole('button', { name: 'Take back' }).count()).toBe(0);
    const ended = {
      outcome: 'promoted',
      live: true,
      ended: new Date(now + 40_000).toISOString(),
      durationMs: 40_000,
      meter: calmMeter,
    } as const;
    const { details, releases } = fake.environment('local');
    fake.update('local', {
      progress: null,
      releases: releases.map((one) => (one.number === 43 ? { ...one, ...ended } : { ...one, live: false })),
      details: { ...details, [keyOf(43)]: detail({ ...underWay(now), ...ended }) },
    });
    await page.getByText('release 43 promoted in 40 s. 0 of 1,832 failed, p99 +3 ms, longest gap 38 ms.').waitFor();
    failOn(errors);
  });

  it('takes a release back while that is possible', async () => {
    const { fake, page } = await visit('/e/local/releases', begun(now));
    await page.getByRole('button', { name: 'Take back' }).click();
    await dialog(page).getByRole('button', { name: 'Take it back' }).click();
    await expect.poll(() => fake.asked).toEqual([{ kind: 'interrupt', environment: 'local' }]);
  });

  it('shows the evidence of a failure, and leads to its log lines', async () => {
    const why = { ...evidence, code: 'GL1020', message: 'backend-3f9a-1 ended 3 times within 60 s (exit 1)', where: 'services.backend' };
    const summary = failedRelease(now);
    const { page } = await visit(
      `/e/local/releases/${summary.key}`,
      released(now, { details: { [summary.key]: detail(summary, { evidence: why }) } }),
    );
    const lines = page.getByRole('region', { name: 'Last log lines' });
    await expect.poll(() => lines.innerText()).toContain('column \\"owner_id\\" does not exist');
    await page.getByText('gantry explain GL1020').waitFor();
    const href = await page.getByRole('link', { name: 'Logs of backend-3f9a-1' }).getAttribute('href');
    expect(href).toContain('/e/local/logs?service=backend&replica=backend-3f9a-1');
  });

  it('a release that was taken back says so, step by step', async () => {
    const { page } = await visit(`/e/local/releases/${keyOf(41)}`, released(now));
    await page.getByText('release 41 was rolled back: no user was on it any more after 64 ms.').waitFor();
    const walk = await page.getByRole('list', { name: 'The walk, step by step' }).innerText();
    expect(walk).toMatch(/apply\s+taken back/);
    expect(walk).toMatch(/canary\s+failed/);
    expect(walk).toMatch(/revert\s+done/);
    await expect
      .poll(() => page.getByRole('region', { name: 'Gate of the canary' }).innerText())
      .toMatch(/stop[\s\S]*on users[\s\S]*1.00 % more is allowed/);
  });

  it('is text only, whatever others have written', async () => {
    const evil = hostileDetail(now);
    for (const width of [360, 1280]) {
      const { page, errors } = await visit(
        `/e/local/releases/${evil.key}`,
        released(now, { releases: [evil], details: { [evil.key]: evil } }),
        { width },
      );
      await page.getByText('Why it failed').waitFor();
      await picture(page, `hostile-light-${width}`);
      expect(await page.title()).not.toContain('owned');
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await page.getByRole('region', { name: 'Last log lines' }).innerText()).not.toContain('\u001B');
      await expectNarrow(page);
      await page.goto(page.url().replace(`/${evil.key}`, ''));
      await page.getByRole('link', { name: 'release 41' }).waitFor();
      await expectNarrow(page);
      failOn(errors);
    }
  });

  it('loads anew when a part of the page did not arrive, and says so when that does not help', async () => {
    const { fake, page } = await visit('/environments', released(now));
    await page.getByRole('heading', { name: 'Environments' }).waitFor();
    let failures = 0;
    await page.route('**/assets/releases-*.js', async (route) => {
      failures += 1;
      await (failures === 1 ? route.abort() : route.continue());
    });
    await page.goto(`${fake.url}/e/local/releases`);
    await row(page, 'release 42').waitFor();
    expect(failures).toBe(2);
    await page.route('**/assets/releases-*.js', (route) => route.abort());
    await page.goto(`${fake.url}/e/local/plan`);
    await page.getByRole('button', { name: 'Reload' }).waitFor();
  });

  it('says what to do about a release that is not there', async () => {
    const { page } = await visit('/e/local/releases/nothing', released(now));
    await page.getByText('There is no release "nothing".').waitFor();
    await page.getByRole('link', { name: 'All releases of local' }).click();
    expect(new URL(page.url()).pathname).toBe('/e/local/releases');
  });
});
