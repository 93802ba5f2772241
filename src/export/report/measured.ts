import { mean } from '../../rl/statistics';
import type { Plain } from '../../storage/plain';

export type PlainObject = Readonly<Record<string, Plain>>;

/** The number at a path of plain data, or the numbers of a list there; none where there is neither. */
export function numbersIn(value: PlainObject, ...path: readonly string[]): number[] {
  const found = path.reduce<Plain | undefined>(
    (at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
  const list: readonly Plain[] = isList(found) ? found : found === undefined ? [] : [found];
  return list.filter((item): item is number => typeof item === 'number');
}

/** The objects of a list in plain data. */
export function itemsIn(value: PlainObject, key: string): PlainObject[] {
  const found = value[key];
  return isList(found) ? found.filter((item) => isObject(item)) : [];
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values);
}

function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

function isObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
