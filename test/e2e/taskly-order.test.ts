import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../taskly/support/backend.ts';
import { requires } from '../tools/requires.ts';
import { failOn, watchErrors } from './browser.ts';
import { add, dueField, newVisitor, row, saved, spoken, text, titles, useStage, type Visitor } from './taskly-people.ts';

requires('chromium')('The order of tasks', () => {
  const stage = useStage();
  let visitor: Visitor;
  let errors: string[];

  beforeEach(async () => {
    visitor = await newVisitor(stage);
    errors = watchErrors(visitor.page);
    await add(visitor.page, 'Four', 'Three', 'Two', 'One');
    await saved(visitor.page);
  });

  afterEach(async () => {
    failOn(errors);
    await visitor.context.close();
  });

  const stored = async (page: Page): Promise<string[]> => {
    const { items } = (await (await page.request.get('/api/tasks')).json()) as { items: { title: string }[] };
    return items.map(({ title }) => title);
  };

  const drag = async (page: Page, from: string, onto: string, end: 'drop' | 'escape'): Promise<void> => {
    await row(page, from).hover();
    const handle = await row(page, from).getByRole('button', { name: 'Move' }).boundingBox();
    const target = await row(page, onto).boundingBox();
    if (handle === null || target === null) throw new Error('nothing to drag');
    const x = handle.x + handle.width / 2;
    await page.mouse.move(x, handle.y + handle.height / 2);
    await page.mouse.down();
    await page.mouse.move(x, target.y + target.height / 2 + (target.y > handle.y ? 8 : -8), { steps: 8 });
    if (end === 'escape') await page.keyboard.press('Escape');
    await page.mouse.up();
  };

  it('changes by dragging, both ways, for good', async () => {
    const { page } = visitor;
    await drag(page, 'One', 'Three', 'drop');
    expect(await titles(page)).toEqual(['Two', 'Three', 'One', 'Four']);
    await drag(page, 'Four', 'Two', 'drop');
    expect(await titles(page)).toEqual(['Four', 'Two', 'Three', 'One']);
    expect(await spoken(page)).toBe('Four: moved to position 1 of 4');
    await saved(page);
    await eventually('the server has the order', async () => (await stored(page)).join() === 'Four,Two,Three,One');
    await page.reload();
    await row(page, 'Four').waitFor();
    expect(await titles(page)).toEqual(['Four', 'Two', 'Three', 'One']);
  });

  it('stays as it was when Escape ends the drag', async () => {
    const { page } = visitor;
    await drag(page, 'One', 'Four', 'escape');
    expect(await titles(page)).toEqual(['One', 'Two', 'Three', 'Four']);
    await expect.poll(() => page.locator('[data-dragged]').count()).toBe(0);
    expect(await stored(page)).toEqual(['One', 'Two', 'Three', 'Four']);
  });

  it('changes by keyboard with announcements; the focus travels along', async () => {
    const { page } = visitor;
    await text(page, 'One').focus();
    await page.keyboard.press('Alt+ArrowDown');
    expect(await spoken(page)).toBe('One: moved to position 2 of 4');
    await page.keyboard.press('Alt+ArrowDown');
    expect(await titles(page)).toEqual(['Two', 'Three', 'One', 'Four']);
    expect(await page.evaluate('document.activeElement.innerText')).toBe('One');

    await row(page, 'Four').getByRole('button', { name: 'Move Four' }).focus();
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowUp');
    expect(await titles(page)).toEqual(['Four', 'Two', 'Three', 'One']);
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Move Four');
    await saved(page);
    await eventually('the server has the order', async () => (await stored(page)).join() === 'Four,Two,Three,One');
  });

  it('changes by the menu, for those who neither drag nor type', async () => {
    const { page } = visitor;
    await row(page, 'Two').getByRole('button', { name: 'More for Two' }).click();
    await page.getByRole('menuitem', { name: 'Move up' }).click();
    expect(await titles(page)).toEqual(['Two', 'One', 'Three', 'Four']);
    await row(page, 'Two').getByRole('button', { name: 'More for Two' }).click();
    await expect.poll(() => page.getByRole('menuitem', { name: 'Move up' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('is by date in Due, where nothing can be dragged', async () => {
    const { page } = visitor;
    for (const [title, date] of [
      ['One', '2031-02-01'],
      ['Three', '2031-01-01'],
    ] as const) {
      await text(page, title).click();
      await dueField(page).fill(date);
      await page.getByRole('button', { name: 'Save' }).click();
    }
    await page.getByRole('link', { name: 'Due', exact: true }).click();
    await eventually('only those with a date', async () => (await titles(page)).join() === 'Three,One');
    await expect.poll(() => page.locator('.handle').count()).toBe(0);
  });
});
