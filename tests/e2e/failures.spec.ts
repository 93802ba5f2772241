import { expect, test, type Page } from '@playwright/test';

const WEBGPU_FLAG = '--enable-unsafe-webgpu';

test('without an adapter the page says so and plays what was recorded', async ({
  browserName,
  baseURL,
  launchOptions,
  playwright,
}) => {
  const args = (launchOptions.args ?? []).filter((arg) => arg !== WEBGPU_FLAG);
  const browser = await playwright[browserName].launch({
    ...launchOptions,
    args: [...args, '--disable-gpu', '--disable-features=WebGPUService'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(baseURL ?? '/');
    await expect(page.getByRole('alert')).toContainText(
      /No graphics adapter is available|This browser has no WebGPU/,
    );
    await expect(page.getByRole('radio', { name: 'Live' })).toBeDisabled();
    await expect(page.getByRole('radio', { name: 'Recorded' })).toBeChecked();
    await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
    await page.getByRole('button', { name: 'Step' }).click();
    await expect(page.getByRole('status')).toHaveText('step 1 of 24');
  } finally {
    await browser.close();
  }
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function ready(page: Page): Promise<void> {
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
}

/** Steps that are complete. */
async function stepNow(page: Page): Promise<number> {
  return Number(/^step (\d+) of/.exec((await page.getByRole('status').textContent()) ?? '')?.[1]);
}

async function until(page: Page, step: number): Promise<void> {
  await expect.poll(() => stepNow(page), { timeout: 90_000 }).toBeGreaterThanOrEqual(step);
}

/** Entropy of every arm, a row for each step. */
async function rows(page: Page): Promise<string[]> {
  const figure = page.getByRole('figure', { name: /^Entropy nats/ });
  const show = figure.getByRole('button', { name: 'Show data' });
  if ((await show.getAttribute('aria-expanded')) !== 'true') await show.click();
  return (await figure.getByRole('table').getByRole('row').allTextContents()).slice(1);
}

test('a device that is lost is opened again and the run goes on; lost twice, a reload finds it saved', async ({
  browser,
  page,
}) => {
  const devtools = await browser.newBrowserCDPSession();
  await page.goto('/');
  await ready(page);
  await button(page, 'Run').click();
  await until(page, 4);
  await button(page, 'Pause').click();
  await ready(page);
  const whole = await rows(page);
  await button(page, 'Reset').click();
  await ready(page);

  await button(page, 'Run').click();
  await until(page, 2);
  await devtools.send('Browser.crashGpuProcess');
  const note = page.getByText(
    /^The graphics processor was lost after step \d+\. The run was taken/,
  );
  await expect(note).toBeVisible({ timeout: 120_000 });
  await expect(note).toContainText('nothing is lost');
  await expect(page.getByRole('alert')).toBeEmpty();
  // It trains on without anybody's doing, with the numbers of a run that nothing has happened to.
  await until(page, 4);
  expect((await rows(page)).slice(0, 4)).toEqual(whole.slice(0, 4));

  await devtools.send('Browser.crashGpuProcess');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The graphics processor was lost again');
  await expect(alert).toContainText('The run is saved up to the step');
  await expect(button(page, 'Run')).toBeDisabled();
  const lost = await stepNow(page);
  const line = (await page.getByText(/^Saved at step \d+\.$/).textContent()) ?? '';
  const saved = Number(/\d+/.exec(line)?.[0]);
  expect(saved).toBeGreaterThan(0);
  expect(saved).toBeLessThanOrEqual(lost);

  // Chromium gives no adapter now, for two minutes or until somebody reloads the page.
  await page.reload();
  await ready(page);
  await expect(page.getByText(new RegExp(`^Unfinished: .*, step ${lost} of`))).toBeVisible();
  await button(page, 'Continue').click();
  await until(page, saved + 1);
  await expect(alert).toBeEmpty();
  expect((await rows(page)).slice(0, 4)).toEqual(whole.slice(0, 4));
});

test('a training thread that dies is said, three times, and its run goes on where it was saved', async ({
  page,
}) => {
  // The engine's worker, so that it can be made to throw where nothing catches it.
  await page.addInitScript(() => {
    const Native = window.Worker;
    window.Worker = class extends Native {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (options?.name === 'engine') Object.assign(window, { engine: this });
      }
    };
  });
  await page.goto('/');
  await ready(page);
  await button(page, 'Step').click();
  await until(page, 1);
  const alert = page.getByRole('alert');
  for (let step = 1; step <= 3; step++) {
    await expect(page.getByText(`Saved at step ${step}.`)).toBeVisible();
    // A command that no page sends: there is nothing in it to read.
    await page.evaluate(() => (window as unknown as { engine: Worker }).engine.postMessage(null));
    await expect(alert).toContainText('The training stopped by itself');
    await expect(alert).toContainText('The run is saved up to the step');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await ready(page);
    await expect(alert).toBeEmpty();
    await expect(page.getByRole('status')).toHaveText(new RegExp(`^step ${step} of`));
    await button(page, 'Step').click();
    await until(page, step + 1);
  }
});
