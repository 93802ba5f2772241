import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCase } from '../../src/engine/case_file';
import { parseSafetensors } from '../../src/model/safetensors';
import { CASES, serveKernels, useGpuChecks, verifyHere } from '../../src/store/gpu_checks';
import { EQUATIONS, readShader, shaderFiles } from '../../src/store/kernels';
import { bytesOf, costOf, dispatchesOf } from '../../src/ui/kernels/costs';
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

  test('verifying ends when every case has been answered, a failure included', () => {
    const asked: string[] = [];
    let tell: (event: Event) => void = () => undefined;
    serveKernels({
      kernels: () => undefined,
      verify: (name) => asked.push(name),
      subscribe: (listener) => {
        tell = listener;
        return () => undefined;
      },
    });
    verifyHere();
    expect(asked).toEqual(CASES.map(({ name }) => name));
    expect(useGpuChecks.getState().verifying).toBe(true);
    const checked = { ok: true, tensors: [] };
    tell({ type: 'verified', name: 'grpo', checked, failure: null });
    expect(useGpuChecks.getState().verifying).toBe(true);
    const failure = { kind: 'bug', detail: 'x' } as const;
    tell({ type: 'verified', name: 'par', checked: null, failure });
    expect(useGpuChecks.getState()).toMatchObject({
      verifying: false,
      results: { grpo: { checked }, par: { failure } },
    });
    serveKernels(null);
    expect(useGpuChecks.getState().results).toEqual({});
  });
});
