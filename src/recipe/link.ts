import { parseStrictJson } from '../model/json';
import { changed } from './difference';
import { parseExperiment, type Experiment } from './experiment';
import { defaultRecipe, type PolicyRules } from './schema';
import { refuse, type Result } from './untrusted';

/**
 * An experiment as part of a link: JSON of what differs from the defaults, in base64url. What it is for (`about`) is left
 * out, since a link is read by people who were told.
 */

/** Longer texts are not looked at. Eight arms with every setting changed come to less than half of it. */
export const LONGEST_LINK = 20_000;

const KEY = 'link';

export function encodeExperiment({
  name,
  base,
  arms,
  seeds,
  evaluate,
  measure,
}: Experiment): string {
  const compact = {
    version: 1,
    name,
    base: changed(base, defaultRecipe),
    arms: arms.map((arm) => ({ name: arm.name, set: arm.set })),
    seeds,
    evaluate,
    ...(measure !== null && { measure }),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(compact));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Reads such a text; anything doubtful in it is refused by name. */
export function decodeExperiment(text: string, policies: PolicyRules = {}): Result<Experiment> {
  if (text.length > LONGEST_LINK) {
    return refuse(KEY, `The link is ${text.length} letters long; ${LONGEST_LINK} is the limit.`);
  }
  if (!/^[A-Za-z0-9_-]+$/.test(text))
    return refuse(KEY, 'The link has letters that do not belong.');
  let value: unknown;
  try {
    const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    value = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse(KEY, 'The link is cut off or was changed on its way: it holds no experiment.');
  }
  return parseExperiment(value, policies);
}
