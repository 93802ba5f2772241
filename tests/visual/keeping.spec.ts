import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay, type Manner } from './replay';

/** What keeps a run safe and its reader informed: the notification, pasted files, and one tab at a time. */

const STEPS = 24;
const recording = record({ steps: STEPS });

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const library = (page: Page) => page.getByRole('dialog', { name: 'Library' });
const keptRuns = (page: Page) => library(page).getByRole('list', { name: 'Kept runs' });
const status = (page: Page) => page.getByRole('status');

async function open(page: Page, manner: Partial<Manner> = {}): Promise<void> {
  await replay(page, recording, manner);
  await page.goto('/');
  await expect(button(page, 'Run')).toBeEnabled();
}

async function trainTo(page: Page, step: number): Promise<void> {
  for (let n = 1; n <= step; n++) {
    await button(page, 'Step').click();
    await expect(status(page)).toHaveText(`step ${n} of ${STEPS}`);
  }
  await expect(page.getByText(`Saved at step ${step}.`)).toBeVisible();
}

test.describe('the notification at the end', () => {
  /** What the page has told, and how to hide it. */
  interface Told {
    told: { title: string; body: string }[];
    hidden: boolean;
  }

  /** A browser that answers `permission`, on a machine where a step takes minutes: its clock runs fast. */
  async function openWith(page: Page, permission: NotificationPermission): Promise<void> {
    await page.addInitScript((answer: NotificationPermission) => {
      const told: Told = { told: [], hidden: false };
      Object.assign(window, { told });
      class Recorder extends EventTarget {
        static requestPermission = () => Promise.resolve(answer);
        constructor(title: string, options?: NotificationOptions) {
          super();
          told.told.push({ title, body: options?.body ?? '' });
        }
      }
      Object.defineProperty(window, 'Notification', { value: Recorder });
      Object.defineProperty(document, 'visibilityState', {
        get: () => (told.hidden ? 'hidden' : 'visible'),
      });
      const now = performance.now.bind(performance);
      performance.now = () => 60 * now();
    }, permission);
    await open(page, { stepMs: 250 });
    await button(page, 'Run').click();
    await page.getByRole('button', { name: 'Notify me when it ends' }).click();
  }

  const told = (page: Page) => page.evaluate(() => (window as unknown as { told: Told }).told.told);

  test('comes to a reader who is elsewhere, once', async ({ page }) => {
    await openWith(page, 'granted');
    await expect(page.getByText('You will be notified when it ends.')).toBeVisible();
    await expect(page.getByText('Training goes on while this tab is hidden.')).toBeVisible();
    await expect(page).toHaveTitle(/^\d+ of 24 · /);
    await page.evaluate(() => ((window as unknown as { told: Told }).told.hidden = true));
    await expect(status(page)).toHaveText(`step ${STEPS} of ${STEPS}`);
    await expect(page).toHaveTitle(/^(?!\d+ of)/);
    expect(await told(page)).toEqual([
      { title: 'Which tokens drive entropy?', body: 'All 24 steps are trained.' },
    ]);
    await expect(page.getByText('You will be notified')).toBeHidden();
    // It was asked for this run, not for all that follow.
    await button(page, 'Reset').click();
    await button(page, 'Run').click();
    await expect(status(page)).toHaveText(`step ${STEPS} of ${STEPS}`);
    expect(await told(page)).toHaveLength(1);
  });

  test('does not come to a reader who looks on', async ({ page }) => {
    await openWith(page, 'granted');
    await expect(status(page)).toHaveText(`step ${STEPS} of ${STEPS}`);
    await expect(page).toHaveTitle(/^(?!\d+ of)/);
    expect(await told(page)).toEqual([]);
  });

  test('is not promised where the browser refuses', async ({ page }) => {
    await openWith(page, 'denied');
    await expect(page.getByText('The browser does not let this page notify you.')).toBeVisible();
    await page.evaluate(() => ((window as unknown as { told: Told }).told.hidden = true));
    await expect(status(page)).toHaveText(`step ${STEPS} of ${STEPS}`);
    expect(await told(page)).toEqual([]);
  });
});

test.describe('pasting', () => {
  /** Pastes as the browser does it; says whether the page took it for itself. */
  function paste(page: Page, given: { file?: { name: string; bytes: number[] }; text?: string }) {
    return page.evaluate(({ file, text }) => {
      const clipboardData = new DataTransfer();
      if (file !== undefined)
        clipboardData.items.add(new File([Uint8Array.from(file.bytes)], file.name));
      if (text !== undefined) clipboardData.setData('text/plain', text);
      const event = new ClipboardEvent('paste', {
        clipboardData,
        bubbles: true,
        cancelable: true,
      });
      return !document.body.dispatchEvent(event);
    }, given);
  }

  test('a run file that is pasted anywhere is kept; a damaged one is refused by name', async ({
    page,
  }) => {
    await open(page);
    await trainTo(page, 2);
    await button(page, 'Library').click();
    const waiting = page.waitForEvent('download');
    await library(page)
      .getByRole('button', { name: /^Export/ })
      .click();
    const bytes = [...(await readFile(await (await waiting).path()))];
    await library(page)
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(keptRuns(page).getByRole('listitem')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await button(page, 'Reset').click();
    await expect(status(page)).toHaveText(`step 0 of ${STEPS}`);

    expect(await paste(page, { file: { name: 'cut.rlvr', bytes: bytes.slice(0, -50) } })).toBe(
      true,
    );
    await expect(
      library(page).getByText(/^"cut\.rlvr" was not imported\. The file is damaged/),
    ).toBeVisible();
    await expect(keptRuns(page).getByRole('listitem')).toHaveCount(0);
    await page.keyboard.press('Escape');

    expect(await paste(page, { file: { name: 'run.rlvr', bytes } })).toBe(true);
    await expect(library(page).getByText(/was imported\.$/)).toBeVisible();
    await library(page).getByRole('button', { name: /^Open/ }).click();
    await expect(status(page)).toHaveText(`step 2 of ${STEPS}`);
  });

  test('text that is pasted stays the browser’s, and opens nothing', async ({ page }) => {
    await open(page);
    expect(await paste(page, { text: 'a run, in words' })).toBe(false);
    await expect(library(page)).toHaveCount(0);
  });
});

test('a run that one tab trains is not taken up by another until that is closed', async ({
  page,
  context,
}) => {
  await open(page);
  await trainTo(page, 2);
  const second = await context.newPage();
  await open(second);
  // It is unfinished, but in use: nobody is asked to continue it.
  await button(second, 'Library').click();
  await expect(keptRuns(second).getByRole('listitem')).toHaveCount(1);
  await expect(second.getByText(/^Unfinished/)).toHaveCount(0);
  const take = library(second).getByRole('button', { name: /^Open/ });
  await take.click();
  await expect(
    library(second).getByText(/is open in another tab\. Close it there first\.$/),
  ).toBeVisible();
  await expect(second.locator('[role="status"]')).toHaveText(`step 0 of ${STEPS}`);
  // The tab that has it goes on with it.
  await button(page, 'Step').click();
  await expect(page.getByText('Saved at step 3.')).toBeVisible();

  await page.close();
  await expect(async () => {
    await take.click();
    await expect(library(second)).toHaveCount(0, { timeout: 10_000 });
  }).toPass();
  await expect(status(second)).toHaveText(`step 3 of ${STEPS}`);
  await button(second, 'Step').click();
  await expect(status(second)).toHaveText(`step 4 of ${STEPS}`);
});
