import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { MOST_EVALUATIONS, newestGroups, responseTokens } from '../../src/storage/kept_findings';
import { readRunFile, sizeProblem } from '../../src/storage/read_run_file';
import { parseHeader } from '../../src/storage/read_run_header';
import { DIGEST_BYTES, digestOf, PREFIX_BYTES, writeRunFile } from '../../src/storage/run_file';
import { recordedGroup } from '../../src/store/recorded_rollouts';
import { keptRun } from '../setup/kept_run';

type Bytes = Uint8Array<ArrayBuffer>;
type Mutable = Record<string, never> & { [key: string]: Mutable };

async function refusal(bytes: Bytes): Promise<string | null> {
  const read = await readRunFile(bytes);
  return read.ok ? null : (read.problems[0]?.message ?? '');
}

/** The JSON header of a file. */
function headerOf(bytes: Bytes): Mutable {
  const length = new DataView(bytes.buffer).getUint32(12, true);
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  return JSON.parse(text) as Mutable;
}

/** The file with other bytes before the digest, and a digest that fits them: what a forger would send. */
async function forged(body: Bytes): Promise<Bytes> {
  const bytes = new Uint8Array(body.length + DIGEST_BYTES);
  bytes.set(body);
  bytes.set(await digestOf(body), body.length);
  return bytes;
}

