import { expect, test, type APIRequestContext } from '@playwright/test';
import { serveUnderPath, type Site } from './under_path';

interface Icon {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
  readonly purpose?: string;
}

interface Manifest {
  readonly id: string;
  readonly name: string;
  readonly short_name: string;
  readonly start_url: string;
  readonly scope: string;
  readonly display: string;
  readonly icons: readonly Icon[];
}

let site: Site;

test.beforeEach(async ({ baseURL }) => {
  site = await serveUnderPath(baseURL ?? '');
});

test.afterEach(() => site.close());

/** A picture that answers under its address as what it is said to be: its width and height, null of a drawing. */
async function sizeOf(
  request: APIRequestContext,
  address: string,
  type: string,
): Promise<string | null> {
  const response = await request.get(address);
  expect(response.status(), address).toBe(200);
  expect(response.headers()['content-type'], address).toMatch(
    new RegExp(`^${type.replace('+', '\\+')}`),
  );
  const bytes = await response.body();
  if (type !== 'image/png') {
    expect(bytes.toString('utf8')).toContain('<svg');
    return null;
  }
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
}

test('the manifest can be installed from, and its icons are what it says', async ({
  page,
  request,
}) => {
  await page.goto(site.address);
  const link = page.locator('link[rel="manifest"]');
  await expect(link).toHaveCount(1);
  const address = await link.evaluate((element) => (element as HTMLLinkElement).href);
  const response = await request.get(address);
  expect(response.status()).toBe(200);
  expect(response.headers()['content-type']).toMatch(/^application\/manifest\+json/);
  const manifest = (await response.json()) as Manifest;
  expect(manifest.name).toBe(await page.title());
  expect(manifest.short_name.length).toBeLessThanOrEqual(12);
  expect(manifest.display).toBe('standalone');
  // Wherever the site lies, the app begins with the page itself.
  for (const place of [manifest.start_url, manifest.scope, manifest.id]) {
    expect(new URL(place, address).href).toBe(site.address);
  }

  for (const { src, sizes, type } of manifest.icons) {
    const size = await sizeOf(request, new URL(src, address).href, type);
    expect(sizes, src).toBe(size ?? 'any');
  }
  const pictures = manifest.icons.filter(({ purpose = 'any' }) => purpose === 'any');
  expect(pictures.map(({ sizes }) => sizes)).toEqual(
    expect.arrayContaining(['192x192', '512x512']),
  );
  expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable');
  expect(site.missing).toEqual([]);
});

test('the browser reads the manifest without a complaint', async ({ page, context }) => {
  await page.goto(site.address);
  const devtools = await context.newCDPSession(page);
  const { url, errors, data } = await devtools.send('Page.getAppManifest');
  expect(url).toBe(`${site.address}app.webmanifest`);
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? 'null')).toMatchObject({ name: 'RLVR Playground' });
});

test('the icons of the tab and of the home screen are there', async ({ page, request }) => {
  await page.goto(site.address);
  const href = (rel: string) =>
    page.locator(`link[rel="${rel}"]`).evaluate((element) => (element as HTMLLinkElement).href);
  expect(await sizeOf(request, await href('icon'), 'image/svg+xml')).toBeNull();
  expect(await sizeOf(request, await href('apple-touch-icon'), 'image/png')).toBe('192x192');
});
