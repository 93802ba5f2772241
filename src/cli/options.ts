import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RlvrError } from '../errors/failure';

/** A command of the command line: what --help prints, and what it does. */
export interface Command {
  readonly name: string;
  /** Arguments as shown in the usage line. */
  readonly usage: string;
  readonly summary: string;
  /** Lines of help below the usage. */
  readonly help: readonly string[];
  run(args: readonly string[]): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Refuses an argument: one sentence, exit 2. */
export function refuse(field: string, detail: string): never {
  throw new RlvrError({ kind: 'badInput', field, detail });
}

/** Arguments of a command; unknown options are refused by name. */
export function readArgs<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = (error as Error).message.split('. ')[0] ?? 'bad arguments';
    return refuse('arguments', message.charAt(0).toLowerCase() + message.slice(1));
  }
}

/** A whole number within bounds, or the default where the option is not given. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  [least, most]: readonly [number, number],
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    return refuse(`--${name}`, `it must be a whole number from ${least} to ${most}; got "${text}"`);
  }
  return value;
}
