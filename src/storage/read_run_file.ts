import { parseStrictJson } from '../model/json';
import { refuse, type Result } from '../recipe/untrusted';
import { parseHeader } from './read_run_header';
import {
  align,
  DIGEST_BYTES,
  digestOf,
  MAGIC,
  MOST_FILE_BYTES,
  MOST_HEADER_BYTES,
  PREFIX_BYTES,
  VERSION,
  type Header,
  type KeptRun,
  type KeptSeries,
} from './run_file';

const FIELD = 'run file';

/** Why a file of this size is not even opened; null where it may be read. */
export function sizeProblem(bytes: number): string | null {
  if (bytes > MOST_FILE_BYTES) {
    return `The file has ${Math.ceil(bytes / 2 ** 20)} MB; a run has ${MOST_FILE_BYTES / 2 ** 20} MB at most.`;
  }
  return bytes < PREFIX_BYTES + DIGEST_BYTES ? 'The file is too short to be a run.' : null;
}

/**
 * Reads a run file, whoever it comes from. A byte that is not as it was written, or is missing, makes it refused as a
 * whole; so does any part that a run of this page could not have. The checkpoint is looked at by the engine alone.
 */
export async function readRunFile(bytes: Uint8Array<ArrayBuffer>): Promise<Result<KeptRun>> {
  const size = sizeProblem(bytes.length);
  if (size !== null) return refuse(FIELD, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ([...MAGIC].some((char, i) => bytes[i] !== char.charCodeAt(0))) {
    return refuse(FIELD, 'The file is not a run of this page.');
  }
  const version = view.getUint32(8, true);
  if (version < 1 || version > VERSION) {
    return refuse(
      FIELD,
      `The file has format ${version}, and this page reads formats 1 to ${VERSION}: it was made by ` +
        'a newer version of the page, or is damaged.',
    );
  }
  const length = view.getUint32(12, true);
  const end = bytes.length - DIGEST_BYTES;
  if (length > MOST_HEADER_BYTES || PREFIX_BYTES + length > end) {
    return refuse(FIELD, 'The file is damaged: its header reaches past its end.');
  }
  const digest = await digestOf(bytes.subarray(0, end));
  if (digest.some((byte, i) => bytes[end + i] !== byte)) {
    return refuse(FIELD, 'The file is damaged: some of its bytes are missing or changed.');
  }
  const header = headerOf(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length), version);
  if (!header.ok) return header;
  return readSections(header.value, bytes.subarray(align(PREFIX_BYTES + length), end));
}

function headerOf(bytes: Uint8Array, version: number): Result<Header> {
  let value: unknown;
  try {
    value = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // A TextDecoder throws a TypeError for bytes that are not UTF-8.
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8 text';
    return refuse(FIELD, `The header of the run is not valid: ${why}.`);
  }
  return parseHeader(value, version);
}

/** `bytes` are what follows the header, without the digest. */
function readSections(header: Header, bytes: Uint8Array<ArrayBuffer>): Result<KeptRun> {
  const { step, series: listed, checkpoint: kept, ...rest } = header;
  const columns = listed.reduce((sum, { columns: own }) => sum + own.length, 0);
  const seriesBytes = columns * step * 8;
  const checkpointBytes = kept?.bytes ?? 0;
  if (bytes.length !== seriesBytes + checkpointBytes) {
    const needed = seriesBytes + checkpointBytes;
    return refuse(FIELD, `The run has ${bytes.length} bytes of numbers where it needs ${needed}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const column = () => {
    const values = new Float64Array(step);
    for (let i = 0; i < step; i++) values[i] = view.getFloat64(at + 8 * i, true);
    at += 8 * step;
    return values;
  };
  const series = new Map(
    listed.map(({ run, columns: own }): [string, KeptSeries] => [
      run,
      new Map(own.map((key) => [key, column()])),
    ]),
  );
  const countsSteps = ([, own]: [string, KeptSeries]) =>
    own.get('step')?.every((value, i) => value === i + 1) ?? false;
  const odd = [...series].find((entry) => !countsSteps(entry));
  if (odd) return refuse(FIELD, `The steps of run ${odd[0]} are not 1 to ${step}.`);
  const checkpoint = kept && { step: kept.step, bytes: bytes.slice(seriesBytes) };
  return { ok: true, value: { ...rest, step, series, checkpoint } };
}
