import { expect, test, type Page } from '@playwright/test';
import type { Failure } from '../../src/errors/failure';
import { axe } from './axe';
import { record } from './recorded';
import { replay, type Manner } from './replay';

/** What the page says and does when training fails. */

const STEPS = 24;
const recording = record({ steps: STEPS });

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function open(page: Page, manner: Partial<Manner>): Promise<void> {
  await replay(page, recording, manner);
  await page.goto('/');
}

async function step(page: Page, from: number, to: number): Promise<void> {
  await expect(button(page, 'Run')).toBeEnabled();
  for (let n = from + 1; n <= to; n++) {
    await button(page, 'Step').click();
    await expect(page.getByRole('status')).toHaveText(`step ${n} of ${STEPS}`);
  }
}

const BEFORE_STEP_1: readonly (readonly [Failure, RegExp])[] = [
  [
    { kind: 'limitTooSmall', limit: 'maxBufferSize', have: 268_435_456, need: 400_000_000 },
    /needs maxBufferSize of 400,000,000, and the device allows 268,435,456\./,
  ],
  [{ kind: 'outOfMemory', bytes: 1_073_741_824 }, /Reserving 1,073,741,824 bytes .* failed\./],
  [
    { kind: 'shaderCompile', kernel: 'rope', detail: 'line 3: expected ;' },
    /kernel rope .* line 3/,
  ],
  [
    { kind: 'badPolicy', detail: 'the base policy maze is damaged' },
    /the base policy maze is damaged\./,
  ],
];

for (const [failure, words] of BEFORE_STEP_1) {
  test(`before the first step: ${failure.kind}`, async ({ page }) => {
    await open(page, { trouble: { after: 0, failure, times: 2 } });
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(words);
    await expect(alert).toContainText('Nothing was started and nothing was changed.');
    await expect(button(page, 'Run')).toBeDisabled();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(button(page, 'Run')).toBeDisabled();
    await expect(alert).toContainText(words);
  });
}

test('an error inside the program stops the run, which goes on from its last save', async ({
  page,
}) => {
  const failure = { kind: 'bug', detail: 'the pipeline is missing' } as const;
  await open(page, { trouble: { after: 4, failure } });
  await step(page, 0, 4);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Something went wrong inside the program');
  await expect(button(page, 'Run')).toBeDisabled();
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '4');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(alert).toBeEmpty();
  await expect(page.getByRole('status')).toHaveText(new RegExp(`^step [34] of ${STEPS}`));
  await expect(button(page, 'Run')).toBeEnabled();
});

test('training that diverges is named, and all arms go back to the last save', async ({ page }) => {
  const failure: Failure = {
    ...{ kind: 'nonfinite', arm: 'GRPO', step: 6, of: 'gradient' },
    tensor: 'model.layers.1.mlp.down_proj.weight',
  };
  await open(page, { trouble: { after: 6, failure } });
  await step(page, 0, 5);
  await expect(page.getByText('Saved at step 5.')).toBeVisible();
  await button(page, 'Step').click();
  const note = page.getByText(/^Training diverged\./);
  await expect(note).toContainText('gradient of model.layers.1.mlp.down_proj.weight');
  await expect(note).toContainText('at step 6.');
  await expect(note).toContainText('All arms are back at step 5');
  await expect(page.getByRole('alert')).toBeEmpty();
  await expect(page.getByRole('status')).toHaveText(`step 5 of ${STEPS}`);
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '5');
  const { violations } = await axe(page).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await step(page, 5, 6);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(note).toHaveCount(0);
});

test('a device that is lost again and again is not opened a second time', async ({ page }) => {
  const failure = { kind: 'deviceLost', detail: 'A driver was updated.' } as const;
  await open(page, { trouble: { after: 4, failure, times: 2 } });
  await step(page, 0, 3);
  await button(page, 'Step').click();
  // The first loss is mended at the same step, and what comes next is the second.
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The graphics processor was lost again');
  await expect(alert).toContainText('A driver was updated.');
  await expect(page.getByRole('status')).toHaveText(`step 4 of ${STEPS}`);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(alert).toBeEmpty();
  await expect(page.getByRole('status')).toHaveText(new RegExp(`^step [34] of ${STEPS}`));
  await expect(button(page, 'Run')).toBeEnabled();
});
