import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPrompts } from '../../src/tasks/prompts';
import { tasks } from '../../src/tasks/registry';
import { chainSum } from '../../src/tasks/chain_sum';
import { maze } from '../../src/tasks/maze';

const keys = (prompts: readonly (readonly number[])[]) => prompts.map((prompt) => prompt.join(' '));

test.each(tasks)(
  '$name: training and held-out prompts are distinct, disjoint and repeatable',
  (task) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 1, max: 200 }),
        (seed, n) => {
          const { train, heldOut } = drawPrompts(task, n, 64, seed);
          expect(train).toHaveLength(n);
          expect(heldOut).toHaveLength(64);
          expect(new Set([...keys(train), ...keys(heldOut)]).size).toBe(n + 64);
          expect(drawPrompts(task, n, 64, seed)).toEqual({ train, heldOut });
        },
      ),
      { numRuns: 20 },
    );
  },
);

test('arms that differ in train_prompts share held-out prompts, and small training sets begin large ones', () => {
  const few = drawPrompts(maze, 4, 64, 3);
  const many = drawPrompts(maze, 4096, 64, 3);
  expect(few.heldOut).toEqual(many.heldOut);
  expect(few.train).toEqual(many.train.slice(0, 4));
  expect(drawPrompts(maze, 4, 64, 4)).not.toEqual(few);
});

test('a task with too few prompts says so with both numbers', () => {
  expect(drawPrompts(chainSum, 9936, 64, 0).train).toHaveLength(9936); // all 10 * 10 * 10 * 10 of them
  expect(() => drawPrompts(chainSum, 20000, 64, 0)).toThrow(
    /10000 distinct.*20000 for training plus 64/,
  );
});
