import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../taskly/support/backend.ts';
import { requires } from '../tools/requires.ts';
import { failOn, watchErrors } from './browser.ts';
import { add, dueField, newVisitor, row, saved, spoken, text, titles, useStage, type Visitor } from './taskly-people.ts';

requires('chromium')('Tasks in a browser', () => {
  const stage = useStage();
  let visitor: Visitor;
  let errors: string[];

  beforeEach(async () => {
    visitor = await newVisitor(stage);
    errors = watchErrors(visitor.page);
  });

  afterEach(async () => {
    failOn(errors);
    await visitor.context.close();
  });

  it('adds with the keyboard alone, newest first, with a due date', async () => {
    const { page } = visitor;
    await page.getByText('Nothing left to do').waitFor();
    await page.locator('body').press('n');
    await page.keyboard.type('Call the plumber');
    await page.keyboard.press('Enter');
    await page.keyboard.type('  Buy   <b>bread</b>  ');
    await page.getByRole('button', { name: 'Tomorrow' }).click();
    await page.getByRole('button', { name: 'Add' }).click();
    await saved(page);
    expect(await titles(page)).toEqual(['Buy <b>bread</b>', 'Call the plumber']);
    await expect.poll(() => row(page, 'bread').locator('time').innerText()).toBe('Tomorrow');
    await page.reload();
    await row(page, 'bread').waitFor();
    expect(await titles(page)).toEqual(['Buy <b>bread</b>', 'Call the plumber']);
  });

  it('edits in place: title, notes, due date; Escape leaves it as it was and gives the focus back', async () => {
    const { page } = visitor;
    await add(page, 'Paint the shed');
    await text(page, 'Paint').click();
    await page.getByLabel('Title').fill('Something else');
    await page.keyboard.press('Escape');
    await row(page, 'Paint the shed').waitFor();
    expect(await page.evaluate('document.activeElement.dataset.part')).toBe('title');
    await page.keyboard.press('e');
    await page.getByLabel('Title').fill('Paint the shed green');
    await page.getByLabel('Notes').fill('Two coats\nbefore the rain');
    await dueField(page).fill('2031-05-20');
    await page.keyboard.press('Control+Enter');
    await saved(page);
    await page.reload();
    const shown = await row(page, 'Paint the shed green').innerText();
    expect(shown).toContain('Two coats');
    expect(shown).toContain('20 May 2031');
  });

  it('completes and reopens; a finished task moves from Open to Done', async () => {
    const { page } = visitor;
    await add(page, 'Bake a cake', 'Eat the cake');
    await page.getByRole('checkbox', { name: 'Done: Bake a cake' }).check();
    expect(await spoken(page)).toBe('Completed: Bake a cake');
    await row(page, 'Bake a cake').waitFor({ state: 'detached' });
    await saved(page);
    await page.getByRole('link', { name: 'Done', exact: true }).click();
    await row(page, 'Bake a cake').waitFor();
    expect(await titles(page)).toEqual(['Bake a cake']);
    await page.getByRole('checkbox', { name: 'Done: Bake a cake' }).uncheck();
    await page.getByRole('link', { name: 'Open', exact: true }).click();
    await row(page, 'Bake a cake').waitFor();
  });

  it('deletes with undo, by button and by Ctrl+Z, and for good when nobody objects', async () => {
    const { page } = visitor;
    await add(page, 'Keep me', 'Delete me');
    await row(page, 'Keep me').getByRole('button', { name: 'More for' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await row(page, 'Keep me').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'Keep me').waitFor();
    await text(page, 'Keep me').focus();
    await page.keyboard.press('Delete');
    await row(page, 'Keep me').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await row(page, 'Keep me').waitFor();

    await text(page, 'Delete me').focus();
    await page.keyboard.press('Delete');
    expect(await page.evaluate('document.activeElement.closest("li").innerText')).toContain('Keep me');
    const gone = async (): Promise<boolean> => (await (await page.request.get('/api/tasks')).json()).items.length === 1;
    await eventually('the deletion reaches the server', gone, 15_000);
    await page.reload();
    await row(page, 'Keep me').waitFor();
    expect(await titles(page)).toEqual(['Keep me']);
  });

  it('filters and searches, and carries both in the address', async () => {
    const { page } = visitor;
    await add(page, 'Read about bees', 'Crème brûlée', 'Feed the bees');
    await saved(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('BEES');
    await eventually('only the bees are left', async () => (await titles(page)).length === 2);
    expect(new URL(page.url()).search).toBe('?q=BEES');
    await page.getByRole('searchbox').fill('creme brulee');
    await eventually('accents do not matter', async () => (await titles(page)).join() === 'Crème brûlée');
    await page.goto('/?filter=all&q=feed');
    await row(page, 'Feed the bees').waitFor();
    expect(await titles(page)).toEqual(['Feed the bees']);
    await page.getByRole('link', { name: 'Done', exact: true }).click();
    await page.getByText('Nothing matches “feed”').waitFor();
    await page.goBack();
    await row(page, 'Feed the bees').waitFor();
    expect(new URL(page.url()).search).toBe('?filter=all&q=feed');
    await page.getByRole('searchbox').press('Escape');
    await row(page, 'Crème brûlée').waitFor();
    expect(new URL(page.url()).search).toBe('?filter=all');
  });

  it('reads a long list page by page while one scrolls', async () => {
    const { page } = visitor;
    for (let index = 0; index < 120; index++) {
      const answer = await page.request.post('/api/tasks', {
        data: { title: `Task ${String(index).padStart(3, '0')}` },
        headers: { origin: stage.app.url },
      });
      expect(answer.status()).toBe(201);
    }
    await page.reload();
    await row(page, 'Task 000').waitFor();
    expect((await titles(page)).length).toBeLessThan(120);
    const scroll = async (): Promise<boolean> => {
      await page.mouse.wheel(0, 4000);
      return (await titles(page)).length === 120;
    };
    await eventually('the whole list is there', scroll, 15_000);
    expect(await titles(page)).toEqual(Array.from({ length: 120 }, (_, index) => `Task ${String(index).padStart(3, '0')}`));
  });

  it('opens help, lets single letters be switched off, and remembers the theme', async () => {
    const { page } = visitor;
    await page.locator('body').press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.getByLabel('Shortcuts of a single letter').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('body').press('?');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);

    await page.getByRole('button', { name: 'Switch to dark theme' }).click();
    const theme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.theme');
    expect(await theme()).toBe('dark');
    await page.reload();
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: 'Switch to light theme' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await eventually('it follows the system again', async () => (await theme()) === 'dark');
  });
});
