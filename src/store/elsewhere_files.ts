import { strToU8 } from 'fflate';
import type { LoggedRun } from '../export/logs/logged_run';
import { trlLog, verlLog } from '../export/logs/trainer_logs';
import { unipoLog } from '../export/logs/unipo';
import type { Source } from '../export/scale/readme';
import { scaleFolder, type ScaleTarget } from '../export/scale/scale_folder';
import { zipOf } from '../model/foreign/zip';
import { readPolicy } from '../model/policy';

/** A folder for another trainer as one zip file. Throws RlvrError, or SafetensorsError for a damaged policy. */
export function zippedFolder(
  source: Source,
  policy: Uint8Array,
  target: ScaleTarget,
  name: string,
): Uint8Array<ArrayBuffer> {
  return zipOf(name, scaleFolder(source, readPolicy(policy), target));
}

const LOGS = { unipo: unipoLog, 'trl-log': trlLog, 'verl-log': verlLog } as const;

/** A log as a file. */
export function logBytes(run: LoggedRun, target: keyof typeof LOGS): Uint8Array<ArrayBuffer> {
  return strToU8(LOGS[target](run));
}
