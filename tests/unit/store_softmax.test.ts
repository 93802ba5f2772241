import { beforeEach, describe, expect, test } from 'vitest';
import { probabilities, pushOnce } from '../../src/reference/one_softmax';
import type { Push } from '../../src/rl/one_softmax';
import {
  askDevice,
  changePush,
  choosePreset,
  dropToken,
  restoreToken,
  serveSoftmax,
  setLogit,
  takeToken,
  useSoftmax,
} from '../../src/store/softmax';
import { sourceWords, trainedWords } from '../../src/ui/softmax/words';
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
  dropToken();
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

describe('a token of the rollouts', () => {
  const source = {
    ...{ arm: 'GRPO', seed: 3, step: 6, prompt: ['3', '8', '='], response: 2, place: 4 },
    ...{ advantage: -0.8, entropy: 0.9, entropyAfter: 0.7 },
  };
  const drawn = {
    vocabulary: ['0', '1', '⏎', 'D'],
    probabilities: [0.25, 0.6, 0.15, 0],
    token: '⏎',
  };

  test('takes the place of the panel’s own, likeliest first, with its probabilities', () => {
    takeToken(source, drawn);
    const { tokens, push, preset, arriving } = useSoftmax.getState();
    expect([tokens, preset, arriving]).toEqual([['1', '0', '⏎', 'D'], null, true]);
    expect(tokens[push.token]).toBe('⏎');
    expect([push.advantage, push.stepSize]).toEqual([-1, 0.5]);
    [0.6, 0.25, 0.15, 0].forEach((p, v) => expect(probabilities(push.logits)[v]).toBeCloseTo(p, 6));
    expect(push.logits.every(Number.isFinite)).toBe(true);
  });

  test('comes back as it was drawn after logits and push were moved', () => {
    takeToken(source, drawn);
    const { push } = useSoftmax.getState();
    setLogit(0, -3);
    changePush({ token: 1, advantage: 1 });
    restoreToken();
    expect(useSoftmax.getState().push).toEqual(push);
  });

  test('leaves for what was there before the first of several', () => {
    setLogit(2, 3);
    changePush({ token: 5 });
    const before = useSoftmax.getState();
    takeToken(source, drawn);
    takeToken({ ...source, step: 7 }, drawn);
    dropToken();
    const after = useSoftmax.getState();
    expect([after.tokens, after.push, after.source]).toEqual([before.tokens, before.push, null]);
    expect(after.bounds).toEqual(before.bounds);
  });

  test('gives way to a preset, with a token that it has', () => {
    changePush({ token: 1 });
    takeToken(source, drawn);
    choosePreset('tail');
    const { tokens, push, source: none } = useSoftmax.getState();
    expect([tokens.length, push.logits.length, push.token, none]).toEqual([6, 6, 1, null]);
  });

  test('is named with where it was met', () => {
    expect(sourceWords(source, '⏎')).toBe(
      'From the rollouts of GRPO, seed 3, step 6: the distribution that token 4, “⏎”, of response 2 to 3 8 = was drawn from. Its advantage there was −0.80; here it counts as −1.',
    );
    expect(trainedWords(source)).toMatch(/from 0\.900 to 0\.700 nats/);
    const base = { ...source, step: 0, advantage: 0, entropyAfter: null };
    expect(sourceWords(base, '⏎')).toMatch(
      /before training: the .*\. Its advantage there was 0, so/,
    );
    expect(trainedWords(base)).toBe('');
  });
});
