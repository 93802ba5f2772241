/** Equal-width bins of confidence, closed on the left; the last one is closed on both sides. */
const BINS = 10;

/** One bar of a reliability diagram; `confidence` and `accuracy` are null in an empty bin. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error: sum over bins of (share of responses) |accuracy - confidence|. */
  readonly ece: number;
  /** Brier score: mean of (confidence - correct)^2. */
  readonly brier: number;
  readonly bins: readonly ReliabilityBin[];
}

/**
 * Confidence in a response: exp of the mean logprob of its tokens (the end token included). 0 where a policy that has
 * diverged gives no number: that is said where it is trained, and to judge it must not end the program.
 */
export function sequenceConfidence(logprobs: ArrayLike<number>): number {
  return probability(logprobOf(logprobs) / logprobs.length);
}

/** The stricter confidence in a response: its probability, exp of the sum of the logprobs. Falls with its length. */
export function sequenceProbability(logprobs: ArrayLike<number>): number {
  return probability(logprobOf(logprobs));
}

const probability = (logprob: number) =>
  Number.isNaN(logprob) ? 0 : Math.min(1, Math.exp(logprob));

function logprobOf(logprobs: ArrayLike<number>): number {
  if (logprobs.length === 0) throw new RangeError('a response without tokens has no confidence');
  let sum = 0;
  for (let i = 0; i < logprobs.length; i++) sum += logprobs[i];
  return sum;
}

/**
 * Confidence in the answer of each response to one prompt: the share of the responses that give the same answer
 * (self-consistency, arXiv:2203.11171). A response without an answer (null) has confidence 0: nothing speaks for it.
 * Each response counts itself, so confidence is at least 1/n, which is biased upwards where n is small.
 */
export function answerFrequency(answers: readonly (string | null)[]): number[] {
  return answers.map((answer) =>
    answer === null ? 0 : answers.filter((other) => other === answer).length / answers.length,
  );
}

/**
 * How well confidence agrees with correctness, one entry per response.
 * Source: Guo et al. 2017, On calibration of modern neural networks (arXiv:1706.04599) eq. 3; Brier 1950.
 * The seed paper does not give its protocol: bins and confidence are our choice.
 */
export function calibration(
  confidence: readonly number[],
  correct: readonly boolean[],
  binCount = BINS,
): Calibration {
  if (confidence.length !== correct.length)
    throw new RangeError('one confidence per response is needed');
  if (!confidence.every((value) => value >= 0 && value <= 1))
    throw new RangeError('a confidence lies between 0 and 1');
  const n = confidence.length;
  const totals = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, correct: 0 }));
  let squares = 0;
  confidence.forEach((value, i) => {
    const bin = totals[Math.min(binCount - 1, Math.floor(value * binCount))];
    const hit = correct[i] ? 1 : 0;
    bin.count++;
    bin.confidence += value;
    bin.correct += hit;
    squares += (value - hit) ** 2;
  });
  const ece = totals.reduce((sum, bin) => sum + Math.abs(bin.correct - bin.confidence), 0) / n;
  const bins = totals.map((bin, b) => ({
    from: b / binCount,
    to: (b + 1) / binCount,
    count: bin.count,
    confidence: bin.count > 0 ? bin.confidence / bin.count : null,
    accuracy: bin.count > 0 ? bin.correct / bin.count : null,
  }));
  return { ece, brier: squares / n, bins };
}
