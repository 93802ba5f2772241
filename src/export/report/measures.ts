import { MEASURE_KINDS, type MeasureKind } from '../../recipe/measure';
import type { RecordedMeasure, RunRecord } from '../../storage/record';
import { paragraphs, plainText, table } from './markdown';
import { itemsIn, meanOf, numbersIn, type PlainObject } from './measured';
import { meanInWords, ratioInWords } from './statement';

/** One arm's measurements of a kind at a step, one per seed that has it. */
interface Measured {
  readonly arm: string;
  readonly step: number;
  readonly bySeed: readonly RecordedMeasure[];
}

/** How the measurements of each kind are shown; their fields are those of src/engine/diagnose. */
const sections: Readonly<Record<MeasureKind, (measured: readonly Measured[]) => string>> = {
  drive,
  probe,
  identity,
  'clip-trace': clipTrace,
  contributions,
  ratios,
};

/** Everything that was measured beyond metrics and evaluations; empty of nothing. */
export function measureSections(record: RunRecord): string {
  return paragraphs(
    MEASURE_KINDS.map((kind) => {
      const measured = measuredOf(record, kind);
      return measured.length === 0 ? '' : sections[kind](measured);
    }),
  );
}

function measuredOf({ arms }: RunRecord, kind: MeasureKind): Measured[] {
  return arms.flatMap(({ name, runs }) => {
    const all = runs.flatMap(({ measures }) => measures.filter((measure) => measure.kind === kind));
    const steps = [...new Set(all.map(({ step }) => step))].sort((a, b) => a - b);
    return steps.map((step) => ({
      arm: plainText(name),
      step,
      bySeed: all.filter((measure) => measure.step === step),
    }));
  });
}

/** A row for each arm and step, a column for each field: means over seeds with their intervals. */
function fieldTable(
  measured: readonly Measured[],
  columns: readonly (readonly [label: string, cell: (own: readonly RecordedMeasure[]) => string])[],
): string {
  return table(
    ['arm', 'step', ...columns.map(([label]) => label)],
    measured.map(({ arm, step, bySeed }) => [
      arm,
      String(step),
      ...columns.map(([, cell]) => cell(bySeed)),
    ]),
  );
}

const field =
  (...path: readonly string[]) =>
  (own: readonly RecordedMeasure[]) =>
    meanInWords(own.flatMap((measure) => numbersIn(measure, ...path)));

const ratio = (above: string, below: string) => (own: readonly RecordedMeasure[]) =>
  ratioInWords(
    own.flatMap((measure) => numbersIn(measure, above)),
    own.flatMap((measure) => numbersIn(measure, below)),
  );

function drive(measured: readonly Measured[]): string {
  return paragraphs([
    '#### Drive of each sign',
    'On fresh rollouts. The drive is the closed form in the space of logits, the slope the derivative of mean entropy along the gradient step of one sign. Ratios are those of the means.',
    fieldTable(measured, [
      ['reward', field('reward')],
      ['drive, A > 0', field('drive_positive')],
      ['drive, A < 0', field('drive_negative')],
      ['ratio', ratio('drive_positive', 'drive_negative')],
      ['(1 − p) / p', field('predicted_ratio')],
      ['slope, A > 0', field('slope_positive')],
      ['slope, A < 0', field('slope_negative')],
      ['slope ratio', ratio('slope_positive', 'slope_negative')],
      ['cosine', field('cosine')],
    ]),
  ]);
}

function probe(measured: readonly Measured[]): string {
  const whole = (key: string) => (own: readonly RecordedMeasure[]) =>
    meanInWords(own.map((measure) => numbersIn(measure, key).reduce((sum, nats) => sum + nats, 0)));
  return paragraphs([
    '#### Probe: the entropy change of one training step',
    'On fixed held-out responses, in nats: predicted to first order from each update, summed over the updates of the step, and measured.',
    fieldTable(measured, [
      ['entropy before', field('entropy')],
      ['predicted', whole('predicted')],
      ['measured', whole('measured')],
    ]),
  ]);
}

function identity(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ arm, step, bySeed }) => {
    const bins = bySeed.flatMap((measure) => itemsIn(measure, 'bins'));
    const starts = [...new Set(bins.flatMap((bin) => numbersIn(bin, 'from')))].sort(
      (a, b) => a - b,
    );
    return starts.map((from) => {
      const own = bins.filter((bin) => bin.from === from);
      const all = (key: string) => own.flatMap((bin) => numbersIn(bin, key));
      return [
        arm,
        String(step),
        `${from} to ${all('to')[0] ?? 1}`,
        String(all('prompts').reduce((sum, count) => sum + count, 0)),
        meanInWords(all('success')),
        ratioInWords(all('drive_positive'), all('drive_negative')),
        all('ratio')
          .map((value) => meanInWords([value]))
          .join(', '),
        meanInWords(all('predicted')),
      ];
    });
  });
  return paragraphs([
    '#### Both signs by success rate',
    'Drive of the positive tokens over that of the negative ones, prompts of all seeds together, beside what the identity says.',
    table(
      ['arm', 'step', 'success rate', 'prompts', 'mean', 'ratio', 'ratio by seed', '(1 − p) / p'],
      rows,
    ),
  ]);
}

