import { expect, test, type Page } from '@playwright/test';

/** Journeys through what needs a real device, on the small default experiment. */

const TOTAL = 24;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function ready(page: Page): Promise<void> {
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
}

async function stepTo(page: Page, step: number, total = TOTAL): Promise<void> {
  await button(page, 'Step').click();
  await expect(page.getByRole('status')).toHaveText(`step ${step} of ${total}`, {
    timeout: 60_000,
  });
  await expect(button(page, 'Step')).toBeEnabled();
}

/** The rows of the entropy table, as texts. */
async function numbers(page: Page): Promise<string[]> {
  const figure = page.getByRole('figure', { name: /^Entropy nats/ });
  const show = figure.getByRole('button', { name: 'Show data' });
  if ((await show.getAttribute('aria-expanded')) !== 'true') await show.click();
  return figure.getByRole('table').getByRole('row').allInnerTexts();
}

test.beforeEach(async ({ page }) => {
  await page.goto('/');
  await ready(page);
});

test('this adapter repeats the twins, the conformance cases and the one softmax', async ({
  page,
}) => {
  await button(page, 'Kernels').click();
  const drawer = page.getByRole('dialog', { name: 'Kernels' });
  await drawer.getByRole('tab', { name: 'Verify on this GPU' }).click();
  await drawer.getByRole('button', { name: 'Verify on this GPU' }).click();
  const verdict = drawer.getByText(/^All (\d+) kernels agree with their float64 twins and both/);
  await expect(verdict).toBeVisible({ timeout: 180_000 });
  expect(Number(/^All (\d+)/.exec(await verdict.innerText())?.[1])).toBeGreaterThan(20);
  const twins = drawer.getByRole('region', { name: 'Kernels against their float64 twins' });
  // Real numbers were compared: a product has an error, and it is not a large one.
  const product = await twins.getByRole('row', { name: /^c / }).first().innerText();
  const [, error, , allowed] = product.split('\t').map((text) => Number(text.replace('−', '-')));
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(allowed ?? 0);
  for (const name of ['grpo', 'par']) {
    const result = drawer.getByRole('region', { name: `Case ${name}` });
    await expect(result.getByText('Passed')).toBeVisible({ timeout: 120_000 });
    await expect(
      result.getByText(/^(\d+) of \1 tensors are within their tolerance\.$/),
    ).toBeVisible();
  }
  await page.keyboard.press('Escape');

  await page.getByRole('heading', { name: 'One softmax' }).scrollIntoViewIfNeeded();
  await expect(page.getByRole('rowheader', { name: /^on the GPU/ })).toBeVisible();
  const gap = await page.getByText(/^The two differ by at most/).innerText();
  const size = Number(/at most (\S+) in/.exec(gap)?.[1]?.replace('−', '-'));
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(1e-5);
});

test('this adapter times other layouts of products, and training goes on', async ({ page }) => {
  await button(page, 'Kernels').click();
  const drawer = page.getByRole('dialog', { name: 'Kernels' });
  await drawer.getByRole('tab', { name: 'Layout' }).click();
  await expect(drawer.getByText(/^In use: .* rows each, default for /)).toBeVisible();
  await drawer.getByRole('button', { name: 'Time other layouts' }).click();
  await expect(drawer.getByRole('row', { name: /default.* 1\.00x$/ })).toBeVisible({
    timeout: 120_000,
  });
  expect(await drawer.getByRole('row').count()).toBeGreaterThan(3);
  await page.screenshot({ path: 'test-results/layouts-here.png' });
  await page.keyboard.press('Escape');
  await stepTo(page, 1);
  // What was found is kept, and used or refused when the experiment is next prepared.
  await page.reload();
  await ready(page);
  await button(page, 'Kernels').click();
  await drawer.getByRole('tab', { name: 'Layout' }).click();
  await expect(drawer.getByText(/^In use: .* by timing on \d{4}-\d\d-\d\d/)).toBeVisible();
  await page.keyboard.press('Escape');
  await stepTo(page, 1);
});

