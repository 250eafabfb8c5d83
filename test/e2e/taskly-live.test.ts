import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../taskly/support/backend.ts';
import { requires } from '../tools/requires.ts';
import { add, newVisitor, row, saved, signIn, spoken, status, statusIs, text, titles, useStage, type Visitor } from './taskly-people.ts';

interface Stored {
  id: string;
  title: string;
  version: number;
}

requires('chromium')('Taskly with several tabs and a bad connection', () => {
  const stage = useStage();
  let visitor: Visitor;

  beforeEach(async () => {
    visitor = await newVisitor(stage);
  });

  afterEach(async () => {
    stage.app.cut(false);
    await visitor.context.close();
  });

  const stored = async (): Promise<Stored[]> =>
    ((await (await visitor.page.request.get('/api/tasks')).json()) as { items: Stored[] }).items;

  const storedTitles = async (): Promise<string[]> => (await stored()).map(({ title }) => title);

  /** A change from another device of the same person. */
  const changeElsewhere = async (title: string, change: Record<string, unknown>): Promise<void> => {
    const task = (await stored()).find((each) => each.title === title);
    const answer = await visitor.page.request.patch(`/api/tasks/${task?.id}`, {
      data: { version: task?.version, ...change },
      headers: { origin: stage.app.url },
    });
    expect(answer.status()).toBe(200);
  };

  it('shows a change at once in every tab and on every device, also on another replica', async () => {
    const { page, context, email } = visitor;
    const tab = await context.newPage();
    await tab.goto('/');
    const device = await stage.browser.newContext({ baseURL: stage.app.url });
    const far = await device.newPage();
    await far.goto('/');
    await signIn(far, email);
    await Promise.all([saved(tab), saved(far)]);

    await add(page, 'Seen everywhere');
    await Promise.all([row(tab, 'Seen everywhere').waitFor(), row(far, 'Seen everywhere').waitFor()]);
    await add(far, 'From afar');
    await row(page, 'From afar').waitFor();
    await row(tab, 'From afar').waitFor();
    expect(await titles(tab)).toEqual(['From afar', 'Seen everywhere']);
    await tab.getByRole('checkbox', { name: 'Done: From afar' }).check();
    await row(far, 'From afar').waitFor({ state: 'detached' });
    await text(far, 'Seen everywhere').click();
    await far.getByLabel('Title').fill('Renamed afar');
    await far.keyboard.press('Enter');
    await row(page, 'Renamed afar').waitFor();
    await device.close();
  });

  it('keeps working offline and sends everything in order when the network is back', async () => {
    const { page, context } = visitor;
    await add(page, 'Before');
    await saved(page);
    await context.setOffline(true);
    await statusIs(page, 'Offline');
    expect(await spoken(page)).toBe('Offline. Your changes are kept and sent later.');
    await add(page, 'First offline', 'Second offline');
    await text(page, 'First offline').click();
    await page.getByLabel('Notes').fill('written in a tunnel');
    await page.keyboard.press('Control+Enter');
    await text(page, 'Before').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByRole('checkbox', { name: 'Done: Second offline' }).check();
    await statusIs(page, 'Offline, 5 changes waiting');

    await context.setOffline(false);
    await saved(page);
    expect(await storedTitles()).toEqual(['Second offline', 'Before', 'First offline']);
    await page.reload();
    await row(page, 'First offline').waitFor();
    expect(await titles(page)).toEqual(['Before', 'First offline']);
    await expect.poll(() => row(page, 'First offline').innerText()).toContain('written in a tunnel');
  });

  it('survives a reload with unsent changes, and creates nothing twice', async () => {
    const { page } = visitor;
    await saved(page);
    stage.app.cut(true);
    await add(page, 'Written while cut off');
    await statusIs(page, 'Offline, 1 change waiting');
    await page.reload();
    await page.getByRole('heading', { name: 'Taskly cannot be reached' }).waitFor();
    stage.app.cut(false);
    await page.getByRole('button', { name: 'Try now' }).click();
    await row(page, 'Written while cut off').waitFor();
    await saved(page);
    await eventually('it has arrived', async () => (await storedTitles()).length === 1);
    expect(await storedTitles()).toEqual(['Written while cut off']);
  });

  it('creates once although the answer was lost', async () => {
    const { page } = visitor;
    let lost = 0;
    await page.route('**/api/tasks', async (route) => {
      if (route.request().method() !== 'POST' || lost++ > 0) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await add(page, 'Only once');
    await eventually('a second attempt was made', () => lost >= 2);
    await saved(page);
    expect(await titles(page)).toEqual(['Only once']);
    expect(await storedTitles()).toEqual(['Only once']);
  });

  it('merges edits of different fields without a word', async () => {
    const { page, context } = visitor;
    await add(page, 'Trip');
    await saved(page);
    await context.setOffline(true);
    await text(page, 'Trip').click();
    await page.getByLabel('Notes').fill('pack the tent');
    await page.keyboard.press('Control+Enter');
    await changeElsewhere('Trip', { title: 'Trip to the sea' });
    await context.setOffline(false);
    await row(page, 'Trip to the sea').getByText('pack the tent').waitFor();
    await saved(page);
    await expect.poll(() => page.locator('.trouble').count()).toBe(0);
    expect((await stored())[0]).toMatchObject({ title: 'Trip to the sea', notes: 'pack the tent' });
  });

  it.each([
    { button: 'Keep mine', result: 'Mine' },
    { button: 'Keep theirs', result: 'Theirs' },
  ])('asks when both changed the same: $button', async ({ button, result }) => {
    const { page, context } = visitor;
    await add(page, 'Ours');
    await saved(page);
    await context.setOffline(true);
    await text(page, 'Ours').click();
    await page.getByLabel('Title').fill('Mine');
    await page.keyboard.press('Enter');
    await changeElsewhere('Ours', { title: 'Theirs' });
    await context.setOffline(false);
    await page.getByText('Changed elsewhere').waitFor();
    await expect.poll(() => page.locator('.trouble').innerText()).toContain('yours “Mine”, theirs “Theirs”');
    await statusIs(page, '1 change not saved: see the list');
    await page.getByRole('button', { name: button }).click();
    await row(page, result).waitFor();
    await saved(page);
    await eventually('the server agrees', async () => (await storedTitles()).join() === result);
  });

  it('does not delete what somebody else has just changed, without asking', async () => {
    const { page, context } = visitor;
    await add(page, 'Old title');
    await saved(page);
    await context.setOffline(true);
    await text(page, 'Old title').focus();
    await page.keyboard.press('Delete');
    await changeElsewhere('Old title', { title: 'New title' });
    await context.setOffline(false);
    await page.getByText('before it was deleted').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Keep it' }).click();
    await saved(page);
    expect(await titles(page)).toEqual(['New title']);
    expect(await storedTitles()).toEqual(['New title']);
  });

  it('asks before signing out loses something', async () => {
    const { page } = visitor;
    await saved(page);
    stage.app.cut(true);
    await add(page, 'Not sent yet');
    await statusIs(page, 'Offline, 1 change waiting');
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('1 change has not reached the server').waitFor();
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    stage.app.cut(false);
    await saved(page);
    expect(await storedTitles()).toEqual(['Not sent yet']);
  });

  it('goes on from the last event when a replica goes away', async () => {
    const { page } = visitor;
    await add(page, 'Steady');
    await saved(page);
    const extra = await stage.app.world.add();
    const [first] = stage.app.world.replicas;
    stage.app.world.replicas.splice(0, 1);
    await first?.stop();
    await changeElsewhere('Steady', { title: 'Steady as she goes' });
    await row(page, 'Steady as she goes').waitFor();
    expect(await status(page)).toBe('Everything is saved');
    expect(extra.url).toMatch(/^http/);
  });
});
