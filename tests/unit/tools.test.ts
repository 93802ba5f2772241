import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../vite.config';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const node = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 30_000 });

test('the header and the meta element state one content security policy', () => {
  const header = /Content-Security-Policy: (.*)/.exec(read('public/_headers'));
  expect(header?.[1]).toBe(contentSecurityPolicy);
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
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { engines?: { node?: string }; optional?: boolean }>;
  };
  const newerOnly = Object.entries(packages).filter(
    ([path, { engines }]) => path !== '' && /^>=\s*2[1-9]/.test(engines?.node ?? ''),
  );
  expect(newerOnly.map(([path]) => path)).toEqual([]);
});

test('the set-up has nothing to do twice, and refuses options it does not know', () => {
  const again = node('tools/setup.mjs');
  expect([again.status, again.stdout, again.stderr]).toEqual([0, '', '']);
  const unknown = node('tools/setup.mjs', '--broswer');
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toBe('set-up: unknown option --broswer; only --browser is known.\n');
});
