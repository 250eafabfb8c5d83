import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Operation, OperationInput } from '../../../src/server/api/index.ts';
import { releaseB } from '../../dashboard/fake-scenarios.ts';
import { calmMeter, comparison, emptyPlan, gravePlan, longFile, plan, progressAt, released } from '../../dashboard/releases-data.ts';
import { picture, useVisits } from '../../dashboard/releases-visit.ts';
import { requires } from '../../tools/requires.ts';
import { axeViolations, failOn } from '../browser.ts';

requires('chromium')('changing and comparing releases in a browser', () => {
  const now = Date.now();
  const visit = useVisits();
  const dialog = (page: Page) => page.getByRole('dialog');
  const operation = (more: Partial<Operation>): Operation => ({
    id: 'o1',
    environment: 'local',
    operation: 'deploy',
    state: 'running',
    questions: [],
    error: null,
    result: null,
    ...more,
  });

  it('rolls back only when the name of the environment was typed', async () => {
    const { fake, page } = await visit('/e/local/releases', released(now));
    await page.getByRole('button', { name: 'Roll back to release 40' }).click();
    await dialog(page).getByText('Databases are not rolled back').waitFor();
    const go = dialog(page).getByRole('button', { name: 'Roll back', exact: true });
    const name = dialog(page).getByRole('textbox', { name: 'Type local to go on' });
    await expect.poll(() => go.isDisabled()).toBe(true);
    await name.fill('production');
    await dialog(page).getByText('This is not the name of the environment.').waitFor();
    await expect.poll(() => go.isDisabled()).toBe(true);
    await picture(page, 'rollback-light-1280');
    expect(await axeViolations(page)).toEqual([]);
    await name.fill('local');
    await name.press('Tab');
    await go.click();
    await expect.poll(() => fake.asked).toHaveLength(1);
    expect(fake.asked[0]).toMatchObject({
      input: { operation: 'rollback', confirm: 'local', release: fake.environment('local').releases[2]?.release },
    });
    fake.update('local', { progress: progressAt('smoke', now, { key: 'attempt-40' }) });
    await page.waitForURL('**/e/local/releases/attempt-40');
    await expect.poll(() => dialog(page).count()).toBe(0);
  });

  it('asks what has to be confirmed, and goes on with every yes', async () => {
    const questions = [
      { id: 'G24', text: 'the plan takes 3 of 4 parts down at once', losesData: false },
      { id: 'irreversible', text: 'migrations/007_drop_owner.sql drops column tasks.owner_id', losesData: true },
    ];
    const operate = (_: string, input: OperationInput): Operation =>
      'confirmed' in input && input.confirmed.length === 2 ? operation({ id: 'o2' }) : operation({ state: 'asks', questions });
    const { fake, page } = await visit('/e/local/releases', released(now, { plan: gravePlan }), { operate });
    await page.getByRole('button', { name: 'Release now' }).click();
    await dialog(page).getByText('1 destroyed').waitFor();
    await picture(page, 'deploy-light-1280');
    const go = dialog(page).getByRole('button', { name: 'Release', exact: true });
    await go.click();
    await dialog(page).getByText('2 things have to be confirmed').waitFor();
    await picture(page, 'questions-light-1280');
    expect(await axeViolations(page)).toEqual([]);
    await expect.poll(() => go.isDisabled()).toBe(true);
    await dialog(page).getByRole('checkbox').first().check();
    await dialog(page).getByRole('checkbox').last().check();
    await expect.poll(() => go.isDisabled()).toBe(true);
    await dialog(page).getByRole('textbox').fill('local');
    await go.click();
    await expect.poll(() => fake.asked).toHaveLength(2);
    const last = fake.asked.at(-1) as { input: { confirmed: string[] } };
    expect(last.input.confirmed.toSorted()).toEqual(['G24', 'irreversible']);
    fake.publish({
      type: 'operation',
      operation: operation({ id: 'o2', state: 'changed', result: { release: releaseB, number: 43, durationMs: 17_200, meter: calmMeter } }),
    });
    await dialog(page).getByText('release 43 promoted in 17 s. 0 of 1,832 failed').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog(page).count()).toBe(0);
  });

  it('says who is at work, and what a guardrail wants', async () => {
    const busy = {
      code: 'GR1001',
      message: 'local is being deployed by ben@ci, since 10:41:02, step smoke',
      fix: 'Wait until it has ended.',
      lines: [],
      exitCode: 1,
    };
    const blocked = {
      ...busy,
      code: 'GR1007',
      message: 'G07 stops this release',
      lines: ['G07  backend answers while it stops  gantry.yaml:4', '     Users meet errors. End it.'],
    };
    const answers = [
      operation({ state: 'failed', error: busy }),
      operation({ id: 'o2', state: 'failed', error: blocked }),
      operation({ id: 'o3' }),
    ];
    const { fake, page } = await visit('/e/local/plan', released(now), { operate: () => answers.shift() ?? operation({ id: 'o4' }) });
    await page.getByRole('button', { name: 'Release now' }).click();
    await dialog(page).getByRole('button', { name: 'Release', exact: true }).click();
    await dialog(page).getByText('local is being deployed by ben@ci').waitFor();
    const again = dialog(page).getByRole('button', { name: 'Try again' });
    await again.click();
    const reason = dialog(page).getByRole('textbox', { name: 'Let G07 pass, because' });
    await reason.waitFor();
    await expect.poll(() => again.isDisabled()).toBe(true);
    await reason.fill('a trial, taken back tonight');
    await again.click();
    await expect.poll(() => fake.asked).toHaveLength(3);
    const last = fake.asked.at(-1) as { input: { allow: unknown } };
    expect(last.input.allow).toEqual([{ id: 'G07', reason: 'a trial, taken back tonight' }]);
  });

  it('compares two releases: signs beside colours, folded lines, swapped sides, keys from change to change', async () => {
    const { page, errors } = await visit('/e/local/compare/from-id/to-id', released(now));
    await page.getByText('2 files differ').waitFor();
    const file = page.getByRole('group', { name: 'Differences of release/process.json' });
    await expect
      .poll(() => file.innerText())
      .toMatch(/\.\.\. 3 equal lines[\s\S]*-[\s\S]*7a3f0c9e41d2[\s\S]*\+[\s\S]*2c91e80b77aa[\s\S]*\.\.\. 31 equal lines/);
    await expect.poll(() => page.getByRole('main').innerText()).toMatch(/backend\.DATABASE_URL[\s\S]*secret/);
    for (const text of ['change 1 of 3', 'change 2 of 3', 'change 3 of 3', 'change 1 of 3']) {
      await page.keyboard.press('n');
      await page.getByText(text).waitFor();
    }
    await page.keyboard.press('p');
    await page.getByText('change 3 of 3').waitFor();
    await page.getByRole('button', { name: 'Swap sides' }).click();
    await page.waitForURL('**/e/local/compare/to-id/from-id');
    const wanted = released(now).environments[0]?.releases[2]?.release ?? '';
    await page.getByRole('combobox', { name: 'From' }).selectOption(wanted);
    await page.waitForURL(`**/e/local/compare/${wanted}/from-id`);
    failOn(errors);
  });

  it('opens a file of 20,000 lines when somebody wants it, and stays quick', async () => {
    const files = [longFile(20_000), ...comparison(now).files];
    const { page } = await visit('/e/local/compare/a/b', released(now, { comparison: comparison(now, { files }) }));
    await page.getByText('3 files differ').waitFor();
    const long = page.getByRole('region', { name: 'Differences of release/long.json' });
    await expect.poll(() => long.count()).toBe(0);
    await page.getByRole('button', { name: 'Show them' }).click();
    await long.waitFor();
    await expect.poll(() => long.locator('[data-sign]').count()).toBeLessThan(200);
    await page.evaluate(measureLongest);
    for (let press = 0; press < 40; press += 1) await page.keyboard.press('n');
    await page.getByText('change 40 of 5,003').waitFor();
    await long.getByText('row 157 is new').waitFor();
    expect(await page.evaluate('window.longestTask')).toBeLessThan(200);
  });

  it('the plan says first what it comes down to', async () => {
    const { fake, page } = await visit('/e/local/plan', released(now));
    await page.getByText('~ 2 changed').waitFor();
    await expect
      .poll(() => page.getByRole('main').innerText())
      .toMatch(/~ 2 changed\s+0 replaced\s+0 destroyed\s+no downtime, no data loss/);
    fake.environment('local').plan = gravePlan;
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('drops column tasks.owner_id').waitFor();
    await expect
      .poll(() => page.getByRole('main').innerText())
      .toMatch(/\+ 1 created\s+~ 0 changed\s+1 replaced\s+1 destroyed\s+\? 1 unknown\s+downtime, data loss/);
    fake.environment('local').plan = emptyPlan;
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Nothing would change.').waitFor();
    fake.environment('local').plan = plan({ running: false });
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('all of it would be started').waitFor();
  });
});

/** Remembers the longest time during which the page could not react, ms. */
const measureLongest = `
  window.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longestTask = Math.max(window.longestTask, entry.duration);
  }).observe({ type: 'longtask' });
`;
