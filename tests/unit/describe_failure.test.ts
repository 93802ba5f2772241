import { describe, expect, test } from 'vitest';
import { describeFailure, failureLine } from '../../src/errors/describe';
import type { Failure } from '../../src/errors/failure';
import { FAILURE_TESTS } from '../setup/failure_tests';

const examples = Object.values(FAILURE_TESTS).map(({ example }): Failure => example);

describe.each(examples)('$kind', (failure) => {
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
  const { limitTooSmall, nonfinite, noWebGPU, noAdapter } = FAILURE_TESTS;
  const { what } = describeFailure(limitTooSmall.example);
  expect(what).toContain('maxBufferSize of 400,000,000');
  expect(what).toContain('268,435,456');
  expect(describeFailure({ ...nonfinite.example, arm: 'λ 0' }).what).toContain(
    'In arm "λ 0" the gradient of model.layers.1.mlp.down_proj.weight was',
  );
  expect(describeFailure(nonfinite.example).what).toContain('step 6');
  expect(describeFailure(noWebGPU.example).action).toMatch(/Chrome.*Safari.*Firefox/);
  expect(describeFailure(noAdapter.example, 'terminal').action).toContain('--adapter');
});

test('bad input is one sentence on the command line', () => {
  const detail = 'clip_low must be between 0 and 1; got 7';
  expect(failureLine({ kind: 'badRecipe', detail })).toBe(`${detail}.`);
  expect(failureLine({ kind: 'badInput', field: '--steps', detail: 'needs a whole number' })).toBe(
    '--steps: needs a whole number.',
  );
  expect(failureLine(FAILURE_TESTS.deviceLost.example)).toContain('Start the command again');
});
