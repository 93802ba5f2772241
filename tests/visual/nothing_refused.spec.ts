import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';
import { serveUnderPath, type Site } from './under_path';

/**
 * The views of the page under its content security policy, Trusted Types included: nothing that the page does is refused, and
 * nothing is asked of another host. That what an attacker would do is refused has a test of its own.
 */

/** What was refused, and asked elsewhere, by any page or worker of a context. */
interface Watched {
  readonly refused: string[];
  readonly foreign: string[];
}

async function watch(context: BrowserContext, origin: string): Promise<Watched> {
  const watched: Watched = { refused: [], foreign: [] };
  await context.exposeFunction('tellRefused', (what: string) => void watched.refused.push(what));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const tell = Reflect.get(window, 'tellRefused') as (what: string) => void;
      tell(`${event.violatedDirective} ${event.blockedURI} ${event.sample} ${event.sourceFile}`);
    });
  });
  // Of workers as well, which tell the console alone.
  context.on('console', (message) => {
    if (/Content.Security.Policy|Trusted(HTML|Script)/i.test(message.text()))
      watched.refused.push(message.text());
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['blob:', 'data:'].includes(url.protocol) && url.origin !== origin)
      watched.foreign.push(request.url());
  });
  return watched;
}

const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).first().click();

async function closed(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('the page that trains, its menus, dialogs and drawers', async ({ page, context, baseURL }) => {
  const watched = await watch(context, new URL(baseURL ?? '').origin);
  await replay(page, record({ steps: 8, looks: true }));
  const answer = await page.goto('/');
  const headers = answer?.headers() ?? {};
  expect(headers['content-security-policy']).toContain("require-trusted-types-for 'script'");
  expect(headers['content-security-policy']).toContain('frame-ancestors');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');

  await press(page, 'Run');
  await expect(page.getByRole('status')).toHaveText('step 8 of 24');
  await expect(page.getByText('Saved at step 8.')).toBeVisible(); // by the worker that writes files
  await press(page, 'More charts');
  for (const dialog of ['Library', 'Fork…', 'Compare arms…', 'Commands', 'Kernels']) {
    await press(page, dialog);
    await expect(page.getByRole('dialog').first()).toBeVisible();
    await closed(page);
  }
  await press(page, 'Menu of λ 0.5');
  await page.getByRole('menuitem', { name: 'Settings…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await closed(page);
  await press(page, 'Menu of Reward');
  await page.getByRole('menuitem', { name: 'Full screen' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await closed(page);
  await page.getByRole('slider', { name: 'Positive-advantage weight' }).press('ArrowLeft');
  await page.locator('#formula').getByRole('radio', { name: 'Ratio' }).first().click();
  await page.goto('/?lesson=entropy-collapse&ask=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E');
  await expect(page.getByRole('complementary', { name: 'Lessons' })).toBeVisible();
  await expect(page.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  expect(watched).toEqual({ refused: [], foreign: [] });
});

test.describe('as a static host serves it, without headers', () => {
  test.use({ serviceWorkers: 'allow' });
  let site: Site;
  test.beforeEach(async ({ baseURL }) => {
    site = await serveUnderPath(baseURL ?? '');
  });
  test.afterEach(() => site.close());

  test('its own worker with WebGPU, a recorded run, and the page kept for use without a network', async ({
    page,
    context,
  }) => {
    const watched = await watch(context, new URL(site.address).origin);
    const worker = page.waitForEvent('worker');
    await page.goto(site.address);
    await worker;
    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled({
      timeout: 120_000,
    });
    await expect(page.getByText(/it opens without a network too/)).toBeVisible();
    await page.getByRole('link', { name: 'Licences' }).click();
    await expect(page.getByText('MIT License').first()).toBeVisible();
    await page.goBack();
    await page.getByRole('combobox', { name: 'Experiment' }).selectOption('Who drives');
    await expect(page.getByRole('figure', { name: /^Entropy/ }).first()).toBeVisible();
    expect(watched).toEqual({ refused: [], foreign: [] });
  });
});

test('what an attacker would do is refused', async ({ page, context, baseURL }) => {
  const watched = await watch(context, new URL(baseURL ?? '').origin);
  await replay(page, record({ steps: 8 }));
  await page.goto('/');
  const outcomes = await page.evaluate(async () => {
    const fails = async (work: () => unknown): Promise<boolean> => {
      // What a debugger evaluates may do more than a page, until it lets go.
      await new Promise((later) => setTimeout(later));
      try {
        await work();
        return false;
      } catch {
        return true;
      }
    };
    const script = document.createElement('script');
    return {
      eval: await fails(() => window.eval('1')),
      html: await fails(() => void (document.body.innerHTML += '<p>x</p>')),
      script: await fails(() => void (script.src = 'https://x.example/x.js')),
      inline: await fails(() => void (script.textContent = 'window.hit = 1')),
      worker: await fails(() => new Worker(URL.createObjectURL(new Blob(['1'])))),
      policy: await fails(() => {
        const types = Reflect.get(window, 'trustedTypes') as {
          createPolicy: (name: string, rules: object) => void;
        };
        types.createPolicy('mine', {});
      }),
      fetch: await fails(() => fetch('https://x.example/')),
    };
  });
  expect(outcomes).toEqual({
    ...{ eval: true, html: true, script: true, inline: true },
    ...{ worker: true, policy: true, fetch: true },
  });
  expect(watched.refused.length).toBeGreaterThan(5);
});
