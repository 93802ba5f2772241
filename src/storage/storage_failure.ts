import type { Failure } from '../errors/failure';

export type StorageFailure = Extract<Failure, { kind: 'storageFull' | 'storageBlocked' }>;

/** What a refusal of the browser's storage means. */
export function storageFailure(error: unknown): StorageFailure {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') return { kind: 'storageFull', kept: 'nothing' };
  return { kind: 'storageBlocked' };
}
