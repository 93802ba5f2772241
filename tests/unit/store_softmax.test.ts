import { beforeEach, describe, expect, test } from 'vitest';
import { pushOnce } from '../../src/reference/one_softmax';
import type { Push } from '../../src/rl/one_softmax';
import {
  askDevice,
  changePush,
  choosePreset,
  serveSoftmax,
  setLogit,
  useSoftmax,
} from '../../src/store/softmax';
import type { Event } from '../../src/worker/protocol';

/** A worker that keeps questions until they are answered. */
function device() {
  const asked: Push[] = [];
  let listener: (event: Event) => void = () => undefined;
  return {
    asked,
    softmax: (push: Push) => void asked.push(push),
    subscribe: (next: typeof listener) => {
      listener = next;
      return () => undefined;
    },
    answer: (push: Push, known = true) =>
      listener({ type: 'softmax', push, pushed: known ? pushOnce(push) : null }),
  };
}

beforeEach(() => {
  serveSoftmax(null);
  choosePreset('confident');
  changePush({ token: 0, advantage: 1, stepSize: 0.5 });
});

describe('asking the device', () => {
  test('one question at a time, then the newest', () => {
    const worker = device();
    serveSoftmax(worker);
    askDevice();
    changePush({ token: 1 });
    askDevice();
    changePush({ token: 2 });
    askDevice();
    expect(worker.asked.map(({ token }) => token)).toEqual([0]);
    worker.answer(structuredClone(worker.asked[0]));
    expect(worker.asked.map(({ token }) => token)).toEqual([0, 2]);
    worker.answer(structuredClone(worker.asked[1]));
    expect(worker.asked).toHaveLength(2);
    expect(useSoftmax.getState().answer?.push.token).toBe(2);
  });

  test('a device that cannot is not asked again for the same push, and leaves no answer', () => {
    const worker = device();
    serveSoftmax(worker);
    askDevice();
    changePush({ token: 3 });
    worker.answer(worker.asked[0], false);
    expect(useSoftmax.getState().answer).toBeNull();
    expect(worker.asked).toHaveLength(1);
  });

  test('an answer of a worker that was replaced is dropped', () => {
    const [old, next] = [device(), device()];
    serveSoftmax(old);
    askDevice();
    serveSoftmax(next);
    old.answer(old.asked[0]);
    expect(useSoftmax.getState().answer).toBeNull();
  });
});

test('moving a logit leaves the preset', () => {
  setLogit(2, 3);
  const { preset, push } = useSoftmax.getState();
  expect(preset).toBeNull();
  expect(push.logits[2]).toBe(3);
});
