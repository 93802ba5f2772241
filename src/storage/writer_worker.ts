import { writeRunFile, type KeptRun } from './run_file';

/** What the writer is asked, and what it answers; `id` says to what. */
export interface WriteRequest {
  readonly id: number;
  readonly run: KeptRun;
}
export type WriteAnswer =
  | { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly problem: string };

// The page hears of it as of any error here.
self.onmessageerror = () => {
  throw new Error('the run could not be read');
};

self.onmessage = async ({ data: { id, run } }: MessageEvent<WriteRequest>) => {
  const answer = (message: WriteAnswer, transfer: Transferable[] = []) =>
    self.postMessage(message, { transfer });
  try {
    const bytes = await writeRunFile(run);
    answer({ id, bytes }, [bytes.buffer]);
  } catch (error) {
    answer({ id, problem: String(error) });
  }
};
