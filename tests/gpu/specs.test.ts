import { describe, expect, test } from 'vitest';
import { declaredBindings, declaredFields, type KernelSpec } from '../../src/gpu/kernel';
import { SETTINGS_FIELDS } from '../../src/gpu/run_settings';
import runSettings from '../../src/shaders/lib/run_settings.wgsl?raw';

/** Every kernel there is: whatever src/gpu/kernels exports. */
const modules = import.meta.glob<Record<string, unknown>>('../../src/gpu/kernels/*.ts', {
  eager: true,
});
const specs = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(
    (value): value is KernelSpec => typeof value === 'object' && value !== null && 'wgsl' in value,
  );

const shaders = import.meta.glob<string>('../../src/shaders/*.wgsl', {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The text of a function, from its name to the brace in the first column. */
const functionText = (wgsl: string, name: string) =>
  new RegExp(`fn ${name}\\([^]*?\\n\\}`).exec(wgsl)?.[0] ?? '';

/** The entry point and the shader's own functions it calls, directly or not. */
function reachableText({ wgsl, lib, name }: KernelSpec): string {
  const all = [...lib, wgsl].join('\n');
  const names = [...all.matchAll(/fn (\w+)\(/g)].map(([, found]) => found);
  let text = functionText(all, name);
  for (let before = ''; before !== text;) {
    before = text;
    const called = names.filter((found) => new RegExp(`\\b${found}\\(`).test(before));
    text = [...new Set([name, ...called])].map((found) => functionText(all, found)).join('\n');
  }
  return text;
}

test('every entry point of every shader has a spec', () => {
  const entries = Object.values(shaders).flatMap((wgsl) =>
    [...wgsl.matchAll(/@compute[^]*?fn (\w+)\(/g)].map(([, name]) => name),
  );
  expect(specs.map(({ name }) => name).sort()).toEqual(entries.sort());
  expect(specs.length).toBeGreaterThan(20);
});

describe.each(specs.map((spec) => [spec.name, spec] as const))('%s', (_, spec) => {
  const declared = declaredBindings(spec.wgsl);
  const body = reachableText(spec);
  // Not `v.x`, not in comments.
  const uses = (name: string) =>
    new RegExp(`(?<![.\\w])${name}\\b`).test(body.replace(/\/\/.*/g, ''));

  test('spec and shader name the same bindings and params', () => {
    for (const [name, access] of Object.entries(spec.buffers)) {
      expect(declared.get(name)?.access, name).toBe(access);
    }
    const used = [...declared].filter(([name, { access }]) => access !== 'uniform' && uses(name));
    expect(Object.keys(spec.buffers).sort()).toEqual(used.map(([name]) => name).sort());
    const uniforms = [...declared].filter(
      ([name, { access }]) => access === 'uniform' && uses(name),
    );
    expect(uniforms).toHaveLength(1);
    expect([...declaredFields(spec.wgsl, uniforms[0][1].type).keys()]).toEqual(spec.params);
  });

  test('no two bindings share a number, and storage stays within the default limit', () => {
    const numbers = Object.keys(spec.buffers).map((name) => declared.get(name)?.binding);
    expect(new Set([...numbers, 0]).size).toBe(numbers.length + 1);
    expect(numbers.length).toBeLessThanOrEqual(8);
  });
});

test('the settings of TypeScript and WGSL have the same fields, in order', () => {
  const fields = declaredFields(runSettings, 'RunSettings');
  expect([...fields]).toEqual(Object.entries(SETTINGS_FIELDS));
});
