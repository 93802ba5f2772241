import { expect, test, type Page } from '@playwright/test';

const STEPS = 10;

/** An adapter must be there: without one these tests would prove nothing, so its absence fails them. */
async function expectAdapter(page: Page): Promise<void> {
  const found = await page.evaluate(async () => {
    if (!('gpu' in navigator)) return 'no navigator.gpu';
    return (await navigator.gpu.requestAdapter()) === null ? 'no adapter' : 'adapter';
  });
  expect(found).toBe('adapter');
}

/** "step 3 of 24" as [3, 24]. */
async function progress(page: Page): Promise<[number, number]> {
  const text = (await page.getByRole('status').textContent()) ?? '';
  const match = /^step (\d+) of (\d+)$/.exec(text);
  expect(match, `the status reads "${text}"`).not.toBeNull();
  return [Number(match?.[1]), Number(match?.[2])];
}

async function stepTo(page: Page, step: number, total: number): Promise<void> {
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${step} of ${total}`, {
    timeout: 60_000,
  });
  await expect(page.getByRole('button', { name: 'Step' })).toBeEnabled();
}

test.beforeEach(async ({ page }) => {
  await page.goto('/');
  await expectAdapter(page);
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
});

test('opens ready, with the base policy already speaking', async ({ page }) => {
  const [step, total] = await progress(page);
  expect(step).toBe(0);
  expect(total).toBeGreaterThanOrEqual(STEPS);
  await expect(page.getByRole('alert')).toBeEmpty();
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
  const rollouts = page.getByRole('region', { name: 'Rollouts now' });
  await expect(rollouts.getByText(/reward [01]/).first()).toBeVisible();
  for (const name of [/^Entropy/, /^Reward/, /^Clip fraction/, /^Lambda/]) {
    await expect(page.getByRole('figure', { name })).toBeVisible();
  }
});

test('trains ten steps, takes a change of the weight, marks it, pauses and resets', async ({
  page,
}) => {
  const [, total] = await progress(page);
  const figure = page.getByRole('figure', { name: /^Entropy/ });
  await figure.getByRole('button', { name: 'Show data' }).click();
  const rows = figure.getByRole('table').getByRole('row');
  const grpo = page.getByRole('table', { name: 'Arms' }).getByRole('row', { name: /GRPO/ });
  await expect(grpo).toContainText('–');

  for (let step = 1; step <= STEPS; step++) await stepTo(page, step, total);
  await expect(rows).toHaveCount(STEPS + 1);
  const numbers = await rows.nth(STEPS).getByRole('cell').allTextContents();
  expect(numbers).toHaveLength(4);
  for (const text of numbers) expect(Number(text)).toBeGreaterThan(0);
  await expect(grpo).not.toContainText('–');

  const slider = page.getByRole('slider', { name: 'Positive-advantage weight' });
  await expect(slider).toHaveAttribute('aria-valuenow', '1');
  for (let press = 0; press < 10; press++) await slider.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuenow', '0.5');
  await expect(page.getByText(`In force since step ${STEPS + 1}.`)).toBeVisible();
  await expect(figure.getByText(`From step ${STEPS + 1}, GRPO: λ 1 to 0.5`)).toBeVisible();
  await expect(figure.locator('.mark')).toHaveCount(1);

  const before = await grpo.textContent();
  await stepTo(page, STEPS + 1, total);
  await expect(grpo).not.toHaveText(before ?? '');
  const lambda = page.getByRole('figure', { name: /^Lambda/ });
  await lambda.getByRole('button', { name: 'Show data' }).click();
  const last = lambda
    .getByRole('table')
    .getByRole('row')
    .nth(STEPS + 1);
  await expect(last.getByRole('cell').first()).toHaveText('0.5');

  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 60_000 });
  const [paused] = await progress(page);
  expect(paused).toBeGreaterThanOrEqual(STEPS + 1);

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${total}`);
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  await expect(rows).toHaveCount(1);
  await expect(figure.locator('.mark')).toHaveCount(0);
});

test('repeats the same numbers from the same seed after a reset', async ({ page }) => {
  const [, total] = await progress(page);
  const figure = page.getByRole('figure', { name: /^Entropy/ });
  await figure.getByRole('button', { name: 'Show data' }).click();
  const table = figure.getByRole('table');
  const trainTwo = async () => {
    await stepTo(page, 1, total);
    await stepTo(page, 2, total);
    await expect(table.getByRole('row')).toHaveCount(3);
    return table.getByRole('cell').allTextContents();
  };
  const first = await trainTwo();
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${total}`);
  expect(await trainTwo()).toEqual(first);
});

test('breaks no rule of its own content security policy', async ({ page }) => {
  const messages: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') messages.push(message.text());
  });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  await expect(policy).toHaveAttribute('content', /default-src 'none'/);
  expect(messages).toEqual([]);
});
