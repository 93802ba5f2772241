import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const recording = record({ steps: STEPS });

/** Opens the page; the clock stands still, so that times in words are always the same. */
async function open(page: Page): Promise<void> {
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
}

/** Trains so many steps one by one, each of which is saved. */
async function step(page: Page, steps: number, from = 0): Promise<void> {
  for (let n = from + 1; n <= from + steps; n++) {
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await expect(page.getByRole('status')).toHaveText(`step ${n} of ${STEPS}`);
  }
  await expect(page.getByText(`Saved at step ${from + steps}.`)).toBeVisible();
}

const panel = (page: Page) => page.getByRole('dialog', { name: 'Library' });
const runs = (page: Page) => panel(page).getByRole('list', { name: 'Kept runs' });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function openRuns(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Library', exact: true }).click();
  await expect(panel(page)).toBeVisible();
}

/** How often the one run that is kept has been saved. */
function saves(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('rlvr');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const database = opening.result;
          const asked = database.transaction('runs').objectStore('runs').getAll();
          asked.onsuccess = () => {
            database.close();
            resolve((asked.result as { saves: number }[])[0]?.saves ?? 0);
          };
        };
      }),
  );
}

/** The entropy of every arm at every step, as the data table shows it. */
async function curves(page: Page): Promise<string[]> {
  const figure = page.getByRole('figure', { name: /^Entropy/ }).first();
  await figure.getByRole('button', { name: 'Show data' }).click();
  const rows = await figure.getByRole('table').getByRole('row').allTextContents();
  await figure.getByRole('button', { name: 'Show data' }).click();
  return rows;
}

test.beforeEach(async ({ page }) => {
  await replay(page, recording);
  await open(page);
});

test('a run survives a reload: nothing starts, Continue goes on where it stopped', async ({
  page,
}) => {
  await page.getByRole('slider', { name: 'Positive-advantage weight' }).press('ArrowLeft');
  await step(page, 5);
  const before = await curves(page);
  await page.reload();
  await expect(page.getByText(/^Unfinished: .*, step 5 of 24, just now\.$/)).toBeVisible();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);

  await button(page, 'Continue').click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await expect(page.getByText(/^Unfinished/)).toHaveCount(0);
  const after = await curves(page);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after).toHaveLength(STEPS + 1);
  const table = page.getByRole('table', { name: 'Arms' });
  await expect(table.getByRole('row', { name: /GRPO/ }).first()).toContainText('0.95');
});

test('measurements and the rollouts of earlier steps survive a reload', async ({ page }) => {
  const heading = (name: string) => page.getByRole('heading', { name, exact: true });
  const rollouts = page.locator('section.rollouts');
  const measures = page.locator('#measures');
  const openMeasures = () => page.getByRole('button', { name: 'Inside the update' }).click();
  await step(page, 3);
  const before = await saves(page);
  await openMeasures();
  await measures.getByRole('button', { name: 'Ratios' }).click();
  await expect(measures.getByText('After step 3:')).toBeVisible();
  await rollouts.getByRole('slider', { name: 'Step shown' }).press('Home');
  await expect(heading('Rollouts at step 0')).toBeVisible();
  const first = await rollouts.getByRole('toolbar').allTextContents();
  // A measurement is saved by itself while nothing trains.
  await expect.poll(() => saves(page)).toBeGreaterThan(before);
  await openRuns(page);
  await expect(panel(page).getByText(/up to 16,384 tokens/)).toBeVisible();
  await page.keyboard.press('Escape');

  await page.reload();
  await openRuns(page);
  await panel(page).getByRole('button', { name: /^Open/ }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('status')).toHaveText(`step 3 of ${STEPS}`);
  await expect(rollouts.getByText('at step 3:')).toBeVisible();
  const scrubber = rollouts.getByRole('slider', { name: 'Step shown' });
  await scrubber.press('Home');
  await expect(heading('Rollouts at step 0')).toBeVisible();
  expect(await rollouts.getByRole('toolbar').allTextContents()).toEqual(first);
  const tint = (name: string) =>
    rollouts.getByLabel('Tint tokens by').getByRole('option', { name, exact: true });
  await expect(tint('probability')).toBeEnabled();
  await expect(tint('ratio (this step was not looked at)')).toBeDisabled();
  await scrubber.press('ArrowRight');
  await expect(heading('Rollouts at step 1')).toBeVisible();
  await openMeasures();
  await expect(measures.getByText('After step 3:')).toBeVisible();
  await expect(measures.getByRole('figure', { name: /^Ratio/ })).toBeVisible();
});

