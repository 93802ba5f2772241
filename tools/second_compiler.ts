/**
 * What `node tools/second_compiler.mjs` runs in Deno, whose WebGPU is wgpu and its WGSL compiler naga: every kernel is compiled
 * with every set of constants that the engine makes, then compared with its float64 twin.
 */
import { profileOf, requestGpu, type Gpu } from '../src/gpu/device';
import { compileKernels } from '../src/gpu/transformer/kernels';
import type { Kernel } from '../src/gpu/kernel';
import type { ModelSpec } from '../src/model/spec';
import { CHECKS, runCheck } from '../src/verify/checks';

const SMALL = {
  ...{ intermediate_size: 24, num_hidden_layers: 1, max_position_embeddings: 32 },
  ...{ rms_norm_eps: 1e-5, rope_theta: 10000, tie_word_embeddings: true },
};

/** Heads of 2 to 128 numbers, some that are padded; few and many tokens. */
const SPECS: readonly ModelSpec[] = [
  ...[2, 6, 8, 16, 32, 64, 128].map((head) => ({
    ...{ ...SMALL, vocab_size: 19, hidden_size: 2 * head },
    ...{ num_attention_heads: 2, num_key_value_heads: 1 },
  })),
  ...[257, 32_000].map((vocab_size) => ({
    ...{ ...SMALL, vocab_size, hidden_size: 32 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2 },
  })),
];

/** Makes the pipelines of all kernels of all models; their number. */
async function compileAll(gpu: Gpu): Promise<number> {
  const facts = { vendor: '', architecture: '', description: '' };
  const made = new Set<GPUComputePipeline>();
  gpu.device.pushErrorScope('validation');
  for (const software of [true, false]) {
    const profile = profileOf({ ...facts, software });
    for (const spec of SPECS) {
      const kernels = Object.values(await compileKernels({ ...gpu, profile }, spec)) as Kernel[];
      // Those that few recipes need are made when they are asked for.
      for (const { pipeline } of kernels) made.add(pipeline);
    }
  }
  const refused = await gpu.device.popErrorScope();
  if (refused !== null) throw new Error(refused.message);
  return made.size;
}

const gpu = await requestGpu(navigator.gpu);
console.log(`adapter: ${gpu.facts.description}`);
let failed = 0;
try {
  console.log(`compiled: ${await compileAll(gpu)} kernels with constants of their own`);
} catch (error) {
  failed += 1;
  console.log(`REFUSED ${String(error)}`);
}
for (const check of CHECKS) {
  const name = check.kernels.join(', ');
  try {
    const outputs = await runCheck(gpu, check);
    const worst = Math.max(...outputs.map(({ share }) => share));
    if (!(worst <= 1)) failed += 1;
    console.log(
      `${worst <= 1 ? 'right  ' : 'WRONG  '} ${name}: ${worst.toFixed(3)} of what is allowed`,
    );
  } catch (error) {
    failed += 1;
    console.log(`REFUSED ${name}: ${String(error)}`);
  }
}
console.log(failed === 0 ? 'everything compiles and is right' : `${failed} failed`);
gpu.device.destroy();
if (failed > 0) throw new Error('see above');
