import { create } from 'zustand';
import { quoted } from '../recipe/untrusted';
import type { TrainerLog } from '../export/logs/read_trainer_log';
import { refuseWith, tell } from './library';

/** A log of another trainer, drawn beside what is compared. */
export interface ShownLog extends TrainerLog {
  /** Of its file. */
  readonly name: string;
}

/** So many have a colour of their own beside two arms. */
export const MOST_LOGS = 4;

/** Logs that were dropped on the page or chosen; they are gone when it is closed. */
export const useTrainerLogs = create<{ readonly logs: readonly ShownLog[] }>(() => ({ logs: [] }));

const TRAINERS = { trl: 'TRL', verl: 'verl' } as const;

/** Whether a file is read as a log and not as a run. */
export const isLogFile = ({ name }: File) => /\.jsonl?$/i.test(name);

/** Takes a log of TRL or verl. What is wrong with it is refused in a sentence, and nothing has changed then. */
export async function importLog(file: File): Promise<void> {
  const refused = (why: string) => refuseWith(`${quoted(file.name)} was not imported. ${why}`);
  const code = await import('../export/logs/read_trainer_log').catch(() => null);
  if (code === null) return refused('The code for this could not be loaded.');
  if (file.size > code.MOST_LOG_BYTES) {
    return refused(`A log has ${code.MOST_LOG_BYTES / 2 ** 20} MB at most.`);
  }
  const { logs } = useTrainerLogs.getState();
  const others = logs.filter(({ name }) => name !== file.name);
  if (others.length >= MOST_LOGS) {
    return refused(`${MOST_LOGS} logs are drawn at most: remove one in the comparison first.`);
  }
  let text: string;
  try {
    text = await file.text();
  } catch {
    return refused('The browser could not read the file.');
  }
  const log = code.parseTrainerLog(text);
  if (!log.ok) return refused(log.problems[0]?.message ?? '');
  useTrainerLogs.setState({ logs: [...others, { ...log.value, name: file.name }] });
  const { trainer, steps } = log.value;
  tell(
    `“${file.name}”, ${steps} steps of ${TRAINERS[trainer]}, is drawn in every comparison until this page is closed. ` +
      'Mark one or two runs and choose Compare.',
  );
}

export function removeLog(name: string): void {
  useTrainerLogs.setState(({ logs }) => ({ logs: logs.filter((log) => log.name !== name) }));
}
