import { expect, it } from 'vitest';
import { freshEmail } from '../taskly/support/client.ts';
import { requires } from '../tools/requires.ts';
import { add, newVisitor, row, saved, signIn, signUp, useStage } from './taskly-people.ts';

requires('chromium')('Accounts in a browser', () => {
  const stage = useStage();

  it('signs up, stays signed in over a reload, signs out, signs in', async () => {
    stage.app.newAddress();
    const context = await stage.browser.newContext({ baseURL: stage.app.url });
    const page = await context.newPage();
    const email = freshEmail();
    await signUp(page, email);
    await add(page, 'Water the plants');
    await saved(page);
    await page.reload();
    await row(page, 'Water the plants').waitFor();

    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual([]);
    expect((await page.request.get('/api/me')).status()).toBe(401);

    await signIn(page, email);
    await row(page, 'Water the plants').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    await context.close();
  });

  it('says what is wrong, beside the field that is wrong', async () => {
    stage.app.newAddress();
    const context = await stage.browser.newContext({ baseURL: stage.app.url });
    const page = await context.newPage();
    const email = freshEmail();
    await signUp(page, email);
    await context.clearCookies();
    await page.goto('/sign-up');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('another good password');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('There is an account with this address').waitFor();
    await expect.poll(() => page.getByLabel('Email').getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.name')).toBe('email');
    await page.getByLabel('Email').fill(freshEmail());
    await page.getByLabel('Password', { exact: true }).fill('password');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('[aria-invalid=true][name=password]').waitFor();

    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, email, 'not the password');
    await page.getByText('The email address or the password is not right.').waitFor();
    await context.close();
  });

  it('leads to the wanted page after signing in, and ends all tabs at once', async () => {
    const { context, page, email } = await newVisitor(stage);
    const other = await context.newPage();
    await other.goto('/?filter=done');
    await other.getByText('Nothing finished yet').waitFor();
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await signIn(other, email);
    await other.getByText('Nothing finished yet').waitFor();
    expect(new URL(other.url()).search).toBe('?filter=done');
    await page.getByRole('heading', { name: ', Ana' }).waitFor();
    await context.close();
  });
});
