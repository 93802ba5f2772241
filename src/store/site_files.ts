import { refuse, type Problem, type Result } from '../recipe/untrusted';

/** Longer than any file of the site should take, shorter than patience. */
const TIMEOUT = 30_000;

const KEY = 'file';

/** The key of a refusal that says that the site has no such file. */
const ABSENT = 'absent';

/** A JSON file that ships with the page, not yet looked at. `what` begins the sentence of a refusal. */
export async function fetchJson(
  path: string,
  what: string,
  /** Said where there is no such file; without it, that the site answers 404. */
  missing?: string,
): Promise<Result<unknown>> {
  let response: Response;
  try {
    response = await fetch(`${import.meta.env.BASE_URL}${path}`, {
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch {
    return refuse(KEY, `${what} could not be loaded: the site does not answer.`);
  }
  if (response.status === 404 && missing !== undefined) return refuse(ABSENT, missing);
  if (!response.ok) {
    return refuse(KEY, `${what} could not be loaded: the site answers ${response.status}.`);
  }
  try {
    return { ok: true, value: await response.json() };
  } catch {
    return damaged(what, 'it is not JSON');
  }
}

/** A file that ships with the page, as it is. `what` begins the sentence of a refusal. */
export async function fetchBytes(
  path: string,
  what: string,
): Promise<Result<Uint8Array<ArrayBuffer>>> {
  try {
    const response = await fetch(`${import.meta.env.BASE_URL}${path}`, {
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (response.ok) return { ok: true, value: new Uint8Array(await response.arrayBuffer()) };
    return refuse(KEY, `${what} could not be loaded: the site answers ${response.status}.`);
  } catch {
    return refuse(KEY, `${what} could not be loaded: the site does not answer.`);
  }
}

/** Whether the site answered that it has no such file: asking again will not help. */
export function isAbsent(problems: readonly Problem[]): boolean {
  return problems.some(({ key }) => key === ABSENT);
}

/** The refusal of a file that came and is not what it should be. */
export function damaged(what: string, problem: string | undefined): Result<never> {
  return refuse(KEY, `${what} has a damaged file: ${problem ?? 'it cannot be read'}.`);
}
