import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCase } from '../../src/engine/case_file';
import { parseSafetensors } from '../../src/model/safetensors';
import {
  CASES,
  serveKernels,
  stopVerifying,
  useGpuChecks,
  verifyHere,
} from '../../src/store/gpu_checks';
import { EQUATIONS, readShader, shaderFiles } from '../../src/store/kernels';
import { bytesOf, costOf, dispatchesOf } from '../../src/ui/kernels/costs';
import { percent, progressOf, verdictOf } from '../../src/ui/kernels/verdict';
import { tokenize } from '../../src/ui/kernels/wgsl_tokens';
import type { Event, ShapeKernels } from '../../src/worker/protocol';

const root = new URL('../../', import.meta.url);
const bytes = (path: string) => readFileSync(new URL(path, root));

describe('WGSL in colours', () => {
  test('names the pieces', () => {
    const tokens = tokenize('@compute fn f(x: vec4f) { let y = 1.5e-3f * exp(x.y); } // end');
    const kinds = new Map(tokens.map(({ kind, text }) => [text, kind]));
    expect(kinds.get('@compute')).toBe('attribute');
    expect(kinds.get('fn')).toBe('keyword');
    expect(kinds.get('vec4f')).toBe('type');
    expect(kinds.get('1.5e-3f')).toBe('number');
    expect(kinds.get('exp')).toBe('builtin');
    expect(kinds.get('// end')).toBe('comment');
  });

  test.each(['0x3f800000u', '20.0', '8u', '1e-4', '0'])('%s is one number', (text) => {
    expect(tokenize(`a(${text})`)).toContainEqual({ kind: 'number', text });
  });

  test('a digit in a name is no number, a keyword in a comment no keyword', () => {
    expect(tokenize('x2 = row_4;').every(({ kind }) => kind === 'plain')).toBe(true);
    expect(tokenize('// for the loop')).toEqual([{ kind: 'comment', text: '// for the loop' }]);
  });

  test('loses nothing: of the shaders, and of any text', () => {
    const joined = (text: string) =>
      tokenize(text)
        .map((token) => token.text)
        .join('');
    for (const { code } of shaderFiles) expect(joined(code)).toBe(code);
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => joined(text) === text));
  });
});

