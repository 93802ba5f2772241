import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const LONGEST = 20_000;
const REFUSED = 'The experiment in the link was not taken up.';

/** A link that holds this, as the page writes them. */
const holding = (value: unknown) =>
  `/#x=${Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')}`;

const small = { version: 1, name: 'from a link', arms: [{ name: 'only', set: {} }] };

/** What a link names, and what the page says of it. */
const LINKS: readonly { readonly about: string; readonly link: string; readonly says: string }[] = [
  {
    about: 'made by a newer version',
    link: holding({ ...small, version: 2, base: { steps: 7 } }),
    says: `${REFUSED} version must be 1; got 2: it was made by a newer version of this program, or by another one`,
  },
  {
    about: 'with a recipe of a newer version',
    link: holding({ ...small, base: { version: 2 } }),
    says: `${REFUSED} version must be 1; got 2`,
  },
  {
    about: 'with a setting that this version does not have',
    link: holding({ ...small, base: { warp: 9 } }),
    says: `${REFUSED} unknown key "warp" in`,
  },
  {
    about: 'longer than any that the page writes',
    link: `/#x=${'A'.repeat(LONGEST + 1)}`,
    says: `${REFUSED} The link is ${LONGEST + 1} letters long; ${LONGEST} is the limit.`,
  },
  {
    about: 'far longer',
    link: `/#x=${'A'.repeat(1_000_000)}`,
    says: `${REFUSED} The link is 1000000 letters long; ${LONGEST} is the limit.`,
  },
  {
    about: 'with letters that do not belong',
    link: '/#x=ab%3Cscript%3E',
    says: `${REFUSED} The link has letters that do not belong.`,
  },
  {
    about: 'with more arms than the page draws',
    link: holding({
      ...small,
      arms: Array.from({ length: 9 }, (_, i) => ({
        name: `arm ${i + 1}`,
        set: { clip_low: 0.1 + i / 100 },
      })),
    }),
    says: `${REFUSED} The experiment has 9 arms, and this page draws 8 at most`,
  },
];

const arms = (page: Page) => page.getByRole('table', { name: 'Arms' });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Opens a link as one that comes from elsewhere. */
async function follow(page: Page, link: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(link);
}

/** The default experiment, before its first step. */
async function expectUntouched(page: Page): Promise<void> {
  await expect(arms(page).getByRole('radio')).toHaveCount(4);
  await expect(arms(page).getByRole('radio', { name: 'GRPO' })).toBeChecked();
  await expect(page.getByRole('combobox', { name: 'Experiment' })).toHaveValue('');
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);
  await expect(button(page, 'Run')).toBeEnabled();
}

test.beforeEach(({ page }) => replay(page, record({ steps: STEPS })));

test('the same link within the limits is taken up', async ({ page }) => {
  await page.goto(holding({ ...small, base: { steps: 7 } }));
  await expect(arms(page).getByRole('radio', { name: 'only' })).toBeChecked();
  await expect(page.getByRole('status')).toHaveText('step 0 of 7');
});

for (const { about, link, says } of LINKS) {
  test(`a link ${about} is refused by name`, async ({ page }) => {
    await page.goto(link);
    await expect(page.getByText(says)).toBeVisible();
    await expectUntouched(page);
  });
}

test('a refused link leaves what is kept as it was', async ({ page }) => {
  await page.goto('/');
  for (let step = 1; step <= 2; step++) {
    await button(page, 'Step').click();
    await expect(page.getByRole('status')).toHaveText(`step ${step} of ${STEPS}`);
  }
  await expect(page.getByText('Saved at step 2.')).toBeVisible();
  await follow(page, holding({ ...small, version: 99 }));
  await expect(page.getByText(/^The experiment in the link .* got 99/)).toBeVisible();
  await expectUntouched(page);
  await expect(page.getByText(/^Unfinished: .*, step 2 of 24/)).toBeVisible();
  await button(page, 'Continue').click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
});

test('a link that is pasted into the page as it stands is taken up, or refused and nothing changes', async ({
  page,
}) => {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  const paste = (link: string) =>
    page.evaluate((hash) => {
      location.hash = hash;
    }, link.slice(1));
  await paste(holding({ ...small, version: 2 }));
  await expect(page.getByText(`${REFUSED} version must be 1; got 2`)).toBeVisible();
  await expect(arms(page).getByRole('radio', { name: 'GRPO' })).toBeVisible();
  await paste(holding(small));
  await expect(arms(page).getByRole('radio', { name: 'only' })).toBeVisible();
  await expect(page.getByText(REFUSED)).toHaveCount(0);
  await expect(page.getByRole('status')).toHaveText(/^step 0 of/);
});
