import { STAT } from '../update_stats';
import { entropyLoss, inner, onPolicyLoss, type Workbench } from './workbench';

/**
 * What each sign of the advantage would do to the entropy of the policy as it is, on fresh rollouts: by the closed form in
 * the space of logits (docs/math.md, entropy drive) and as the slope of the mean entropy along the gradient step in the
 * space of weights, without Adam.
 */
export interface DriveMeasure {
  readonly kind: 'drive';
  readonly step: number;
  readonly reward: number;
  readonly entropy: number;
  /** Sums over tokens of a sign, divided by all response tokens; nats for a unit step. */
  readonly drive_positive: number;
  readonly drive_negative: number;
  /** By sign and by whether the token was likelier than the entropy says. */
  readonly drive_positive_likely: number;
  readonly drive_positive_unlikely: number;
  readonly drive_negative_likely: number;
  readonly drive_negative_unlikely: number;
  readonly drive_ratio: number;
  /** (1 - p) / p at the mean success rate of the groups with both rewards: what the identity says of the ratio. */
  readonly predicted_ratio: number;
  /** <grad H, -grad L> of the loss of one sign alone. */
  readonly slope_positive: number;
  readonly slope_negative: number;
  readonly slope_ratio: number;
  /** Between the two gradients. */
  readonly cosine: number;
}

export async function measureDrive(
  bench: Workbench,
  prompts: number,
  samples: number,
): Promise<DriveMeasure[]> {
  const rows = await bench.sample('train', prompts, samples, { by: 'verifier' });
  const of = (positive: number, negative: number) => (run: number) =>
    onPolicyLoss(bench.state(run), { positive, negative });
  const entropy = await bench.pass(rows, (run) => entropyLoss(bench.state(run)), {
    gradient: true,
  });
  const ups = await bench.pass(rows, of(1, 0), { gradient: true });
  const downs = await bench.pass(rows, of(0, 1), { gradient: true });
  return rows.map((own, run) => {
    const tokens = Math.max(
      1,
      own.reduce((sum, row) => sum + row.tokens.length, 0),
    );
    const none = new Float64Array();
    const [h, up, down] = [entropy[run], ups[run], downs[run]].map(
      (pass) => pass?.gradient ?? none,
    );
    const drive = (index: number) => (ups[run]?.sums[index] ?? 0) + (downs[run]?.sums[index] ?? 0);
    const slope = (gradient: Float64Array | undefined) => -inner(h ?? none, gradient ?? none);
    const [positive, negative] = [drive(STAT.drivePositive), drive(STAT.driveNegative)];
    const [slopeUp, slopeDown] = [slope(up), slope(down)];
    const length = (g: Float64Array) => Math.sqrt(inner(g, g));
    const groups = Array.from({ length: prompts }, (_, p) =>
      own.slice(p * samples, (p + 1) * samples),
    );
    const rates = groups
      .map((group) => group.reduce((sum, { reward }) => sum + reward, 0) / samples)
      .filter((rate) => rate > 0 && rate < 1);
    const success = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    return {
      kind: 'drive',
      step: bench.step,
      reward: own.reduce((sum, { reward }) => sum + reward, 0) / own.length,
      entropy: (entropy[run]?.sums[STAT.entropy] ?? 0) / tokens,
      drive_positive: positive,
      drive_negative: negative,
      drive_positive_likely: drive(STAT.drivePositiveLikely),
      drive_positive_unlikely: drive(STAT.drivePositiveUnlikely),
      drive_negative_likely: drive(STAT.driveNegativeLikely),
      drive_negative_unlikely: drive(STAT.driveNegativeUnlikely),
      drive_ratio: positive / negative,
      predicted_ratio: (1 - success) / success,
      slope_positive: slopeUp,
      slope_negative: slopeDown,
      slope_ratio: slopeUp / slopeDown,
      cosine: inner(up ?? none, down ?? none) / (length(up ?? none) * length(down ?? none)),
    };
  });
}
