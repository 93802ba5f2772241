import { useRun } from '../../store/run';

/** Whether the arms can be changed: a recorded run stays as it was, and without an adapter nothing would train. */
export function useEditable(): boolean {
  return useRun(({ recorded, adapter }) => recorded === null && adapter !== null);
}