function put(value: Mutable, path: readonly (string | number)[], item: unknown): Mutable {
  const parent = path.slice(0, -1).reduce<Mutable>((at, key) => at[key], value);
  Object.defineProperty(parent, path.at(-1) ?? '', {
    value: item,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return value;
}

let whole: Bytes;
beforeAll(async () => {
  whole = await writeRunFile(keptRun());
});

describe('a run file', () => {
  test('gives back what was written, to the last bit', async () => {
    const run = keptRun();
    expect(await readRunFile(whole)).toEqual({ ok: true, value: run });
  });

  test('may lie anywhere in a larger buffer', async () => {
    const larger = new Uint8Array(whole.length + 6);
    larger.set(whole, 3);
    expect(await refusal(larger.subarray(3, 3 + whole.length))).toBeNull();
  });

  test('needs no checkpoint, no steps and no adapter', async () => {
    const bare = keptRun({
      ...{ step: 0, checkpoint: null, adapter: null, catalogue: 'x' },
      ...{ marks: [], evaluations: [], measurements: [], rollouts: [] },
    });
    expect(await readRunFile(await writeRunFile(bare))).toEqual({ ok: true, value: bare });
  });

  test('holds the newest rollouts and evaluations that fit, and drops the oldest', async () => {
    const { rollouts, evaluations } = keptRun();
    const [group] = rollouts[0].groups;
    const tokens = Array.from({ length: 400 }, () => 1);
    const large = { tokens, entropy: tokens };
    const groups = Array.from({ length: 9 }, (_, step) => ({
      ...group,
      step,
      responses: Array.from({ length: 8 }, () => large),
    }));
    const [evaluation] = evaluations;
    const many = Array.from({ length: MOST_EVALUATIONS + 2 }, (_, i) => ({
      ...evaluation,
      step: i < 3 ? 9 - i : 10,
      values: {},
    }));
    const run = keptRun({ rollouts: [{ run: 'arm-1#0', groups }], evaluations: many });
    const read = await readRunFile(await writeRunFile(run));
    if (!read.ok) throw new Error(read.problems[0]?.message);
    // 5 groups of 3,200 tokens are 16,000 of the 16,384 there may be.
    expect(read.value.rollouts[0]?.groups.map(({ step }) => step)).toEqual([4, 5, 6, 7, 8]);
    expect(read.value.evaluations).toHaveLength(MOST_EVALUATIONS);
    expect(read.value.evaluations[0]?.step).toBe(9);
    expect(read.value.evaluations[1]?.step).toBe(10);
  });

  test('stays small enough to be read, whatever was found', async () => {
    const text = 'x'.repeat(200);
    const values = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`text_${i}`, text]));
    const evaluations = Array.from({ length: 12_000 }, (_, i) => ({
      ...{ run: 'arm-1#0', step: Math.floor(i / 1000), values },
    }));
    const read = await readRunFile(await writeRunFile(keptRun({ evaluations })));
    if (!read.ok) throw new Error(read.problems[0]?.message);
    expect(read.value.evaluations.map(({ step }) => step)).toEqual(
      evaluations.slice(6_000).map(({ step }) => step),
    );
    expect(read.value.rollouts).toEqual([]);
    expect(read.value.measurements).toEqual(keptRun().measurements);
  });

  test('leaves out what its reader would refuse', async () => {
    const run = keptRun();
    const [evaluation] = run.evaluations;
    const [measurement] = run.measurements;
    const endless = { numbers: Array.from({ length: 5_000 }, () => 1) };
    const read = await readRunFile(
      await writeRunFile({
        ...run,
        evaluations: [...run.evaluations, { ...evaluation, step: 1, values: { entropy: NaN } }],
        measurements: [{ ...measurement, values: endless }],
      }),
    );
    if (!read.ok) throw new Error(read.problems[0]?.message);
    expect(read.value.evaluations).toEqual(run.evaluations);
    expect(read.value.measurements).toEqual([]);
  });

  test('a group that is too large alone is left out, with those before it', () => {
    const response = { tokens: Array<number>(100).fill(1), entropy: Array<number>(100).fill(0) };
    const groupOf = (step: number, responses: number) => ({
      ...{ step, prompt: [] },
      responses: Array.from({ length: responses }, () => response),
    });
    const steps = (groups: readonly { readonly step: number }[]) => groups.map(({ step }) => step);
    expect(
      steps(newestGroups([groupOf(1, 1), groupOf(2, 200), groupOf(3, 1)], responseTokens)),
    ).toEqual([3]);
    expect(steps(newestGroups([groupOf(1, 200)], responseTokens))).toEqual([]);
    const many = Array.from({ length: 80 }, (_, step) => groupOf(step, 1));
    expect(steps(newestGroups(many, responseTokens))).toEqual(
      Array.from({ length: 64 }, (_, i) => 16 + i),
    );
  });

  test('keeps numbers that are none', async () => {
    const run = keptRun();
    run.series.get('arm-1#0')?.get('grad_norm')?.set([Infinity, -0, NaN]);
    const read = await readRunFile(await writeRunFile(run));
    expect(read.ok && read.value.series.get('arm-1#0')?.get('grad_norm')).toEqual(
      Float64Array.of(Infinity, -0, NaN),
    );
  });

  test('with any byte changed is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bytes = whole.slice();
          bytes[at] ^= flip;
          return (await refusal(bytes)) !== null;
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('cut anywhere, or with anything after its end, is refused', async () => {
    for (let length = 0; length < whole.length; length += 61) {
      expect(await refusal(whole.slice(0, length))).not.toBeNull();
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 99 }), async (more) => {
        const bytes = new Uint8Array(whole.length + more.length);
        bytes.set(whole);
        bytes.set(more, whole.length);
        return (await refusal(bytes)) !== null;
      }),
    );
  });

  test('is told from any other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        async (bytes) => (await refusal(Uint8Array.from(bytes))) !== null,
      ),
    );
    expect(await refusal(new TextEncoder().encode('{"format":"rlvr-record-1"}'.repeat(9)))).toBe(
      'The file is not a run of this page.',
    );
  });
});

describe('a file of an earlier version of the page', () => {
  test.each([
    [4, null],
    [5, keptRun().shaders],
  ])('in format %i, byte for byte as it was written then, is read', async (format, shaders) => {
    const path = new URL(`../fixtures/run_files/format-${format}.rlvr`, import.meta.url);
    const bytes = Uint8Array.from(readFileSync(path));
    expect(new DataView(bytes.buffer).getUint32(8, true)).toBe(format);
    const read = await readRunFile(bytes);
    if (!read.ok) throw new Error(read.problems[0]?.message);
    const { series, ...rest } = read.value;
    // Later versions may have more columns.
    const { series: columns, ...wanted } = keptRun({ shaders });
    expect(rest).toEqual(wanted);
    expect([...series.keys()]).toEqual([...columns.keys()]);
    for (const [run, own] of series) {
      expect(own.size).toBeGreaterThan(30);
      for (const [key, values] of own) expect(values).toEqual(columns.get(run)?.get(key));
    }
  });
});

