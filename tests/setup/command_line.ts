import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as users start it in a folder, without npm around it; `environment` is added to ours. */
export function commandLine(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): (...args: string[]) => Promise<Outcome> {
  return (...args) =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, 'tools/rlvr.mjs'), ...args],
        {
          ...{ cwd: folder, maxBuffer: 2 ** 26, timeout: 240_000 },
          env: { ...process.env, ...environment },
        },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
          resolve({ code, stdout, stderr });
        },
      );
    });
}
