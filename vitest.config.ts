import { defineConfig } from 'vitest/config';

const seconds = 1000;

/**
 * Three projects. `unit` is pure and parallel. `gpu` (kernels) and `engine` (training) compute with
 * Dawn, one instance a file, in a process of its own: two files at a time, because SwiftShader is
 * threaded itself. They run one after the other (groupOrder), so that slow files do not starve quick ones.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.{ts,tsx}', 'tests/fuzz/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60 * seconds,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...onDawn(),
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          testTimeout: 120 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...onDawn(),
          name: 'engine',
          include: ['tests/engine/**/*.test.ts'],
          testTimeout: 600 * seconds,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

function onDawn() {
  return {
    environment: 'node',
    pool: 'forks' as const,
    maxWorkers: 2,
    hookTimeout: 120 * seconds,
    globalSetup: ['tests/setup/vulkan.ts'],
    setupFiles: ['tests/setup/gpu.ts'],
  };
}
