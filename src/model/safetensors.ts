import { widened, type HalfType } from './half';
import { parseStrictJson, quote } from './json';

/** A file that is not a well-formed safetensors file or policy; the message is one sentence for people. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** A named tensor of a safetensors file, row-major. */
export type SafetensorsTensor =
  | { readonly dtype: 'F32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'I32'; readonly shape: readonly number[]; readonly data: Int32Array };

/** Contents of a safetensors file; Maps, because names come from strangers. */
export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

/** Longest header accepted or written; ours are a few kB. */
export const MAX_HEADER_BYTES = 1_000_000;

const METADATA = '__metadata__';
const ITEM_BYTES = { F32: 4, I32: 4, F16: 2, BF16: 2 } as const;
type Dtype = keyof typeof ITEM_BYTES;
const WHOLE: readonly Dtype[] = ['F32', 'I32'];
const WITH_HALVES: readonly Dtype[] = [...WHOLE, 'F16', 'BF16'];

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function fail(message: string): never {
  throw new SafetensorsError(message);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** -0 is refused too: the text "-0" is not the integer the format asks for. */
const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);

const isOneOf = (types: readonly Dtype[], value: unknown): value is Dtype =>
  (types as readonly unknown[]).includes(value);

const isHalf = (dtype: Dtype): dtype is HalfType => dtype === 'F16' || dtype === 'BF16';

function decodeJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    );
  } catch (error) {
    // A TextDecoder throws a TypeError for bytes that are not UTF-8.
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8 text';
    fail(`The header is not valid JSON: ${why}.`);
  }
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) fail('The file is too short to be a safetensors file.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) fail('The header is longer than 1 MB.');
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) fail('The header reaches past the end of the file.');
  if (bytes[8] !== 0x7b || length === 0n) fail('The header does not begin with a JSON object.');
  const header = decodeJson(new Uint8Array(bytes.subarray(8, dataStart)));
  if (!isObject(header)) fail('The header is not a JSON object.');
  return { header, dataStart };
}

function readMetadata(value: unknown): Map<string, string> {
  if (!isObject(value)) fail('The metadata is not a JSON object.');
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') fail(`The metadata value ${quote(key)} is not a string.`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: unknown, types = WHOLE): Entry {
  if (!isObject(value)) fail(`The header entry of tensor ${quote(name)} is not a JSON object.`);
  const get = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
  const [dtype, shape, offsets] = [get('dtype'), get('shape'), get('data_offsets')];
  if (!isOneOf(types, dtype)) {
    const found = typeof dtype === 'string' ? quote(dtype) : 'no dtype';
    const known = `${types.slice(0, -1).join(', ')} and ${types.at(-1) ?? ''}`;
    fail(`Tensor ${quote(name)} has ${found}; only ${known} can be read.`);
  }
  const itemBytes = ITEM_BYTES[dtype];
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    fail(`The shape of tensor ${quote(name)} is not a list of non-negative integers.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    fail(`The offsets of tensor ${quote(name)} are not two non-negative integers.`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) fail(`Tensor ${quote(name)} ends before it begins.`);
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count * itemBytes)) fail(`Tensor ${quote(name)} is too large.`);
  }
  if (end - begin !== count * itemBytes) {
    fail(
      `Tensor ${quote(name)} has ${end - begin} bytes where its shape needs ${count * itemBytes}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/**
 * Reads a safetensors file into copies. Throws SafetensorsError unless the whole file is as the format asks: tensors
 * cover the data without gap or overlap, lengths follow from shapes, no key occurs twice. With `halves`, tensors of
 * 16-bit floating point are read as well, as F32 of the same values.
 */
export function parseSafetensors(
  bytes: Uint8Array,
  { halves } = { halves: false },
): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes);
  let metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value);
    else entries.push(readEntry(name, value, halves ? WITH_HALVES : WHOLE));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, SafetensorsTensor>();
  let position = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== position) {
      fail(`Tensor ${quote(name)} leaves a gap in the data or overlaps another tensor.`);
    }
    if (dataStart + end > bytes.length)
      fail(`Tensor ${quote(name)} reaches past the end of the file.`);
    // A copy in its own buffer: the data of a file need not be aligned to four bytes.
    const { buffer } = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    if (dtype === 'I32') tensors.set(name, { dtype, shape, data: new Int32Array(buffer) });
    else {
      const data = isHalf(dtype)
        ? widened(dtype, new Uint16Array(buffer))
        : new Float32Array(buffer);
      tensors.set(name, { dtype: 'F32', shape, data });
    }
    position = end;
  }
  if (dataStart + position !== bytes.length) fail('The file has bytes that belong to no tensor.');
  return { metadata, tensors };
}

/** Bytes of a safetensors file, tensors in the order given. Throws SafetensorsError for a tensor it could not read back. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  // Entries are joined as text: an object literal would lose a key such as "__proto__".
  const member = (key: string, value: string) => `${JSON.stringify(key)}:${value}`;
  const parts: string[] = [];
  if (metadata.size > 0) {
    const pairs = [...metadata].map(([key, text]) => member(key, JSON.stringify(text)));
    parts.push(member(METADATA, `{${pairs.join(',')}}`));
  }
  let position = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    if (name === METADATA) fail('A tensor cannot be named "__metadata__".');
    const data_offsets = [position, position + data.byteLength];
    readEntry(name, { dtype, shape, data_offsets });
    parts.push(member(name, JSON.stringify({ dtype, shape, data_offsets })));
    position += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`);
  // The header is padded with spaces so that the data begin at a multiple of eight bytes.
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > MAX_HEADER_BYTES) fail('The header would be longer than 1 MB.');
  const bytes = new Uint8Array(8 + headerLength + position);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
