import { useRun } from '../../store/run';

/** Why the device cannot be asked just now, in a sentence; null where it can. */
export function useIdle(): string | null {
  const { status, adapter, recorded } = useRun();
  if (adapter === null) return 'There is no GPU in use.';
  if (status === 'preparing') return 'The experiment is being prepared.';
  if (status === 'running' && recorded === null) return 'Pause the training first.';
  return null;
}