test('a run that was reset is kept, and not asked for', async ({ page }) => {
  await step(page, 2);
  await button(page, 'Reset').click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);
  await expect(page.getByText(/^Unfinished/)).toHaveCount(0);
  await step(page, 1);
  await page.reload();
  await expect(page.getByText(/^Unfinished: .*, step 1 of/)).toBeVisible();
  await openRuns(page);
  await expect(runs(page).getByRole('listitem')).toHaveCount(2);
});

test('runs are renamed, searched, opened and deleted', async ({ page }) => {
  await step(page, 3);
  await openRuns(page);
  await panel(page)
    .getByRole('button', { name: /^Rename/ })
    .click();
  const name = panel(page).getByRole('textbox', { name: /^New name/ });
  await name.fill('');
  await name.press('Enter');
  await expect(panel(page).getByRole('alert')).toContainText('name must be a text of 1 to 80');
  await name.fill('First try');
  await name.press('Enter');
  await expect(runs(page).locator('.run-name')).toHaveText('First try');
  await expect(panel(page).getByText(/^1 run\. This site uses .* of the .* that/)).toBeVisible();
  const search = panel(page).getByRole('searchbox', { name: 'Search runs' });
  await search.fill('nothing');
  await expect(panel(page).getByText('No run has these words')).toBeVisible();
  await search.fill('first');
  await expect(runs(page).getByRole('listitem')).toHaveCount(1);
  await page.keyboard.press('Escape');

  await button(page, 'Reset').click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);
  await openRuns(page);
  await panel(page).getByRole('button', { name: 'Open First try' }).click();
  await expect(page.getByRole('status')).toHaveText(`step 3 of ${STEPS}`);
  await expect(button(page, 'Step')).toBeEnabled();
  await step(page, 1, 3);

  await openRuns(page);
  await expect(panel(page).getByText('On the page.')).toBeVisible();
  await panel(page).getByRole('button', { name: 'Delete First try' }).click();
  const question = page.getByRole('alertdialog', { name: 'Delete “First try”?' });
  await question.getByRole('button', { name: 'Keep it' }).click();
  await expect(runs(page).getByRole('listitem')).toHaveCount(1);
  await panel(page).getByRole('button', { name: 'Delete First try' }).click();
  await question.getByRole('button', { name: 'Delete' }).click();
  await expect(panel(page).getByText('"First try" was deleted.')).toBeVisible();
  await expect(runs(page).getByRole('listitem')).toHaveCount(0);
});

test('a run goes out as a file and comes back in; a bad file is refused and changes nothing', async ({
  page,
}) => {
  await step(page, 4);
  const before = await curves(page);
  await openRuns(page);
  const waiting = page.waitForEvent('download');
  await panel(page)
    .getByRole('button', { name: /^Export/ })
    .click();
  const download = await waiting;
  expect(download.suggestedFilename()).toMatch(/-step-4\.rlvr$/);
  const bytes = await readFile(await download.path());

  const input = panel(page).getByLabel('Run file');
  const file = (content: Buffer, name = 'run.rlvr') => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: content,
  });
  const cut = bytes.subarray(0, bytes.length - 100);
  await input.setInputFiles(file(cut, 'cut.rlvr'));
  await expect(
    panel(page).getByText(/^"cut\.rlvr" was not imported\. The file is damaged/),
  ).toBeVisible();
  await input.setInputFiles(file(Buffer.from('{}'.repeat(50)), 'other.rlvr'));
  await expect(panel(page).getByText(/The file is not a run of this page\.$/)).toBeVisible();
  await input.setInputFiles(file(Buffer.from('{}'.repeat(50)), 'other.json'));
  await expect(panel(page).getByText(/neither a trainer_state\.json of TRL nor/)).toBeVisible();
  await expect(runs(page).getByRole('listitem')).toHaveCount(1);
  await input.setInputFiles(file(bytes));
  await expect(panel(page).getByText(/is already here, as it is in the file\.$/)).toBeVisible();

  await panel(page)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(runs(page).getByRole('listitem')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await button(page, 'Reset').click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);

  // Dropped on the page instead.
  const dropped = await page.evaluateHandle(
    (content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(content)], 'run.rlvr'));
      return transfer;
    },
    [...bytes],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect(panel(page).getByText(/was imported\.$/)).toBeVisible();
  await panel(page).getByRole('button', { name: /^Open/ }).click();
  await expect(page.getByRole('status')).toHaveText(`step 4 of ${STEPS}`);
  expect(await curves(page)).toEqual(before);
  await page.getByRole('slider', { name: 'Step shown' }).press('Home');
  await expect(page.getByRole('heading', { name: 'Rollouts at step 0' })).toBeVisible();
});

