import type { ProductLayout } from '../recipe/product_layout';
import { checked, type Gpu } from './device';
import type { Kernel } from './kernel';
import { gradientItems, matmulItems, type matmulGradients, type matmulNT } from './kernels/matmul';
import type { ProductWork } from './layouts';
import { Memory } from './memory';
import { Plan } from './plan';

/** The kernels of products in one layout. */
export interface CompiledLayout {
  readonly layout: ProductLayout;
  readonly product: Kernel<typeof matmulNT.buffers, (typeof matmulNT.params)[number]>;
  readonly gradients: Kernel<
    typeof matmulGradients.buffers,
    (typeof matmulGradients.params)[number]
  >;
}

/** Buffers for the products of some work, and plans of them in any layout. */
export class TimedProducts {
  readonly #linears: ReturnType<typeof linearBuffers>[];
  readonly #plans: Plan[] = [];
  readonly #staging: GPUBuffer;

  static async create(gpu: Gpu, work: ProductWork): Promise<TimedProducts> {
    const memory = new Memory(gpu.device);
    try {
      return await checked(
        gpu.device,
        () => memory.bytes,
        () => new TimedProducts(gpu, work, memory),
      );
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  private constructor(
    private readonly gpu: Gpu,
    private readonly work: ProductWork,
    private readonly memory: Memory,
  ) {
    this.#linears = work.linears.map((_, l) => linearBuffers(memory, work, l));
    const bytes = this.#linears.flatMap(outputs).reduce((sum, { buffer }) => sum + buffer.size, 0);
    this.#staging = memory.staging('outputs', bytes / 4);
    for (const { x, w } of this.#linears) {
      fill(gpu.device, x.buffer);
      fill(gpu.device, w.buffer);
    }
  }

  /** Of each layer y = x W^T, both its gradients with y as d_y, and y of the rows that are drawn. */
  plan({ layout, product, gradients }: CompiledLayout): Plan {
    const { runs, rows, drawn, draws, linears } = this.work;
    const plan = new Plan(this.gpu.device, `products ${layout.workgroup} x ${layout.rows}`);
    this.#plans.push(plan);
    linears.forEach(({ out, inner }, l) => {
      const own = this.#linears[l];
      if (own === undefined) return;
      const { x, w, y, d_x, d_w, drawn_y } = own;
      const [out4, in4] = [out / 4, inner / 4];
      const forward = (m: number, c: typeof y) =>
        plan.add(
          product,
          { a: x, b: w, c, addend: x },
          {
            ...{ m, n4: out4, k: in4, a_row: in4, b_row: in4, c_row: out4, add: 0 },
            ...{ a_run: rows * in4, b_run: out * in4, c_run: m * out4 },
          },
          matmulItems(product, m, out),
          runs,
        );
      forward(rows, y);
      const items = gradientItems(gradients, { rows, out, inner });
      plan.add(
        gradients,
        { d_y: y, w, x, d_x, d_w },
        { rows, out4, in4, w_run: out * in4, d_x_items: items.dX, add: 0, add_x: 0 },
        items.all,
        runs,
      );
      for (let n = 0; n < draws; n++) forward(drawn, drawn_y);
    });
    plan.seal();
    return plan;
  }

  /** Whether both plans compute the same numbers, bit for bit. */
  async sameBits(one: Plan, other: Plan): Promise<boolean> {
    const [a, b] = [await this.#outputs(one), await this.#outputs(other)];
    return a.every((word, i) => word === b[i]);
  }

  async #outputs(plan: Plan): Promise<Uint32Array> {
    const encoder = this.gpu.device.createCommandEncoder({ label: 'products to compare' });
    const written = this.#linears.flatMap(outputs);
    // What a plan does not write must not look as if it had.
    for (const { buffer } of written) encoder.clearBuffer(buffer);
    const pass = encoder.beginComputePass();
    plan.encode(pass);
    pass.end();
    let at = 0;
    for (const { buffer } of written) {
      encoder.copyBufferToBuffer(buffer, 0, this.#staging, at, buffer.size);
      at += buffer.size;
    }
    this.gpu.device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ);
    const words = new Uint32Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    return words;
  }

  destroy(): void {
    for (const plan of this.#plans) plan.destroy();
    this.memory.destroy();
  }
}

function linearBuffers(memory: Memory, { runs, rows, drawn, linears }: ProductWork, l: number) {
  const { out = 0, inner = 0 } = linears[l] ?? {};
  const storage = (name: string, words: number) => memory.storage(`${name} ${l}`, runs * words);
  return {
    x: storage('x', rows * inner),
    w: storage('w', out * inner),
    y: storage('y', rows * out),
    d_x: storage('d_x', rows * inner),
    d_w: storage('d_w', out * inner),
    drawn_y: storage('drawn y', drawn * out),
  };
}

const outputs = ({ y, d_x, d_w, drawn_y }: ReturnType<typeof linearBuffers>) => [
  y,
  d_x,
  d_w,
  drawn_y,
];

/** Numbers within ±0.5 that look random: on zeros all layouts would agree. */
const PATTERN = Float32Array.from(
  { length: 1 << 14 },
  (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 8) / 2 ** 24 - 0.5,
);

function fill({ queue }: GPUDevice, buffer: GPUBuffer): void {
  for (let at = 0; at < buffer.size; at += PATTERN.byteLength) {
    const words = Math.min(PATTERN.length, (buffer.size - at) / PATTERN.BYTES_PER_ELEMENT);
    queue.writeBuffer(buffer, at, PATTERN, 0, words);
  }
}
