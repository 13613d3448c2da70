import { type Page } from '@playwright/test';
import { accessibilityFaults } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';

/** The walk of a new user: one launch, one browser, step after step. */
test.describe.configure({ mode: 'serial' });

const person = { name: 'Ada Reader', email: 'ada@example.org', password: 'a long password' };
const admin = { name: 'Root Keeper', email: 'root@example.org', password: 'another long password' };
const label = 'little girls named Lily';

/** What earlier steps found out for later ones. */
const found = { run: '', bestFeature: '', claim: '', labelled: '' };

async function fillAccount(page: Page, account: typeof person): Promise<void> {
  await page.getByLabel('Name').fill(account.name);
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
}

async function signIn(page: Page, account: typeof person): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('banner').getByText(account.name)).toBeVisible();
}

test('npm start: the web answers and shows the first run as it trains', async ({ launch, page }) => {
  test.setTimeout(300_000);
  await launch.start();
  await page.goto(launch.url);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('features of a language model');
  const [, runPath] = await launch.printed(/(\/runs\/run_[a-z0-9]+)/);
  found.run = runPath!;
  await page.goto(`${launch.url}${runPath}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('stories-260k/2-res-tk');
  // The step counter moves without a reload: metrics arrive by subscription.
  const step = page.getByText(/step [\d,]+ ·/);
  await expect(step).toBeVisible({ timeout: 60_000 });
  const first = await step.textContent();
  await expect(step).not.toHaveText(first!, { timeout: 60_000 });
});

test('the run ends: its page shows what was reached, the terminal prints the links', async ({ launch, page }) => {
  test.setTimeout(600_000);
  await page.goto(`${launch.url}${found.run}`);
  await expect(page.getByRole('status')).toContainText('succeeded', { timeout: 580_000 });
  const measured = async (name: string): Promise<number> =>
    Number((await page.getByRole('row', { name }).first().getByRole('cell').textContent())?.replace(/[^\d.].*$/, ''));
  expect(await measured('Explained variance')).toBeGreaterThanOrEqual(0.933);
  expect(await measured('CE-loss score')).toBeGreaterThanOrEqual(0.984);
  await expect(page.getByRole('row', { name: 'Engine' })).toContainText('onnxruntime');
  const [, best] = await launch.printed(/Best feature {2}http:\/\/127\.0\.0\.1:\d+(\/\S+)/);
  const [, claim] = await launch.printed(/Admin link {4}http:\/\/127\.0\.0\.1:\d+(\/claim\/\S+)/);
  expect(launch.output).toMatch(/web answers at .* after \d+\.\d s/);
  expect(launch.output).toMatch(/features can be browsed after another \d+\.\d s/);
  Object.assign(found, { bestFeature: best, claim });
});

test('a feature page shows examples, histogram, density, logits and steering beside a baseline', async ({ launch, page }) => {
  await page.goto(`${launch.url}${found.bestFeature}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Feature');
  for (const title of ['Top activations', 'Activations', 'Logits', 'Top tokens', 'Steering', 'Labels'])
    await expect(page.getByRole('heading', { level: 2, name: title, exact: true })).toBeVisible();
  await expect(page.getByText('Density')).toBeVisible();
  await expect(page.getByText('Without steering').first()).toBeVisible();
  await expect(page.getByText(/Steered, strength/).first()).toBeVisible();
  const html = await (await fetch(`${launch.url}${found.bestFeature}`)).text();
  expect(html).toContain('Top activations');
  expect(await accessibilityFaults(page)).toEqual([]);
});

test('neighbours by link and by key', async ({ launch, page }) => {
  await page.goto(`${launch.url}/stories-260k/2-res-tk/7`);
  await page.getByRole('link', { name: /Next/ }).click();
  await expect(page).toHaveURL(/\/2-res-tk\/8$/);
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/\/2-res-tk\/9$/);
  await page.keyboard.press('k');
  await expect(page).toHaveURL(/\/2-res-tk\/8$/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('reading needs no JavaScript', async ({ launch, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${launch.url}/stories-260k`);
  await page.getByRole('link', { name: /2-res-tk/ }).first().click();
  await page.locator('tbody').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Top activations' })).toBeVisible();
  await context.close();
});

test('a wrong model, source or index gets a 404 that helps', async ({ launch, page }) => {
  for (const [path, suggestion] of [
    ['/storys-260k', '/stories-260k'],
    ['/stories-260k/2-res-tx', '/stories-260k/2-res-tk'],
    ['/stories-260k/2-res-tk/99999', '/stories-260k/2-res-tk/1023'],
    ['/stories-260k/2-res-tk/x', '/stories-260k/2-res-tk'],
  ] as const) {
    const response = await page.goto(`${launch.url}${path}`);
    expect(response?.status(), path).toBe(404);
    await expect(page.getByRole('main').locator(`a[href="${suggestion}"]`).first(), path).toBeVisible();
  }
});

test('the one-time link makes the admin account, once', async ({ launch, page }) => {
  await page.goto(`${launch.url}${found.claim}`);
  await fillAccount(page, { ...admin, password: 'short' });
  await page.getByRole('button', { name: 'Make admin account' }).click();
  await expect(page.getByText(/at least 10/i).first()).toBeVisible();
  await page.getByLabel('Password').fill(admin.password);
  await page.getByRole('button', { name: 'Make admin account' }).click();
  await expect(page.getByRole('banner').getByText(admin.name)).toBeVisible();
  await page.goto(`${launch.url}${found.claim}`);
  await expect(page.getByText('does not work any more')).toBeVisible();
  const session = await page.evaluate(async () => (await fetch('/api/auth/session')).text());
  expect(session).toContain(admin.name);
  expect(session).not.toMatch(/hash|argon|password/i);
});

test('a person signs up and writes a label; another votes for it', async ({ launch, page, browser }) => {
  await page.goto(`${launch.url}/sign-up?next=${encodeURIComponent(found.bestFeature)}`);
  await fillAccount(page, person);
  await page.getByRole('button', { name: 'Make account' }).click();
  await expect(page).toHaveURL(`${launch.url}${found.bestFeature}`);
  await page.getByLabel('What does this feature mean?').fill(label);
  await page.getByRole('button', { name: 'Add label' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(label);
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(`${launch.url}${found.bestFeature}`);
  await signIn(other, admin);
  await expect(other).toHaveURL(`${launch.url}${found.bestFeature}`);
  await other.getByRole('button', { name: `Vote for: ${label}` }).click();
  await expect(other.getByTitle('1 for, 0 against')).toHaveText('1');
  await context.close();
});

test('one box finds the feature by its label in spite of typing errors', async ({ launch, page }) => {
  await page.goto(launch.url);
  await page.keyboard.press('/');
  await page.keyboard.type('litle girs namd Lily');
  await page.keyboard.press('Enter');
  const results = page.getByRole('region', { name: 'Results' });
  await expect(results.getByRole('listitem').first().locator(`a[href="${found.bestFeature}"]`).first()).toBeVisible();
  await page.getByLabel('Where to look').selectOption('stories-260k/2-res-tk');
  await page.getByRole('main').getByRole('button', { name: 'Search' }).click();
  await expect(results.getByRole('listitem').first().locator(`a[href="${found.bestFeature}"]`).first()).toBeVisible();
});

test('a form launches runs: bad fields are named, one is cancelled, one ends in the catalog', async ({ launch, page }) => {
  test.setTimeout(300_000);
  await page.goto(`${launch.url}/runs/new`);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Width (d_sae)').fill('64');
  await page.getByLabel('Active latents (k)').fill('100');
  await page.getByRole('button', { name: 'Launch run' }).click();
  await expect(page.getByText(/at most d_sae, which is 64/).first()).toBeVisible();
  await page.getByLabel('Active latents (k)').fill('4');
  await page.getByLabel('Training tokens').fill('50000000');
  await page.getByLabel('Set name').fill('long');
  await page.getByRole('button', { name: 'Launch run' }).click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  await page.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('button', { name: 'Really cancel' }).click();
  await expect(page.getByRole('status')).toContainText('cancelled', { timeout: 60_000 });
  expect((await page.goto(`${launch.url}/stories-260k/2-res-long`))?.status()).toBe(404);

  await page.goto(`${launch.url}/runs/new`);
  await page.getByLabel('ReLU + L1').check();
  await page.getByLabel('Hook point').selectOption('blocks.1.hook_resid_post');
  await page.getByLabel('Width (d_sae)').fill('128');
  await page.getByLabel('Training tokens').fill('120000');
  await page.getByLabel('Set name').fill('relu');
  await page.getByRole('button', { name: 'Launch run' }).click();
  await expect(page.getByRole('status')).toContainText('succeeded', { timeout: 200_000 });
  await page.getByRole('link', { name: 'Browse features' }).click();
  await expect(page).toHaveURL(`${launch.url}/stories-260k/1-res-relu`);
  await expect(page.getByRole('table').first()).toBeVisible();
});

test('pages are accessible in light and dark, and fit a phone', async ({ launch, browser }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    for (const path of ['/', '/stories-260k', '/stories-260k/2-res-tk', found.bestFeature, found.run, '/search?q=girl', '/sign-in']) {
      await page.goto(`${launch.url}${path}`);
      expect(await accessibilityFaults(page), `${colorScheme} ${path}`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    }
    await context.close();
  }
});

test('a killed launcher leaves no process; the next start has everything back; Ctrl-C stops all', async ({ launch, page }) => {
  await launch.kill();
  await launch.waitFor(() => Promise.resolve(launch.processes().filter((line) => !line.includes('postgres')).length === 0), 'the children of a killed launcher to end', 30_000);
  await launch.start();
  await page.goto(`${launch.url}${found.bestFeature}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(label);
  // An open page would go on asking a web that is gone.
  await page.close();
  await launch.interrupt();
  expect(launch.processes()).toEqual([]);
});

test('nothing left this machine', ({ launch }) => {
  expect(launch.outgoing()).toBe('');
});