test('a fork goes on beside its parent from a kept step, and hangs under it in the list', async ({
  page,
}) => {
  await step(page, 3);
  await button(page, 'Fork…').click();
  const dialog = page.getByRole('dialog', { name: 'Fork' });
  const from = dialog.getByLabel('From step');
  await expect(from).toHaveValue('3');
  await from.fill('4');
  await expect(dialog.getByText('A fork begins after one of the steps 1 to 3.')).toBeVisible();
  await from.fill('2');
  await expect(dialog.getByText(/^The weights of this step are kept/)).toBeVisible();
  await dialog.getByRole('searchbox', { name: 'Search settings' }).fill('clip high');
  await dialog.getByLabel('Setting to change').selectOption('clip_high');
  const value = dialog.getByRole('textbox', { name: 'Clip high' });
  const fork = dialog.getByRole('button', { name: 'Fork' });
  await expect(fork).toBeDisabled();
  await value.fill('-3');
  await expect(dialog.getByText(/^clip_high must be between/)).toBeVisible();
  await value.fill('0.4');
  await expect(dialog.getByLabel('Name of the new arm')).toHaveValue('GRPO, clip high 0.4');
  await fork.click();
  await expect(dialog).toHaveCount(0);

  await expect(page.getByRole('status')).toHaveText(`step 2 of ${STEPS}`);
  const arms = page.getByRole('table', { name: 'Arms' }).getByRole('radio');
  await expect(arms).toHaveCount(2);
  await expect(page.getByText('Saved at step 2.')).toBeVisible();
  await step(page, 1, 2);
  await openRuns(page);
  const forks = runs(page).getByRole('list', { name: /^Forks of/ });
  await expect(forks.getByText('Forked from GRPO at step 2.')).toBeVisible();
});

test('two arms are compared in settings, curves and words', async ({ page }) => {
  await step(page, 8);
  await button(page, 'Compare arms…').click();
  const dialog = page.getByRole('dialog', { name: 'Compare' });
  await expect(dialog.getByText(/^Paired at seed 0: the same prompts/)).toBeVisible();
  await expect(
    dialog.getByText(
      /^Entropy is 0\.\d+ nats lower in “GRPO” .* than in “λ 0\.5” .* may be chance\.$/,
    ),
  ).toBeVisible();
  const differing = dialog.getByRole('table', { name: 'Settings that differ' });
  await expect(differing.getByRole('row')).toHaveCount(2);
  await expect(differing).toContainText('Positive-advantage weight');
  await expect(dialog.locator('.recharts-surface')).toHaveCount(2);
  await dialog.getByLabel('Arm').nth(1).selectOption('0');
  await expect(dialog.getByText('All their settings are the same.')).toBeVisible();
});

test('where the browser keeps nothing the page says so and trains on', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      value: {
        open: () => {
          throw new DOMException('not here', 'SecurityError');
        },
      },
    });
  });
  await page.reload();
  await button(page, 'Step').click();
  await expect(page.getByText(/^The browser keeps nothing for this page\./)).toBeVisible();
  await button(page, 'Step').click();
  await expect(page.getByRole('status')).toHaveText(`step 2 of ${STEPS}`);
});

for (const [size, viewport] of [
  ['wide', { width: 1280, height: 800 }],
  ['narrow', { width: 390, height: 844 }],
] as const) {
  test(`the dialogs are accessible and fit, ${size}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: size === 'wide' ? 'light' : 'dark' });
    await step(page, 4);
    for (const [opener, dialog] of [
      ['Library', 'Library'],
      ['Fork…', 'Fork'],
      ['Compare arms…', 'Compare'],
    ] as const) {
      await page.getByRole('button', { name: opener, exact: true }).click();
      await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
      const { violations } = await axe(page).include('[role=dialog]').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-results/library-${dialog.toLowerCase()}-${size}.png` });
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await expect(page.getByText(/^Unfinished/)).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `test-results/library-unfinished-${size}.png` });
  });
}
