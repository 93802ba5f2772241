import { fixed, signed } from '../../rl/number_words';
import type { ArmSummary, PairSummary } from '../../rl/summary';
import type { RunRecord } from '../../storage/record';
import { levelOfPair, sharedLevel } from './level';
import { plainText, table } from './markdown';
import { statementInWords, type Statement } from './statement';

/** Of arms or pairs of arms: how many seeds it is about, and of a pair those in which the first arm is lower. */
interface Counted extends Statement {
  readonly n: number;
  readonly lower?: number;
}

/** A column: what it is called, and where an arm or a pair of arms has it. */
interface Column {
  readonly label: string;
  readonly from: 'entropy' | 'reward' | 'evaluation' | 'evaluation_training' | 'entropy_at_reward';
  readonly key?: string;
}

/** The quantities of the report. `samples` is the k of pass@k. */
function columns(samples: number): Column[] {
  return [
    { label: 'entropy, nats', from: 'entropy' },
    { label: 'reward', from: 'reward' },
    { label: 'pass@1', from: 'evaluation', key: 'pass_at_1' },
    { label: `pass@${samples}`, from: 'evaluation', key: 'pass_at_k' },
    { label: 'different correct', from: 'evaluation', key: 'distinct_correct' },
    { label: 'ECE', from: 'evaluation', key: 'ece' },
  ];
}

const atLevel = (level: string): Column => ({
  label: `entropy at reward ${level}`,
  from: 'entropy_at_reward',
  key: level,
});

/** Every arm with its means and intervals over seeds. */
export function armTable(record: RunRecord): string {
  const { arms } = record.summary;
  const level = sharedLevel(record);
  const shown = [
    ...columns(record.experiment.evaluate.samples),
    ...(level === null ? [] : [atLevel(level)]),
  ];
  const seeds = arms[0]?.entropy.n ?? 0;
  return table(
    ['arm', ...shown.map(({ label }) => label)],
    arms.map((arm) => [
      plainText(arm.arm),
      ...shown.map((column) => inWords(statementAt(arm, column), fixed, seeds)),
    ]),
  );
}

/** What was found on the training prompts, where it was asked for. */
export function trainingTable({ summary: { arms } }: RunRecord): string {
  const keys = ['entropy', 'pass_at_1', 'distinct_correct', 'ece'];
  const measured = arms.filter(({ evaluation_training: found }) => Object.keys(found ?? {}).length);
  return table(
    ['arm, on training prompts', 'entropy, nats', 'pass@1', 'different correct', 'ECE'],
    measured.map((arm) => [
      plainText(arm.arm),
      ...keys.map((key) =>
        inWords(
          statementAt(arm, { label: '', from: 'evaluation_training', key }),
          fixed,
          arm.entropy.n,
        ),
      ),
    ]),
  );
}

/** The later arms minus the first, paired by seed, with the seeds that lie above it. */
export function differenceTable(record: RunRecord): string {
  const { arms, pairs } = record.summary;
  const [first] = arms;
  if (!first) return '';
  const shown = columns(record.experiment.evaluate.samples);
  const rows = arms.slice(1).flatMap(({ arm }) => {
    const pair = pairs.find(
      (candidate) => candidate.first === first.arm && candidate.second === arm,
    );
    if (!pair) return [];
    return [
      [
        plainText(arm),
        ...shown.map((column) => differenceInWords(statementAt(pair, column))),
        atEqualReward(record, pair),
      ],
    ];
  });
  return table(
    [
      `minus ${plainText(first.arm)}`,
      ...shown.map(({ label }) => label),
      'entropy at equal reward',
    ],
    rows,
  );
}

/** At the level of reward that suits the two arms. */
function atEqualReward(record: RunRecord, pair: PairSummary): string {
  const level = levelOfPair(record, pair);
  if (level === null) return 'no level above the start reached by both';
  return `at ${level}: ${differenceInWords(statementAt(pair, atLevel(level)))}`;
}

/** Pairs hold the first arm minus the second; the table wants it the other way round. */
function differenceInWords(found: Counted | undefined): string {
  if (!found) return 'none';
  const turned: Counted = {
    n: found.n,
    mean: -found.mean,
    interval: found.interval && [-found.interval[1], -found.interval[0]],
  };
  const seeds = found.n > 1 ? `, ${found.lower ?? 0} of ${found.n} above` : ' (1 seed)';
  return `${inWords(turned, signed, found.n)}${seeds}`;
}

function statementAt(of: ArmSummary | PairSummary, { from, key }: Column): Counted | undefined {
  if (from === 'entropy' || from === 'reward') return of[from];
  return key === undefined ? undefined : of[from]?.[key];
}

/** Says so where fewer seeds have the number than there are. */
function inWords(
  statement: Counted | undefined,
  write: (value: number, decimals: number) => string,
  seeds: number,
): string {
  if (!statement) return 'none';
  const some = statement.n < seeds ? ` (${statement.n} seeds)` : '';
  return `${statementInWords(statement, write)}${some}`;
}
