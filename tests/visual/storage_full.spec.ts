import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;

const FULL =
  'The browser’s storage is full. The run goes on in this page, and what was saved before is untouched.' +
  ' Delete runs that you no longer need, or export this one as a file.';
const NUMBERS =
  'The browser’s storage is full. Its curves are saved. The run goes on, and can be continued as long as this page' +
  ' stays open. Delete runs that you no longer need, or export this one as a file.';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const library = (page: Page) => page.getByRole('dialog', { name: 'Library' });
const runs = (page: Page) => library(page).getByRole('list', { name: 'Kept runs' });

async function open(page: Page): Promise<void> {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  await expect(button(page, 'Run')).toBeEnabled();
}

/** The browser itself has room for one byte, or again for as much as it had. */
async function fill(page: Page, full: boolean): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(page.url()).origin,
    ...(full && { quotaSize: 1 }),
  });
}

/** Which saves there is no room for. */
interface Room {
  refuse: 'nothing' | 'weights' | 'all';
}

/**
 * A storage that fills up later, or in which only the numbers fit; the browser's own looks at its room now and then only.
 * As there, the write is taken and its transaction fails.
 */
async function fillsUp(page: Page, refuse: Room['refuse']): Promise<void> {
  await page.addInitScript((first) => {
    const room: Room = { refuse: first };
    Object.assign(window, { room });
    const put = IDBObjectStore.prototype.put;
    let refused = false;
    IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
      const request = put.call(this, value, key);
      if (this.name !== 'slots' || room.refuse === 'nothing') return request;
      // Where the weights do not fit, a second attempt is without them.
      refused = room.refuse === 'all' || !refused;
      if (refused) {
        request.addEventListener('success', () => {
          const error = new DOMException('no room', 'QuotaExceededError');
          Object.defineProperty(this.transaction, 'error', { value: error });
          this.transaction.abort();
        });
      }
      return request;
    };
  }, refuse);
}

function refuseFromNowOn(page: Page, refuse: Room['refuse']): Promise<void> {
  return page.evaluate((now) => {
    (window as unknown as { room: Room }).room.refuse = now;
  }, refuse);
}

async function step(page: Page, from: number, to: number): Promise<void> {
  for (let n = from + 1; n <= to; n++) {
    await button(page, 'Step').click();
    await expect(page.getByRole('status')).toHaveText(`step ${n} of ${STEPS}`);
  }
}

test('a full storage is said, the run goes on, and what was saved before is untouched', async ({
  page,
}) => {
  await fillsUp(page, 'nothing');
  await open(page);
  await step(page, 0, 2);
  await expect(page.getByText('Saved at step 2.')).toBeVisible();
  await refuseFromNowOn(page, 'all');
  await step(page, 2, 4);
  await expect(page.getByText(FULL)).toBeVisible();
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '4');

  // What is not kept can be taken out as a file.
  await button(page, 'Library').click();
  await expect(runs(page).getByRole('listitem')).toContainText(`step 2 of ${STEPS}`);
  const download = page.waitForEvent('download');
  await runs(page)
    .getByRole('button', { name: /^Export/ })
    .click();
  expect((await download).suggestedFilename()).toMatch(/-step-4\.rlvr$/);
  await page.keyboard.press('Escape');

  await page.reload();
  await expect(page.getByText(/^Unfinished: .*, step 2 of 24/)).toBeVisible();
});

test('with room again the next save is a whole one', async ({ page }) => {
  await open(page);
  await fill(page, true);
  await step(page, 0, 1);
  await expect(page.getByText(FULL)).toBeVisible();
  await fill(page, false);
  await step(page, 1, 2);
  await expect(page.getByText('Saved at step 2.')).toBeVisible();
  await expect(page.getByText(FULL)).toHaveCount(0);
});

test('where only the weights do not fit the curves are kept', async ({ page }) => {
  await fillsUp(page, 'weights');
  await open(page);
  await step(page, 0, 4);
  await expect(page.getByText(NUMBERS)).toBeVisible();
  await button(page, 'Library').click();
  await expect(runs(page).getByRole('listitem')).toContainText(`step 4 of ${STEPS}`);
  await expect(runs(page).getByRole('listitem')).toContainText('curves only');

  await page.reload();
  await expect(button(page, 'Run')).toBeEnabled();
  await expect(page.getByText(/^Unfinished/)).toHaveCount(0);
  await button(page, 'Library').click();
  await runs(page).getByRole('button', { name: /^Open/ }).click();
  await expect(library(page)).toHaveCount(0);
  await expect(page.getByRole('status')).toHaveText(`step 4 of ${STEPS}`);
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '4');
  await expect(button(page, 'Run')).toBeDisabled();
});

test('a run of which nothing could be kept can be taken out as a file, as the page says', async ({
  page,
}) => {
  await open(page);
  await fill(page, true);
  await step(page, 0, 2);
  await expect(page.getByText(FULL)).toBeVisible();
  const take = page.getByRole('button', { name: 'Export…', exact: true });
  await expect(take).toBeVisible({ timeout: 5_000 });
  const download = page.waitForEvent('download');
  await take.click();
  expect((await download).suggestedFilename()).toMatch(/-step-2\.rlvr$/);
});