test('a fork from a step that is no longer kept shares its past with the arm it comes from, and leaves it', async ({
  page,
}) => {
  await stepTo(page, 1);
  await stepTo(page, 2);
  await stepTo(page, 3);
  const past = (await numbers(page)).slice(1, 4).map((row) => row.split('\t')[1]);
  await expect(page.getByText('Saved at step 3.')).toBeVisible();
  // Of an earlier visit only the newest weights are kept.
  await page.reload();
  await ready(page);
  // Opened from the library it waits; "Continue" would train on.
  await button(page, 'Library').click();
  const library = page.getByRole('dialog', { name: 'Library' });
  await library.getByRole('button', { name: /^Open/ }).first().click();
  await expect(page.getByRole('status')).toHaveText(/^step 3 of/, { timeout: 60_000 });
  await expect(button(page, 'Step')).toBeEnabled({ timeout: 120_000 });
  await button(page, 'Fork…').click();
  const dialog = page.getByRole('dialog', { name: 'Fork' });
  await dialog.getByLabel('From step').fill('2');
  await expect(dialog.getByText(/^Trains 2 steps again first/)).toBeVisible();
  await dialog.getByRole('textbox', { name: /^Positive-advantage weight/ }).fill('0');
  await dialog.getByRole('button', { name: 'Fork' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(3);
  await expect(button(page, 'Step')).toBeEnabled({ timeout: 120_000 });
  await expect(page.getByRole('status')).toHaveText(/^step 2 of/);
  for (const row of (await numbers(page)).slice(1, 3)) {
    const [step, parent, fork] = row.split('\t');
    expect([parent, fork]).toEqual([past[Number(step) - 1], past[Number(step) - 1]]);
  }
  await stepTo(page, 3);
  // Trained again from the base policy, the arm as it was repeats its numbers.
  expect((await numbers(page))[3]?.split('\t')[1]).toBe(past[2]);
  await stepTo(page, 4);
  const [, parent, fork] = (await numbers(page))[4]?.split('\t') ?? [];
  expect(Number(parent)).toBeGreaterThan(0);
  expect(fork).not.toBe(parent);
});

test('several seeds train together, are judged on held-out prompts and looked into', async ({
  page,
}) => {
  const seeds = page.getByRole('textbox', { name: 'Seeds' });
  await seeds.fill('0, 1');
  await seeds.press('Enter');
  await ready(page);
  await stepTo(page, 1);
  const [head] = await numbers(page);
  expect(head).toContain('GRPO, lowest');

  await page.getByRole('button', { name: /^Held-out/ }).click();
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  const newest = page.getByRole('region', { name: 'Newest evaluation: how good' });
  await expect(newest.getByRole('row').nth(1).getByRole('cell').first()).toHaveText(
    /^\d+\.\d% \(\d+\.\d% to \d+\.\d%\)$/,
    { timeout: 120_000 },
  );
  await page.getByRole('button', { name: 'Inside the update' }).click();
  await page.getByRole('button', { name: 'Ratios' }).click();
  await expect(page.getByRole('figure', { name: /^Ratio/ })).toBeVisible({ timeout: 120_000 });

  const probe = page.getByRole('region', { name: 'Predicted against measured' });
  await probe.getByRole('checkbox', { name: 'while training' }).check();
  await page
    .getByRole('combobox', { name: /^What is ticked is measured/ })
    .selectOption('after every step');
  await stepTo(page, 2);
  const along = probe.getByRole('figure', { name: /^Change of entropy in a step/ });
  await along.getByRole('button', { name: 'Show data' }).click();
  // Asked for after step 1, and taken after step 2: a head and two rows of numbers.
  await expect(along.getByRole('row')).toHaveCount(3, { timeout: 120_000 });
  await expect(along.getByRole('row').nth(2)).toHaveText(/^2(−?0\.\d+){2}$/);
});
