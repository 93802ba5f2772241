import { describe, expect, test } from 'vitest';
import { describeFailure, failureLine } from '../../src/errors/describe';
import type { Failure } from '../../src/errors/failure';

/** One of each kind; the compiler refuses a missing one. */
const examples: { readonly [K in Failure['kind']]: Extract<Failure, { kind: K }> } = {
  noWebGPU: { kind: 'noWebGPU' },
  noAdapter: { kind: 'noAdapter' },
  limitTooSmall: {
    kind: 'limitTooSmall',
    limit: 'maxBufferSize',
    have: 268435456,
    need: 400000000,
  },
  outOfMemory: { kind: 'outOfMemory', bytes: 1073741824 },
  shaderCompile: { kind: 'shaderCompile', kernel: 'matmul', detail: 'line 3: expected ;' },
  deviceLost: { kind: 'deviceLost', detail: 'unknown' },
  nonfinite: {
    kind: 'nonfinite',
    arm: 'λ 0',
    step: 12,
    of: 'gradient',
    tensor: 'lm_head.weight',
  },
  badPolicy: { kind: 'badPolicy', detail: 'the tensor lm_head.weight is missing' },
  badRecipe: { kind: 'badRecipe', detail: 'clip_low must be between 0 and 1; got 7' },
  badInput: { kind: 'badInput', field: '--steps', detail: 'needs a whole number' },
  storageFull: { kind: 'storageFull', kept: 'numbers' },
  storageBlocked: { kind: 'storageBlocked' },
  workerCrashed: { kind: 'workerCrashed', detail: 'out of memory' },
  bug: { kind: 'bug', detail: 'the pipeline is missing' },
};

describe.each(Object.values(examples))('$kind', (failure) => {
  test.each(['page', 'terminal'] as const)(
    'is described in whole sentences on the %s',
    (surface) => {
      const { title, what, kept, action } = describeFailure(failure, surface);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      for (const text of [what, kept, action]) expect(text).toMatch(/^\S.*[.!?]$/);
      expect(`${title} ${what} ${kept} ${action}`).not.toMatch(/undefined|\[object|NaN/);
    },
  );
});

test('numbers and names of the failure are in its words', () => {
  expect(describeFailure(examples.limitTooSmall).what).toContain('maxBufferSize of 400,000,000');
  expect(describeFailure(examples.limitTooSmall).what).toContain('268,435,456');
  expect(describeFailure(examples.nonfinite).what).toContain(
    'In arm "λ 0" the gradient of lm_head.weight was',
  );
  expect(describeFailure(examples.nonfinite).what).toContain('step 12');
  expect(describeFailure(examples.noWebGPU).action).toMatch(/Chrome.*Safari.*Firefox/);
  expect(describeFailure(examples.noAdapter, 'terminal').action).toContain('--adapter');
});

test('bad input is one sentence on the command line', () => {
  expect(failureLine(examples.badRecipe)).toBe('clip_low must be between 0 and 1; got 7.');
  expect(failureLine(examples.badInput)).toBe('--steps: needs a whole number.');
  expect(failureLine(examples.deviceLost)).toContain('Start the command again');
});