function clipTrace(measured: readonly Measured[]): string {
  return paragraphs([
    '#### What clipping leaves, update by update',
    'Drive of the tokens that still have a gradient after so many updates on the same batch. Probabilities are those when the tokens were drawn, inside and outside the clip range. Means over seeds with their intervals.',
    ...measured.map(turnInWords),
    table(
      [
        ...['arm', 'step', 'update', 'A < 0', 'A < 0, no lower clip', 'A > 0', 'clipped low'],
        ...['A < 0: p kept', 'p clipped', 'A > 0: p kept', 'p clipped'],
      ],
      measured.flatMap(({ arm, step, bySeed }) => {
        const [clipped, free] = [pointsOf(bySeed, CLIPPED), pointsOf(bySeed, FREE)];
        return clipped.map((points, update) => {
          const of = (key: string) => meanInWords(points.flatMap((point) => numbersIn(point, key)));
          return [
            arm,
            String(step),
            String(update),
            of('drive_negative'),
            meanInWords(
              (free[update] ?? []).flatMap((point) => numbersIn(point, 'drive_negative')),
            ),
            of('drive_positive'),
            of('clip_low_fraction'),
            of('probability_negative_kept'),
            of('probability_negative_clipped'),
            of('probability_positive_kept'),
            of('probability_positive_clipped'),
          ];
        });
      }),
    ),
  ]);
}

const CLIPPED = 'with_lower_clip';
const FREE = 'without_lower_clip';

/** The points of all seeds, by update. */
function pointsOf(bySeed: readonly RecordedMeasure[], key: string): PlainObject[][] {
  const lists = bySeed.map((measure) => itemsIn(measure, key));
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, update) =>
    lists.flatMap((list) => list.slice(update, update + 1)),
  );
}

/** When the mean drive of the negative tokens has turned from lowering entropy to raising it. */
function turnInWords({ arm, step, bySeed }: Measured): string {
  const turn = (key: string) => {
    const at = pointsOf(bySeed, key).findIndex(
      (points) => (meanOf(points.flatMap((point) => numbersIn(point, 'drive_negative'))) ?? 0) > 0,
    );
    return at < 0 ? 'never' : `after ${at} update${at === 1 ? '' : 's'}`;
  };
  return `${arm}, step ${step}: the mean drive of the negative tokens is first above 0 with the lower clip ${turn(CLIPPED)}, without it ${turn(FREE)}.`;
}

function contributions(measured: readonly Measured[]): string {
  return paragraphs([
    '#### Contributions to the entropy change of one training step',
    'On fixed held-out responses, in nats. A contribution is the change by the whole step less the change by the step without that part; staleness is all updates on one batch against fresh rollouts for each.',
    fieldTable(measured, [
      ['entropy before', field('entropy')],
      ['whole step', field('change', 'whole')],
      ['positives', field('contribution', 'positive')],
      ['negatives', field('contribution', 'negative')],
      ['clipping', field('contribution', 'clipping')],
      ['staleness', field('contribution', 'staleness')],
      ['step with positives flipped', field('change', 'flipped_positives')],
    ]),
  ]);
}

/** Shares of the tokens of each sign below, inside and above the clip range. */
function ratios(measured: readonly Measured[]): string {
  const share =
    (sign: string, where: (from: number, low: number, high: number) => boolean) =>
    (own: readonly RecordedMeasure[]) =>
      meanInWords(
        own.flatMap((measure) => {
          const [edges, counts] = [numbersIn(measure, 'edges'), numbersIn(measure, sign)];
          const [low = 1] = numbersIn(measure, 'lowest');
          const [high = 1] = numbersIn(measure, 'highest');
          const all = counts.reduce((sum, count) => sum + count, 0);
          const chosen = counts.filter((_, i) => where(edges[i] ?? 1, low, high));
          return all === 0 ? [] : [chosen.reduce((sum, count) => sum + count, 0) / all];
        }),
      );
  // A bin belongs to where it begins; the clip ends of the catalogue lie on edges.
  const near = 1e-9;
  const below = (from: number, low: number) => from < low - near;
  const above = (from: number, _: number, high: number) => from >= high - near;
  return paragraphs([
    '#### Ratios at the end of a step',
    'Shares of the tokens of each sign whose ratio lies below and above the clip range, in the last epoch of the step.',
    fieldTable(measured, [
      ['A > 0 below', share('positive', below)],
      ['A > 0 above (clipped)', share('positive', above)],
      ['A < 0 below (clipped)', share('negative', below)],
      ['A < 0 above', share('negative', above)],
    ]),
  ]);
}
