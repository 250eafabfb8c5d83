import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { EnvironmentSummary } from '../../../src/server/api/index.ts';
import { hostileEnvironment, local, side } from '../../dashboard/environments-data.ts';
import { environmentOf, taskly, type FakeEnvironment, type Scenario } from '../../dashboard/fake-scenarios.ts';
import { expectNarrow, expectSound, picture, useVisits, variants, type Visit } from '../../dashboard/releases-visit.ts';
import { requires } from '../../tools/requires.ts';
import { failOn } from '../browser.ts';

requires('chromium')('environments in a browser', () => {
  const visit = useVisits();

  function scenario(summaries: readonly EnvironmentSummary[]): Scenario {
    const [first] = taskly().environments as [FakeEnvironment];
    if (first.status.place === null) throw new Error('the scenario has a place');
    const { place } = first.status;
    return {
      app: 'taskly',
      environments: summaries.map((summary) => ({ ...environmentOf({ ...place, environment: summary.name }), summary })),
    };
  }

  async function visitSide(summaries: readonly EnvironmentSummary[], options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
    const visited = await visit('/environments', scenario(summaries), options);
    await visited.page.getByText('what each place makes of it').waitFor();
    return visited;
  }

  it.each(variants)('in %s at %i px: nothing that axe finds, and nothing to scroll to at the side', async (theme, width) => {
    const visited = await visitSide(side, { theme, width });
    await picture(visited.page, `environments-${theme}-${width}`);
    await expectSound(visited);
  });

  const card = (page: Page, name: string) =>
    page
      .getByRole('main')
      .getByRole('listitem')
      .filter({ has: page.getByRole('link', { name, exact: true }) });
  const line = (page: Page, feature: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: feature }) });

  it('shows each place with its state, its release, its address, and why it cannot be reached', async () => {
    const { page } = await visitSide(side);
    await expect
      .poll(() => card(page, 'local').innerText())
      .toMatch(/running[\s\S]*This machine \(local\)[\s\S]*release 42[\s\S]*everything; 1 approximated/);
    await expect.poll(() => card(page, 'staging').innerText()).toContain('degraded');
    await expect
      .poll(() => card(page, 'production').innerText())
      .toMatch(/unknown[\s\S]*none serves[\s\S]*nothing listens[\s\S]*1 missing[\s\S]*the place does not answer/);
  });

  it('says of every feature what each place makes of it, with the reason in sight', async () => {
    const { page } = await visitSide(side);
    const scaling = await line(page, 'Scaling by CPU').innerText();
    expect(scaling).toMatch(/services\.frontend\.scale\.cpu, services\.backend\.scale\.cpu/);
    expect(scaling).toMatch(/yes[\s\S]*approximated\s*scaling runs while[\s\S]*no\s*nothing here can start/);
    await expect.poll(() => line(page, 'Outgoing connections').innerText()).toMatch(/not used[\s\S]*not used[\s\S]*approximated/);
    await expect.poll(() => page.getByRole('rowheader', { name: 'Redis' }).count()).toBe(0);
  });

  it('keeps in its address that only differences are wanted', async () => {
    const { page } = await visitSide(side);
    await page.getByRole('button', { name: 'Only what differs' }).click();
    await expect.poll(() => page.getByRole('rowheader', { name: 'PostgreSQL' }).count()).toBe(0);
    await expect.poll(() => line(page, 'Scaling by CPU').count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?only=differences');
    await page.reload();
    await page.getByRole('rowheader', { name: 'Scaling by CPU' }).waitFor();
    await expect.poll(() => page.getByRole('rowheader', { name: 'PostgreSQL' }).count()).toBe(0);
  });

  it('leads to each place, by the keyboard too', async () => {
    const { page } = await visitSide(side);
    await card(page, 'staging').getByRole('link', { name: 'Releases' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/e/staging/releases');
  });

  it('follows what becomes of a place', async () => {
    const { fake, page } = await visitSide(side);
    fake.update('local', { summary: { ...local, state: 'stopped', url: '', release: null } });
    await expect.poll(() => card(page, 'local').innerText()).toMatch(/stopped[\s\S]*none serves[\s\S]*nothing listens/);
  });

  it('is text only, whatever a place is called', async () => {
    for (const width of [360, 1280]) {
      const { page, errors } = await visitSide([local, hostileEnvironment], { width });
      expect(await page.title()).not.toContain('owned');
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
      await expectNarrow(page);
      failOn(errors);
    }
  });
});
