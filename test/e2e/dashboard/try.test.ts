import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { environmentOf, stopped, taskly, type FakeEnvironment } from '../../dashboard/fake-scenarios.ts';
import { lineOf } from '../../dashboard/logs-data.ts';
import type { Fake } from '../../dashboard/fake.ts';
import { expectSound, picture, useVisits, variants, type Visit } from '../../dashboard/releases-visit.ts';
import { answerTo, progressAt, promoted, reason, sampleNow, statusOf, takenBack, trialOperation } from '../../dashboard/try-data.ts';
import { requires } from '../../tools/requires.ts';

requires('chromium')('Try it in a browser', () => {
  const visit = useVisits();

  async function visitTry(options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visited = await visit('/e/local/try', taskly(), {
      attempt: (_environment, input) => {
        const tried = answerTo(input);
        if (tried.operation !== null) visited.fake.publish({ type: 'operation', operation: tried.operation });
        return tried;
      },
      ...options,
    });
    visited.fake.update('local', { status: statusOf(), sample: sampleNow(40) });
    await visited.page.getByRole('button', { name: /^Kill / }).waitFor();
    return visited;
  }

  const step = (page: Page, title: string) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) });
  const kill = (page: Page) => step(page, 'Kill a replica');
  const good = (page: Page) => step(page, 'Make a good release');
  const bad = (page: Page) => step(page, 'Make a bad one');

  async function killOne(page: Page, fake: Fake): Promise<void> {
    await kill(page).getByLabel('Replica').selectOption('backend-a3f1-1');
    await kill(page).getByRole('button', { name: 'Kill backend-a3f1-1' }).click();
    await kill(page).getByText('backend-a3f1-1 was killed').first().waitFor();
    fake.update('local', { status: statusOf({ restarts: 1, state: 'starting' }) });
    await kill(page)
      .getByText(/It is gone; another process is on its way/u)
      .waitFor();
    fake.update('local', { status: statusOf({ restarts: 1 }), sample: sampleNow(40, 0.5) });
  }

  async function releaseBadly(page: Page, fake: Fake): Promise<void> {
    await bad(page).getByRole('button', { name: 'Make a bad release' }).click();
    fake.update('local', { progress: progressAt('bad', 'healthy', 'backend 1/3') });
    await bad(page).getByText('healthy: backend 1/3').waitFor();
    fake.update('local', { details: { k44: takenBack() }, progress: null });
    fake.publish({ type: 'operation', operation: trialOperation('bad', 'failed') });
    await bad(page).getByText(reason).waitFor();
  }

  it.each(variants)('in %s at %i px: nothing that axe finds, and nothing to scroll to at the side', async (theme, width) => {
    const visited = await visitTry({ theme, width });
    await expectSound(visited);
    await killOne(visited.page, visited.fake);
    await releaseBadly(visited.page, visited.fake);
    await picture(visited.page, `try-${theme}-${width}`);
    await expectSound(visited);
  });

  it('says before each step what it does, and what runs', async () => {
    const { page } = await visitTry();
    await page.getByText('local only: for learning').waitFor();
    await page.getByText(/^taskly is 2 services in 5 replicas/u).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'http://127.0.0.1:8080' }).getAttribute('rel')).toBe('noreferrer');
    await kill(page)
      .getByText(/the other replicas take its requests/u)
      .waitFor();
    await good(page).getByText('TRY_IT = 1 in backend').waitFor();
    await bad(page).getByText('TRY_IT = fail in backend').waitFor();
  });

  it('follows a killed replica until it is back, with the time it took and the requests that failed', async () => {
    const { page, fake } = await visitTry();
    await killOne(page, fake);
    await kill(page)
      .getByText(/Another process took its place \(SIGKILL\): ready again [\d.]+ s after it was killed\./u)
      .first()
      .waitFor();
    await kill(page).getByText('1 of 80 requests failed meanwhile.').waitFor();
    expect(fake.asked).toEqual([{ kind: 'try', environment: 'local', input: { kind: 'kill', replica: 'backend-a3f1-1' } }]);
    await page.reload();
    await kill(page).getByText('1 of 80 requests failed meanwhile.').waitFor();
  });

  it('freezes and slows down a replica of one’s choice', async () => {
    const { page, fake } = await visitTry();
    const frozen = step(page, 'Freeze one');
    await frozen.getByLabel('Replica').selectOption('backend-a3f1-2');
    await frozen.getByRole('button', { name: 'Freeze backend-a3f1-2' }).press('Enter');
    await frozen.getByText(/^It stands still\. Its health check has not noticed yet/u).waitFor();
    await frozen.getByRole('button', { name: 'Slow down backend-a3f1-2' }).press('Enter');
    await frozen.getByText(/^It is slow for \d+ s more\.$/u).waitFor();
    expect(fake.asked.map((asked) => ('input' in asked && 'kind' in asked.input ? asked.input.kind : ''))).toEqual(['freeze', 'slow']);
  });

  it('shows a good release as it goes, by the keyboard alone', async () => {
    const { page, fake } = await visitTry();
    await good(page).getByRole('button', { name: 'Make a good release' }).focus();
    await page.keyboard.press('Enter');
    fake.update('local', { status: statusOf({ operation: 'deploy' }), progress: progressAt('good', 'canary', '5 % 10 s  12 s left') });
    await good(page).getByText('canary: 5 % 10 s').waitFor();
    await good(page).getByText('0 failed').waitFor();
    await expect.poll(() => good(page).getByRole('button', { name: 'Make a good release' }).isDisabled()).toBe(true);
    await expect.poll(() => good(page).locator('[aria-current=step]').innerText()).toContain('canary');
    fake.update('local', { details: { k43: promoted() }, progress: null, status: statusOf() });
    fake.publish({ type: 'operation', operation: trialOperation('good', 'changed') });
    await good(page).getByText('✓ release 43 promoted in 17 s. 0 of 1,832 failed, p99 +3 ms, longest gap 41 ms.').waitFor();
    await good(page).getByRole('link', { name: 'All about it' }).click();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/e/local/releases/k43');
    await page.goBack();
    await good(page)
      .getByText(/release 43 promoted/u)
      .waitFor();
  });

  it('leads from a bad release to the line that explains it', async () => {
    const { page, fake } = await visitTry();
    fake.log(
      'local',
      ['starting', reason, 'Node.js v20'].map((text) => lineOf(text, { source: 'backend-b77e-1', replica: 'backend-b77e-1' })),
    );
    fake.log('local', [lineOf(`${reason} of another`)]);
    await releaseBadly(page, fake);
    await bad(page)
      .getByText(/The deploy failed in 17 s, before any user saw it\./u)
      .waitFor();
    await bad(page).getByRole('link', { name: 'Find it in the logs' }).click();
    await page.getByRole('row').filter({ hasText: reason }).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(3);
    await expect.poll(() => page.locator('mark').allInnerTexts()).toEqual([reason]);
  });

  it('says what went wrong where something cannot be tried', async () => {
    const { page } = await visitTry({
      attempt: () => {
        throw new Error('not now');
      },
    });
    await kill(page)
      .getByRole('button', { name: /^Kill / })
      .click();
    await kill(page).getByRole('alert').waitFor();
    expect(
      await kill(page)
        .getByRole('button', { name: /^Kill / })
        .isDisabled(),
    ).toBe(false);
  });

  it('is not for places where people are', async () => {
    const { page } = await visitTry();
    await page.goto(page.url().replace('/local/', '/staging/'));
    await page.getByText('Nothing can be tried here').waitFor();
    await expect.poll(() => page.getByRole('button', { name: /^Kill / }).count()).toBe(0);
    await page.getByRole('link', { name: 'Try it in local' }).click();
    await page.getByRole('button', { name: /^Kill / }).waitFor();
  });

  it('waits for the app where nothing runs', async () => {
    const [environment] = stopped().environments as [FakeEnvironment];
    const { page, fake } = await visit('/e/local/try', { app: 'taskly', environments: [environment] });
    await page.getByText('Nothing runs yet').waitFor();
    await expect.poll(() => kill(page).getByRole('button').isDisabled()).toBe(true);
    const { status } = environmentOf(statusOf().place as NonNullable<ReturnType<typeof statusOf>['place']>);
    fake.update('local', { status });
    await kill(page)
      .getByRole('button', { name: /^Kill / })
      .waitFor();
  });
});