describe('a file that was made on purpose', () => {
  /** The file with another header, its sections untouched and its digest right. */
  async function withHeader(header: unknown, version?: number): Promise<Bytes> {
    const text = typeof header === 'string' ? header : JSON.stringify(header);
    const json = new TextEncoder().encode(text);
    const length = new DataView(whole.buffer).getUint32(12, true);
    const sections = whole.slice(Math.ceil((PREFIX_BYTES + length) / 8) * 8, -DIGEST_BYTES);
    const start = Math.ceil((PREFIX_BYTES + json.length) / 8) * 8;
    const body = new Uint8Array(start + sections.length);
    body.set(whole.subarray(0, PREFIX_BYTES));
    new DataView(body.buffer).setUint32(12, json.length, true);
    if (version !== undefined) new DataView(body.buffer).setUint32(8, version, true);
    body.set(json, PREFIX_BYTES);
    body.set(sections, start);
    return forged(body);
  }
  const changed = (path: readonly (string | number)[], item: unknown) =>
    withHeader(put(headerOf(whole), path, item));

  test('of a newer format is refused by its number', async () => {
    const body = whole.slice(0, -DIGEST_BYTES);
    for (const version of [0, 6]) {
      new DataView(body.buffer).setUint32(8, version, true);
      expect(await refusal(await forged(body))).toMatch(
        new RegExp(`^The file has format ${version}, and this page reads formats 1 to 5`),
      );
    }
  });

  test('of format 1 is read, with no measurements and no rollouts', async () => {
    const { measurements, rollouts, shaders, ...older } = headerOf(whole);
    expect([measurements, rollouts, shaders]).toHaveLength(3);
    const read = await readRunFile(await withHeader(older, 1));
    expect(read).toEqual({
      ok: true,
      value: { ...keptRun(), measurements: [], rollouts: [], shaders: null },
    });
    expect(await refusal(await withHeader({ ...older, measurements }, 1))).toMatch(
      /^unknown key "measurements" in the run/,
    );
    expect(await refusal(await withHeader(older, 2))).toMatch(/^measurements must be a list/);
  });

  test('of format 2 is read, with advantages that the verifier’s rewards give', async () => {
    const older = keptRun().rollouts.map(({ run, groups }) => ({
      run,
      groups: groups.map((group) => ({
        ...group,
        responses: group.responses.map(({ tokens, entropy }) => ({ tokens, entropy })),
      })),
    }));
    const { shaders, ...header } = headerOf(await writeRunFile(keptRun({ rollouts: older })));
    expect(shaders).toBeDefined();
    const read = await readRunFile(await withHeader(header, 2));
    if (!read.ok) throw new Error('refused');
    const group = read.value.rollouts[0]?.groups[0];
    if (group === undefined) throw new Error('no rollouts');
    const { rollouts } = recordedGroup('arm-1#0', keptRun().experiment.base, group);
    expect(rollouts.map(({ advantage }) => Math.round(advantage))).toEqual([1, -1]);
    expect(rollouts[0]?.logprob).toEqual([NaN, NaN, NaN]);
  });

  test('of format 4 names no shaders, and one of format 5 must say whether it knows them', async () => {
    const { shaders, ...older } = headerOf(whole);
    const read = await readRunFile(await withHeader(older, 4));
    expect(read).toEqual({ ok: true, value: keptRun({ shaders: null }) });
    expect(await refusal(await withHeader({ ...older, shaders }, 4))).toMatch(
      /^unknown key "shaders" in the run/,
    );
    expect(await refusal(await withHeader(older, 5))).toMatch(/^shaders must be null or 64/);
    expect(await refusal(await changed(['shaders'], null))).toBeNull();
  });

  test('with a header that promises more than there is', async () => {
    const body = whole.slice(0, -DIGEST_BYTES);
    new DataView(body.buffer).setUint32(12, 0xffffffff, true);
    expect(await refusal(await forged(body))).toMatch(/header reaches past its end/);
  });

  test('that is huge is refused before it is read', () => {
    expect(sizeProblem(600 * 2 ** 20)).toBe('The file has 600 MB; a run has 512 MB at most.');
    expect(sizeProblem(10)).toBe('The file is too short to be a run.');
    expect(sizeProblem(1000)).toBeNull();
  });

  const GROUP = ['rollouts', 0, 'groups', 0] as const;
  const RESPONSE = [...GROUP, 'responses', 0] as const;
  const wrong: readonly (readonly [string, readonly (string | number)[], unknown, RegExp])[] = [
    ['an unknown key', ['more'], 1, /unknown key "more" in the run/],
    ['an id that is a path', ['id'], '../../etc', /^id is not one that this page gives/],
    ['a name that could rewrite a row', ['name'], 'a\u202eb', /^name must be a text/],
    ['a name that is too long', ['name'], 'x'.repeat(81), /^name must be a text of 1 to 80/],
    ['no date', ['created'], 'soon', /^created must be a date/],
    ['a hash that is cut off', ['shaders'], 'ab'.repeat(31), /^shaders must be null or 64 hex/],
    ['a hash in capitals', ['shaders'], 'AB'.repeat(32), /^shaders must be null or 64 hex/],
    ['a hash with a line end', ['shaders'], `${'ab'.repeat(32)}\n`, /^shaders must be null or 64/],
    ['more steps than the experiment has', ['step'], 13, /^step must be .* between 0 and 12/],
    ['steps that the numbers do not have', ['step'], 4, /^The run has \d+ bytes of numbers/],
    ['another recipe', ['experiment', 'base', 'clip_low'], 9, /^clip_low must be between/],
    ['a task that is not ours', ['experiment', 'base', 'task'], 'constructor', /^task must be one/],
    ['an arm too many', ['arms', 2], { id: 'arm-3', colour: 0 }, /^arms must be a list of the 2/],
    ['two arms of one id', ['arms', 1, 'id'], 'arm-1', /^two arms have the id "arm-1"/],
    ['an arm named __proto__', ['arms', 0, 'id'], '__proto__', /^arms\[0\]\.id is not one/],
    ['an advantage in words', [...RESPONSE, 'advantage'], 'much', /advantage must be a number/],
    ['too few log-probabilities', [...RESPONSE, 'logprob'], [-1], /logprob must be 3 numbers/],
    ['a mark of no arm', ['marks', 0, 'arm'], 'arm-9', /^marks\[0\]\.arm must be one of/],
    ['a mark of no setting', ['marks', 0, 'setting'], 'toString', /^marks\[0\]\.setting must be/],
    ['a mark out of bounds', ['marks', 0, 'to'], 1e9, /^positive_weight must be/],
    ['a mark after the end', ['marks', 0, 'step'], 14, /^marks\[0\]\.step/],
    ['a run of another arm', ['series', 0, 'run'], 'arm-2#0', /^series\[0\]\.run must be one of/],
    ['a column twice', ['series', 0, 'columns', 1], 'step', /^series\[0\]\.columns must be/],
    ['a column of no name', ['series', 0, 'columns', 1], '__proto__', /columns must be the names/],
    ['no column of steps', ['series', 0, 'columns', 0], 'stap', /^The steps of run arm-1#0/],
    [
      'an evaluation of no run',
      ['evaluations', 0, 'run'],
      'arm-1#1',
      /^evaluations\[0\]\.run must be/,
    ],
    [
      'an evaluation of text',
      ['evaluations', 0, 'values'],
      'x',
      /^evaluations\[0\]\.values must be an/,
    ],
    ['markup in an evaluation', ['evaluations', 0, 'values', '<b>'], 1, /^unknown key "<b>" in/],
    [
      'a measurement of no kind',
      ['measurements', 0, 'kind'],
      'toString',
      /^measurements\[0\]\.kind/,
    ],
    ['a measurement of no run', ['measurements', 0, 'run'], '__proto__', /^measurements\[0\]\.run/],
    [
      'a measurement from later',
      ['measurements', 0, 'step'],
      13,
      /^measurements\[0\]\.step must be/,
    ],
    [
      'a measurement of text',
      ['measurements', 0, 'values'],
      'x',
      /^measurements\[0\]\.values must be/,
    ],
    [
      'a text in a measurement',
      ['measurements', 0, 'values', 'a'],
      'a\u202eb',
      /values\.a must be a/,
    ],
    [
      'measurements that are none',
      ['measurements'],
      { length: 0 },
      /^measurements must be a list of/,
    ],
    [
      'rollouts of no run',
      ['rollouts', 0, 'run'],
      'constructor',
      /^rollouts\[0\]\.run "constructor"/,
    ],
    [
      'more rollouts than runs',
      ['rollouts'],
      Array(5).fill({}),
      /^rollouts must be a list of at most 4/,
    ],
    [
      'rollouts in no order',
      ['rollouts', 0, 'groups', 1, 'step'],
      0,
      /must have steps that ascend/,
    ],
    [
      'rollouts from later',
      ['rollouts', 0, 'groups', 1, 'step'],
      13,
      /steps that ascend and are at most 12/,
    ],
    [
      'a prompt of another task',
      [...GROUP, 'prompt'],
      [3, 4, 5, 6, 10],
      /prompt must be a prompt of maze-small/,
    ],
    [
      'a prompt that starts nowhere',
      [...GROUP, 'prompt', 0],
      17,
      /prompt must be a prompt of maze-small/,
    ],
    [
      'a prompt with two starts',
      [...GROUP, 'prompt', 1],
      0,
      /prompt must be a prompt of maze-small/,
    ],
    ['a prompt nobody answered', [...GROUP, 'responses'], [], /responses must not be empty/],
    [
      'a token of no vocabulary',
      [...GROUP, 'responses', 0, 'tokens', 0],
      18,
      /tokens must be tokens of/,
    ],
    ['an entropy too few', [...GROUP, 'responses', 0, 'entropy'], [1], /entropy must be 3 numbers/],
    [
      'an unknown key in a response',
      [...GROUP, 'responses', 0, 'reward'],
      1,
      /^unknown key "reward" in/,
    ],
    ['a run too few', ['series'], [], /^series must be a list of 4/],
    ['a checkpoint from later', ['checkpoint', 'step'], 4, /^checkpoint\.step must be/],
    ['a checkpoint of other size', ['checkpoint', 'bytes'], 1e8, /^The run has \d+ bytes/],
    ['a parent that is none', ['parent'], { run: 'x' }, /^parent\.run is not one/],
    ['an adapter that is none', ['adapter'], [], /^adapter must be an object/],
  ];
  test.each(wrong)('%s', async (_, path, item, message) => {
    expect(await refusal(await changed(path, item))).toMatch(message);
  });

  test('with something twice that there is once, or more than a page keeps', async () => {
    const header = headerOf(whole);
    const twice = (key: string) => changed([key, 1], header[key][0]);
    expect(await refusal(await twice('measurements'))).toBe(
      'measurements[1]: drive of arm-1#0 after step 2 is there twice',
    );
    expect(await refusal(await twice('rollouts'))).toBe('rollouts[1].run "arm-1#0" is there twice');
    const long = { tokens: Array<number>(512).fill(1), entropy: Array<number>(512).fill(0) };
    expect(await refusal(await changed([...GROUP, 'responses'], Array(33).fill(long)))).toMatch(
      /^rollouts\[0\]\.groups must have at most 16384 response tokens; got 16901/,
    );
  });

  test('with text that is not JSON, or too deep, or with a key twice', async () => {
    for (const text of ['{', '['.repeat(40), '{"id":1,"id":2}', 'null', '[]']) {
      expect(await refusal(await withHeader(text))).not.toBeNull();
    }
  });

  test('whatever stands in any place of the header, there is no exception and nothing leaks', () => {
    const places = pathsOf(headerOf(whole));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.anything(), (path, value) => {
        parseHeader(put(headerOf(whole), path, value));
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.anything(), (value) => !parseHeader(value).ok));
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    [...path, key],
    ...pathsOf(item, [...path, key]),
  ]);
}
