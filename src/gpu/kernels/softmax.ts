import type { Profile } from '../device';
import { defineKernel, type Kernel, type KernelCache } from '../kernel';
import exp from '../../shaders/lib/exp.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import masked from '../../shaders/lib/masked.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import wgsl from '../../shaders/softmax.wgsl?raw';

const shared = {
  wgsl,
  lib: [index, exp, masked, runSettings],
  buffers: { settings: 'read', logits: 'read', p: 'read_write' },
  params: ['rows', 'vocab', 'width'],
  flop: ({ rows, vocab }: Readonly<Record<'rows' | 'vocab', number>>) => 25 * rows * vocab,
} as const;

export const softmax = defineKernel({ name: 'softmax', ...shared });

/** For one vocabulary, of which a row fits into registers. */
export const softmaxShort = defineKernel({ name: 'softmax_short', ...shared });

/** Most tokens of a row in registers. */
export const MOST_SHORT = 64;

/** The kernel for rows of so many tokens. */
export function softmaxFor(
  cache: KernelCache,
  { row }: Profile,
  vocab: number,
): Promise<Kernel<typeof shared.buffers, (typeof shared.params)[number]>> {
  const short = vocab <= MOST_SHORT;
  return cache.get(short ? softmaxShort : softmax, softmaxConstants(row, short ? vocab : 1));
}

/** The long kernel needs the constants of the other one in its file, whatever they are. */
export function softmaxConstants(WG: number, vocab: number) {
  return { WG, VOCAB: vocab, HELD: Math.ceil(vocab / 4) };
}
