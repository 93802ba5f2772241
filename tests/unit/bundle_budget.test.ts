import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { beforeAll, expect, test, vi } from 'vitest';

/** What a visit loads before it can do anything: the entry and all that it imports statically, gzipped. */
const BUDGET = 300_000;

/** The same with the charts, which come right after the first paint. */
const BUDGET_WITH_CHARTS = 330_000;

let files: Rolldown.RolldownOutput['output'];

beforeAll(async () => {
  // Under the test runner it would be "test", and React would come in its development build.
  vi.stubEnv('NODE_ENV', 'production');
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const built = await build({ root, logLevel: 'silent', build: { write: false } });
  vi.unstubAllEnvs();
  files = (built as Rolldown.RolldownOutput).output;
}, 120_000); // it takes four seconds where nothing else does

const chunks = () => files.filter((file) => file.type === 'chunk');

/** The chunk and everything it imports without being asked to. */
function closure(name: string, seen = new Set<string>()): Set<string> {
  const chunk = chunks().find(({ fileName }) => fileName === name);
  if (chunk === undefined || seen.has(name)) return seen;
  seen.add(name);
  for (const imported of chunk.imports) closure(imported, seen);
  return seen;
}

/** Everything that comes without a click: the entry, and the chunk of the charts where they are one of their own. */
function withCharts() {
  const charts = chunks().find(({ name }) => name === 'LinePlot');
  const names = new Set(initial().map(({ fileName }) => fileName));
  if (charts !== undefined) closure(charts.fileName, names);
  return chunks().filter(({ fileName }) => names.has(fileName));
}

function initial() {
  const entry = chunks().find(({ isEntry }) => isEntry);
  const names = closure(entry?.fileName ?? '');
  return chunks().filter(({ fileName }) => names.has(fileName));
}

test('the first visit loads at most 300 kB of JavaScript, gzipped', () => {
  const sizes = initial().map(({ code }) => gzipSync(code).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(
    `initial JavaScript: ${(total / 1000).toFixed(1)} kB gzipped in ${sizes.length} files`,
  );
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThanOrEqual(BUDGET);
});

test('with the charts it loads at most 330 kB', () => {
  const total = withCharts().reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  console.log(`with the charts: ${(total / 1000).toFixed(1)} kB gzipped`);
  expect(
    withCharts()
      .flatMap(({ moduleIds }) => moduleIds)
      .join(),
  ).toContain('recharts');
  expect(total).toBeLessThanOrEqual(BUDGET_WITH_CHARTS);
});

test('what is opened later is loaded later', () => {
  const modules = initial().flatMap(({ moduleIds }) => moduleIds);
  const early = (part: string) => modules.filter((id) => id.includes(part));
  expect(early('node_modules/cmdk')).toEqual([]);
  expect(early('.wgsl')).toEqual([]);
  expect(early('src/ui/kernels/')).toEqual([]);
  expect(early('src/gpu/')).toEqual([]);
  expect(early('src/engine/')).toEqual([]);
  expect(early('src/verify/')).toEqual([]);
});

test('no address is absolute: the page works under any path', () => {
  const html = files.find(({ fileName }) => fileName === 'index.html');
  if (html?.type !== 'asset') throw new Error('the build has no index.html');
  const addresses = [...String(html.source).matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, to]) => to,
  );
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) expect(address).toMatch(/^\.\//);
});

test('the licences of all that it holds come with it', () => {
  const list = files.find(({ fileName }) => fileName === 'licences.txt');
  const text = list?.type === 'asset' ? String(list.source) : '';
  for (const name of [
    'react-dom',
    'recharts',
    'zustand',
    '@fontsource-variable/source-sans-3',
    'serwist',
  ])
    expect(text).toMatch(new RegExp(`^## ${name} .*\\(\\S+\\)$`, 'm'));
});
