import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentSecurityPolicy, securityHeaders } from '../../vite.config';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const node = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 30_000 });

test('hosts that read a file of headers, and our own servers, send the same ones', () => {
  const lines = read('public/_headers').matchAll(/^ {2}([\w-]+): (.*)$/gm);
  expect(Object.fromEntries([...lines].map(([, name, value]) => [name, value]))).toEqual(
    securityHeaders,
  );
});

test('the header and the meta element state one content security policy', () => {
  const [meta, ...headerOnly] = securityHeaders['Content-Security-Policy'].split('; frame-');
  expect(meta).toBe(contentSecurityPolicy);
  expect(headerOnly.join()).toMatch(/^ancestors [^;]+$/); // a meta element may not hold it
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|data:|http/);
});

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly engines?: { readonly node?: string };
}

const locked = () =>
  Object.entries(
    (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
  ).filter(([path]) => path !== '');

/** Licences that ask for no more than their notice; of tools also those that ask for their own changes. */
const SHIPPED =
  /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|OFL-1\.1|MIT AND ISC AND BSD-3-Clause)$/;
const TOOLS = /^(MPL-2\.0|BlueOak-1\.0\.0|Python-2\.0|\(MIT OR CC0-1\.0\))$/;

test('every package has a licence that lets us ship it, or use it', () => {
  const others = locked().filter(
    ([, { license = '', dev = false }]) => !SHIPPED.test(license) && !(dev && TOOLS.test(license)),
  );
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('every package is held to its bytes, and runs no script when it is installed', () => {
  const loose = locked().filter(([, { integrity = '' }]) => !/^sha512-/.test(integrity));
  expect(loose.map(([path]) => path)).toEqual([]);
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});

test('the lockfile names no registry, and every version is exact', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/);
  const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  for (const [name, version] of Object.entries({
    ...dependencies,
    ...devDependencies,
    ...overrides,
  })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('every package runs on the Node that the project asks for', () => {
  const newerOnly = locked().filter(([, { engines }]) => /^>=\s*2[1-9]/.test(engines?.node ?? ''));
  expect(newerOnly.map(([path]) => path)).toEqual([]);
});

test('the set-up has nothing to do twice, and refuses options it does not know', () => {
  const again = node('tools/setup.mjs');
  expect([again.status, again.stdout, again.stderr]).toEqual([0, '', '']);
  const unknown = node('tools/setup.mjs', '--broswer');
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toBe('set-up: unknown option --broswer; only --browser is known.\n');
});
