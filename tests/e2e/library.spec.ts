import { expect, test, type Page } from '@playwright/test';

/** Trains so many steps, one by one, and waits until the last is saved. */
async function step(page: Page, from: number, to: number): Promise<void> {
  for (let n = from + 1; n <= to; n++) {
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await expect(page.getByRole('status')).toHaveText(new RegExp(`^step ${n} of `), {
      timeout: 60_000,
    });
  }
  await expect(page.getByText(`Saved at step ${to}.`)).toBeVisible();
}

async function ready(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled({
    timeout: 120_000,
  });
}

/** Entropy of every arm, a row for each step. */
async function rows(page: Page): Promise<string[]> {
  const figure = page.getByRole('figure', { name: /^Entropy/ }).first();
  await figure.getByRole('button', { name: 'Show data' }).click();
  const texts = await figure.getByRole('table').getByRole('row').allTextContents();
  await figure.getByRole('button', { name: 'Show data' }).click();
  return texts;
}

test('a run that a reload cuts off goes on with the numbers it would have had', async ({
  page,
}) => {
  await page.goto('/');
  await ready(page);
  await step(page, 0, 3);
  const whole = await rows(page);
  expect(whole).toHaveLength(4);

  await page.getByRole('button', { name: 'Reset' }).click();
  await ready(page);
  await step(page, 0, 2);
  await page.reload();
  await ready(page);
  await expect(page.getByText(/^Unfinished: .*, step 2 of/)).toBeVisible();
  await expect(page.getByRole('status')).toHaveText(/^step 0 of /);

  await page.getByRole('button', { name: 'Library' }).click();
  const open = page.getByRole('dialog', { name: 'Library' }).getByRole('button', { name: /^Open/ });
  await open.first().click();
  await expect(page.getByRole('status')).toHaveText(/^step 2 of /, { timeout: 60_000 });
  await ready(page);
  expect(await rows(page)).toEqual(whole.slice(0, 3));
  await step(page, 2, 3);
  expect(await rows(page)).toEqual(whole);
});
