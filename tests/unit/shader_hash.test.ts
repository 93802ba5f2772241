import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KernelSpec } from '../../src/gpu/kernel';
import { shaderHash, shaderTexts } from '../../src/gpu/shader_hash';
import { root } from '../setup/command_line';

const modules = import.meta.glob<Record<string, unknown>>('../../src/gpu/kernels/*.ts', {
  eager: true,
});
const specs = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter(
    (value): value is KernelSpec => typeof value === 'object' && value !== null && 'wgsl' in value,
  );

describe('the hash of the shaders', () => {
  test('is of the files as they lie in the folder', async () => {
    const folder = join(root, 'src/shaders');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.wgsl'))
      .map((name) => name.replaceAll('\\', '/'))
      .sort();
    expect(files.length).toBeGreaterThan(20);
    const hash = createHash('sha256');
    for (const name of files) {
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(folder, name)))
        .update('\0');
    }
    expect(await shaderHash()).toBe(hash.digest('hex'));
  });

  test('is of everything that is compiled, also of kernels that few recipes need', () => {
    expect(specs.length).toBeGreaterThan(20);
    const hashed = new Set(shaderTexts.values());
    const compiled = new Set(specs.flatMap(({ wgsl, lib }) => [...lib, wgsl]));
    expect([...compiled].filter((text) => !hashed.has(text))).toEqual([]);
  });

  test('changes with any letter, name or border, and not with the order', async () => {
    const of = (...texts: [string, string][]) => shaderHash(new Map(texts));
    const whole = await of(['a.wgsl', 'one'], ['lib/b.wgsl', 'two']);
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
    expect(await of(['lib/b.wgsl', 'two'], ['a.wgsl', 'one'])).toBe(whole);
    const others = await Promise.all([
      of(['a.wgsl', 'one '], ['lib/b.wgsl', 'two']),
      of(['a.wgsl', 'one'], ['lib/b.wgsl', 'twO']),
      of(['a.wgsl', 'one'], ['lib/c.wgsl', 'two']),
      of(['a.wgsl', 'onet'], ['lib/b.wgsl', 'wo']),
      of(['a.wgsl', 'one']),
    ]);
    expect(new Set([whole, ...others]).size).toBe(6);
  });
});
