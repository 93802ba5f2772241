import type { MeasureKind } from '../../recipe/measure';
import { measureClipTrace, type ClipTraceMeasure } from './clip_trace';
import { measureContributions, type ContributionsMeasure } from './contributions';
import { measureDrive, type DriveMeasure } from './drive';
import { measureIdentity, type IdentityMeasure } from './identity';
import { measureProbe, type ProbeMeasure } from './probe';
import { measureRatios, type RatiosMeasure } from './ratios';
import type { Workbench } from './workbench';

export type Measurement =
  | DriveMeasure
  | ProbeMeasure
  | IdentityMeasure
  | ClipTraceMeasure
  | ContributionsMeasure
  | RatiosMeasure;

type Measurer = (bench: Workbench, prompts: number, samples: number) => Promise<Measurement[]>;

const MEASURERS: Readonly<Record<MeasureKind, Measurer>> = {
  drive: measureDrive,
  probe: measureProbe,
  identity: measureIdentity,
  'clip-trace': measureClipTrace,
  contributions: measureContributions,
  ratios: measureRatios,
};

/** One measurement of every run of a trainer. */
export async function measure(
  bench: Workbench,
  kind: MeasureKind,
  prompts: number,
  samples: number,
): Promise<Measurement[]> {
  return MEASURERS[kind](bench, prompts, samples);
}
