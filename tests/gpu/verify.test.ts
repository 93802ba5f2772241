import { describe, expect, test } from 'vitest';
import type { KernelSpec } from '../../src/gpu/kernel';
import { CHECKS, runCheck } from '../../src/verify/checks';
import { testGpu } from '../setup/engine';

/** What the page runs on its reader's device, with this device's own sizes of workgroups. */
describe('verification', () => {
  test.each(CHECKS.map((check) => [check.kernels.join(), check] as const))(
    '%s',
    async (_, check) => {
      const outputs = await runCheck(await testGpu(), check);
      expect([...new Set(outputs.map(({ kernel }) => kernel))]).toEqual(check.kernels);
      expect(outputs.filter(({ share }) => !(share <= 1))).toEqual([]);
      expect(outputs.every(({ numbers }) => numbers > 0)).toBe(true);
    },
  );

  test('an error of the device is thrown, and caught by nobody else', async () => {
    const gpu = await testGpu();
    const broken = {
      ...CHECKS[0],
      compare: () => {
        gpu.device.createBuffer({ size: 16, usage: 0xffff });
        return Promise.resolve([]);
      },
    };
    await expect(runCheck(gpu, broken)).rejects.toThrow();
  });

  test('every kernel is checked, once', () => {
    const modules = import.meta.glob<Record<string, unknown>>('../../src/gpu/kernels/*.ts', {
      eager: true,
    });
    const specs = Object.values(modules)
      .flatMap((module) => Object.values(module))
      .filter(
        (value): value is KernelSpec =>
          typeof value === 'object' && value !== null && 'wgsl' in value,
      );
    const checked = CHECKS.flatMap(({ kernels }) => kernels);
    expect(checked.sort()).toEqual(specs.map(({ name }) => name).sort());
  });
});
