import type { ParameterLayout } from '../../model/layout';
import type { View } from '../kernel';
import { gradientItems, matmulItems } from '../kernels/matmul';
import type { Plan } from '../plan';
import type { TransformerKernels } from './kernels';
import { block, type PolicyBuffers } from './policy_buffers';

/** Records the products of linear layers against one flat parameter buffer. Sizes in numbers, padded. */
export class Linear {
  constructor(
    private readonly plan: Plan,
    private readonly kernels: TransformerKernels,
    private readonly layout: ParameterLayout,
    private readonly runs: number,
    /** Rows of the activations of one run. */
    private readonly rows: number,
  ) {}

  #weight(flat: View, offset: number, out: number, inner: number): View {
    return block(flat, this.layout, this.runs, offset, out * inner);
  }

  /** y = x W^T (+ addend): x (R, rows, inner), W (out, inner) at `offset`, y and addend (R, rows, out). */
  forward(
    weights: View,
    offset: number,
    { out, inner }: { out: number; inner: number },
    x: View,
    y: View,
    addend: View | null = null,
  ): void {
    const { rows, runs } = this;
    this.plan.add(
      this.kernels.matmulNT,
      // Without an addend the binding still needs a buffer; the shader does not read it then.
      { a: x, b: this.#weight(weights, offset, out, inner), c: y, addend: addend ?? x },
      {
        m: rows,
        n4: out / 4,
        k: inner / 4,
        a_row: inner / 4,
        b_row: inner / 4,
        c_row: out / 4,
        a_run: (rows * inner) / 4,
        b_run: this.layout.total / 4,
        c_run: (rows * out) / 4,
        add: addend ? 1 : 0,
      },
      matmulItems(this.kernels.matmulNT, rows, out),
      runs,
    );
  }

  /**
   * d_x = d_y W and d_W = d_y^T x in one dispatch, each written over what is there, or added to it: the second in the
   * gradient block at `offset`.
   */
  backward(
    policy: PolicyBuffers,
    offset: number,
    { out, inner }: { out: number; inner: number },
    { x, dY, dX }: { x: View; dY: View; dX: View },
    { adds, addsInput = false }: { adds: boolean; addsInput?: boolean },
  ): void {
    const { rows, runs } = this;
    const kernel = this.kernels.matmulGradients;
    const items = gradientItems(kernel, { rows, out, inner });
    this.plan.add(
      kernel,
      {
        d_y: dY,
        w: this.#weight(policy.weights, offset, out, inner),
        x,
        d_x: dX,
        d_w: this.#weight(policy.grads, offset, out, inner),
      },
      {
        rows,
        out4: out / 4,
        in4: inner / 4,
        w_run: this.layout.total / 4,
        d_x_items: items.dX,
        add: adds ? 1 : 0,
        add_x: addsInput ? 1 : 0,
      },
      items.all,
      runs,
    );
  }
}