describe('shader files', () => {
  test('all are there, each with a title, and kernels with entry points', () => {
    const inFolder = readdirSync(new URL('src/shaders', root), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.wgsl'))
      .map((name) => name.replace(/\.wgsl$/, '').replaceAll('\\', '/'));
    expect(shaderFiles.map(({ name }) => name).sort()).toEqual(inFolder.sort());
    for (const { name, title, entries } of shaderFiles) {
      expect(title.length, name).toBeGreaterThan(10);
      expect(entries.length > 0, name).toBe(!name.startsWith('lib/'));
    }
  });

  test('a header splits into its first sentence and the rest', () => {
    const text = '// k: does a thing to every\n// row. With x:\n//\n//   y = x\n\nfn k() {}\n';
    expect(readShader('k', text)).toMatchObject({
      title: 'does a thing to every row.',
      header: 'With x:\n\n  y = x',
      code: 'fn k() {}',
      entries: [],
    });
  });

  test('equation numbers are those of docs/math.md', () => {
    const parts = bytes('docs/math.md')
      .toString()
      .split(/\*\*\((\d+[a-z]?)\)\*\*/);
    const named: Record<string, string[]> = {};
    for (let i = 1; i < parts.length; i += 2) {
      const [number = '', text = ''] = [parts[i], parts[i + 1]?.split('\n## ')[0]];
      for (const [, file = ''] of text.matchAll(/`(?:src\/shaders\/)?((?:lib\/)?\w+)\.wgsl`/g)) {
        const known = (named[file] ??= []);
        if (!known.includes(number)) known.push(number);
      }
    }
    expect(EQUATIONS).toEqual(named);
  });
});

describe('costs of a step', () => {
  const shape = (updates: number): ShapeKernels => ({
    arms: ['a'],
    runs: 1,
    updates,
    rollout: { matmul_nt: 10, sample: 2 },
    reference: { matmul_nt: 5 },
    update: { matmul_nt: 3, adamw: 1 },
    buffers: [{ name: 'weights', bytes: 100 }],
  });

  test('updates count as often as they run, shapes add up', () => {
    const shapes = [shape(1), shape(8)];
    expect(costOf('matmul_nt', shapes, null)).toEqual({
      entry: 'matmul_nt',
      rollout: 20,
      updates: 2 * 5 + 9 * 3,
      ms: null,
    });
    expect(dispatchesOf(shapes)).toBe(2 * (12 + 5) + 9 * 4);
    expect(bytesOf(shapes)).toBe(200);
  });
});

describe('conformance cases that ship', () => {
  test('are those of the tests, and can be read', () => {
    const shipped = readdirSync(new URL('public/cases', root)).sort();
    expect(shipped).toEqual(CASES.map(({ name }) => `${name}.safetensors`).sort());
    let total = 0;
    for (const file of shipped) {
      const own = bytes(`public/cases/${file}`);
      expect(own.equals(bytes(`tests/fixtures/cases/${file}`)), file).toBe(true);
      expect(readCase(parseSafetensors(new Uint8Array(own))).expected.size).toBeGreaterThan(20);
      total += own.length;
    }
    expect(total).toBeLessThan(600_000);
  });
});

describe('verifying', () => {
  const output = {
    kernel: 'k',
    output: 'y',
    numbers: 1,
    error: 0,
    allowed: 1,
    relative: 0,
    share: 0,
  };
  const kernel = (index: number, share = 0.5): Event => ({
    ...{ type: 'kernelChecked', index, total: 2, about: 'small', failure: null },
    kernels: [`kernel_${index}`],
    outputs: [{ ...output, kernel: `kernel_${index}`, share }],
  });
  const passed = { ok: true, tensors: [] };
  const stepDone = (name: string, ok = true): Event => ({
    ...{ type: 'verified', name, failure: null },
    checked: { ...passed, ok },
  });

  let asked: (string | number)[] = [];
  let tell: (event: Event) => void = () => undefined;
  const state = () => useGpuChecks.getState();

  beforeEach(() => {
    asked = [];
    serveKernels({
      kernels: () => undefined,
      verify: (name) => asked.push(name),
      checkKernel: (index) => asked.push(index),
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
    verifyHere();
  });

  test('asks for one thing after the other, kernels first, and ends after the last case', () => {
    expect(asked).toEqual([0]);
    expect(progressOf(state())).toEqual({ done: 0, total: null });
    tell(kernel(0));
    tell(kernel(1));
    expect(asked).toEqual([0, 1, 'grpo']);
    expect(progressOf(state())).toEqual({ done: 2, total: 4 });
    tell(stepDone('grpo'));
    expect(state().verifying).toBe('running');
    expect(verdictOf(state(), 'X')).toBeNull();
    const failure = { kind: 'bug', detail: 'x' } as const;
    tell({ type: 'verified', name: 'par', checked: null, failure });
    expect(asked).toEqual([0, 1, 'grpo', 'par']);
    expect(state()).toMatchObject({
      verifying: 'done',
      results: { grpo: { checked: passed }, par: { failure } },
    });
    serveKernels(null);
    expect(state()).toMatchObject({ verifying: 'none', kernels: [], results: {} });
  });

  test('the verdict counts, names what is wrong, and says how close it was', () => {
    const all = (share: number, ok: boolean) => {
      verifyHere();
      for (const event of [kernel(0), kernel(1, share), stepDone('grpo'), stepDone('par', ok)])
        tell(event);
      return verdictOf(state(), 'X');
    };
    expect(all(0.25, true)).toBe(
      'All 2 kernels agree with their float64 twins and both steps with PyTorch, on X. The largest share of a tolerance that an error used up is 50% (kernel_0, y).',
    );
    expect(all(1.01, true)).toContain('right on X (kernels: kernel_1).');
    expect(all(Infinity, false)).toContain('right on X (kernels: kernel_1; steps: par).');
    expect(all(1, false)).toContain('right on X (steps: par).');
  });

  test('after a stop nothing is asked or taken any more; it begins anew', () => {
    tell(kernel(0));
    stopVerifying();
    tell(kernel(1));
    expect(asked).toEqual([0, 1]);
    expect(state()).toMatchObject({ verifying: 'stopped', kernels: [{ kernels: ['kernel_0'] }] });
    expect(verdictOf(state(), 'X')).toBe('Stopped after 1 of 4 checks; none of them failed.');
    verifyHere();
    // The late answer to the check before the stop is not that of the new one.
    tell(kernel(1));
    expect(state().kernels).toEqual([]);
    expect(asked).toEqual([0, 1, 0]);
  });

  test('comparisons that cannot be loaded are told, and the cases run all the same', () => {
    const failure = { kind: 'bug', detail: 'offline' } as const;
    tell({
      ...{ type: 'kernelChecked', index: 0, total: 0, about: '', failure },
      ...{ kernels: [], outputs: [] },
    });
    expect(asked).toEqual([0, 'grpo']);
    tell(stepDone('grpo'));
    tell(stepDone('par'));
    expect(verdictOf(state(), 'X')).toContain('(kernels: the comparisons)');
  });

  test('when the device fails it stops', () => {
    tell({ type: 'failed', session: 0, failure: { kind: 'deviceLost', detail: '' } });
    expect(state().verifying).toBe('stopped');
    tell(kernel(0));
    expect(state().kernels).toEqual([]);
  });
});

test.each([
  [0, '0%'],
  [0.004, 'below 1%'],
  [0.37, '37%'],
  [2.5, '250%'],
  [Infinity, 'more than all'],
])('a share of %f is %s', (share, text) => expect(percent(share)).toBe(text));
