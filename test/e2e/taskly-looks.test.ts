import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { requires } from '../tools/requires.ts';
import { PASSWORD, Person, type Answer } from '../taskly/support/client.ts';
import { axeViolations, watchErrors } from './browser.ts';
import { useStage } from './taskly-people.ts';

/** Where pictures of every page go; without it none are taken. */
const pictures = process.env['TASKLY_PICTURES'];

const themes = ['light', 'dark'] as const;
const widths = [
  { name: 'wide', width: 1280, height: 860, isMobile: false },
  { name: 'narrow', width: 360, height: 740, isMobile: true },
] as const;
const variants = themes.flatMap((theme) => widths.map((size) => ({ theme, size, label: `${theme}, ${size.width} px` })));

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

const plan = [
  { title: 'Renew the passport', notes: 'Photos are in the top drawer. The office opens at nine.', due: day(-2) },
  { title: 'Send Miriam the reading list', due: day(0) },
  { title: 'Book the train to Lisbon', notes: 'Window seats, quiet coach', due: day(1) },
  { title: 'Plan the garden for spring', notes: 'Beans along the fence, tomatoes where it is warm' },
  { title: 'Write the talk about calm software', due: day(5) },
  { title: 'Try the new bakery by the river' },
  { title: 'Return the library books', due: day(12) },
];

async function seed(person: Person): Promise<void> {
  const created: Answer[] = [];
  for (const task of plan) created.push(await person.create(task));
  const books = created[5]?.json as { id: string; version: number };
  await person.change(books.id, { version: books.version, done: true });
}

/** Sums up what the browser counts as unexpected movement. */
const measureShift = `
  globalThis.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shift += entry.value))).observe({ type: 'layout-shift', buffered: true });
`;

requires('chromium')('Taskly, as it looks', () => {
  const stage = useStage();
  let person: Person;

  beforeAll(async () => {
    person = new Person(stage.app.url);
    await person.call('POST', '/api/accounts', { body: { email: 'ana@example.org', password: PASSWORD, name: 'Ana' } });
    await seed(person);
  });

  const open = async ({ theme, size }: (typeof variants)[number], signedIn: boolean): Promise<{ context: BrowserContext; page: Page }> => {
    const { width, height } = size;
    const context = await stage.browser.newContext({
      baseURL: stage.app.url,
      colorScheme: theme,
      viewport: { width, height },
      reducedMotion: 'reduce',
    });
    if (signedIn) {
      const [name = '', value = ''] = person.cookie.split('=');
      await context.addCookies([{ name, value, url: stage.app.url }]);
    }
    return { context, page: await context.newPage() };
  };

  const judge = async (page: Page, name: string): Promise<void> => {
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    }
    expect({ name, violations: await axeViolations(page) }).toEqual({ name, violations: [] });
    expect({ name, scrollsSideways: await page.evaluate('document.documentElement.scrollWidth > innerWidth') }).toEqual({
      name,
      scrollsSideways: false,
    });
  };

  it.each(variants)('signed out: $label', async (variant) => {
    const { context, page } = await open(variant, false);
    const errors = watchErrors(page, (text) => text.includes('401'));
    const label = `${variant.theme}-${variant.size.name}`;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await page.waitForURL('/sign-in');
    await judge(page, `sign-in-${label}`);
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Enter your email address').waitFor();
    await judge(page, `sign-up-${label}`);
    await page.goto('/no/such/page');
    await page.getByRole('heading', { name: 'This page does not exist' }).waitFor();
    await judge(page, `lost-${label}`);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(widths)('does not shift while it loads: $name', async (size) => {
    const { context, page } = await open({ theme: 'light', size, label: '' }, true);
    await page.addInitScript(measureShift);
    await page.goto('/');
    await page.getByText('Renew the passport').waitFor();
    await page.getByText('Everything is saved').waitFor();
    await page.reload();
    await page.getByText('Renew the passport').waitFor();
    expect(await page.evaluate('shift')).toBeLessThan(0.005);
    await context.close();
  });

  it.each(variants)('signed in: $label', async (variant) => {
    const { context, page } = await open(variant, true);
    const errors = watchErrors(page);
    const label = `${variant.theme}-${variant.size.name}`;
    await page.goto('/');
    await page.getByText('Renew the passport').waitFor();
    await page.getByText('Everything is saved').waitFor();
    await judge(page, `tasks-${label}`);
    await page.getByRole('button', { name: 'More for Plan the garden' }).click();
    await judge(page, `menu-${label}`);
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByLabel('Notes').waitFor();
    await judge(page, `edit-${label}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await judge(page, `help-${label}`);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Due', exact: true }).click();
    await judge(page, `due-${label}`);
    await page.goto('/?filter=done&q=nothing+like+it');
    await page.getByText('Nothing matches').waitFor();
    await judge(page, `empty-${label}`);
    expect(errors).toEqual([]);
    await context.close();
  });

  it.each(themes)('in trouble: %s', async (theme) => {
    const { context, page } = await open({ theme, size: widths[0], label: '' }, true);
    const created = await person.create({ title: 'Invite the neighbours', notes: 'Both houses', after: null });
    await page.goto('/');
    await page.getByText('Invite the neighbours').click();
    await context.setOffline(true);
    await page.getByLabel('Title').fill('Invite all neighbours');
    await page.keyboard.press('Enter');
    await page.getByText('Offline, 1 change waiting').waitFor();
    await page
      .getByRole('button', { name: 'More for Try the new bakery' })
      .or(page.getByRole('button', { name: 'More for Return' }))
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await judge(page, `offline-${theme}`);
    await page.getByRole('button', { name: 'Undo' }).click();
    const { id, version } = created.json as { id: string; version: number };
    expect((await person.change(id, { version, title: 'Invite the neighbours on Sunday' })).status).toBe(200);
    await context.setOffline(false);
    await page.getByText('Changed elsewhere').waitFor();
    await judge(page, `conflict-${theme}`);
    await page.getByRole('button', { name: 'Keep theirs' }).click();
    await page.getByText('Everything is saved').waitFor();
    await person.call('DELETE', `/api/tasks/${id}`);
    await context.close();
  });
});
