import { bench, BENCH_PRODUCTS } from '../engine/bench';
import type { Gpu } from '../gpu/device';
import { layoutOf, withLayout } from '../gpu/layouts';
import { timeLayouts, WHEN_ASKED } from '../gpu/tuner';
import { fastestOf, type LayoutTiming } from '../recipe/product_layout';
import { openGpu } from './adapter';
import { readArgs, refuse, wholeNumber, type Command } from './options';

export const benchCommand: Command = {
  name: 'bench',
  usage: 'bench [--json] [--rounds N] [--tune] [--adapter NAME]',
  summary: 'measure what one RLVR step costs on this adapter',
  help: [
    'One step is 64 rollouts of 24 positions and one update, of a policy with 11,360 parameters. Prints medians of the',
    'rounds (default 15), the dispatches, the objects created per step, and how matrix products are laid out. With --tune',
    'other layouts of the products are timed first, and the step takes the fastest where it gains 10% or more.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      json: { type: 'boolean' },
      rounds: { type: 'string' },
      tune: { type: 'boolean' },
      adapter: { type: 'string' },
    });
    if (positionals.length > 0) refuse('arguments', 'this command takes options only');
    const rounds = wholeNumber('rounds', values.rounds, 15, [1, 10_000]);
    const gpu = await openGpu(values.adapter);
    const timing = values.tune ? await tune(gpu) : null;
    const layout = (timing && fastestOf(timing)) ?? layoutOf(gpu.profile);
    const { workgroup, rows } = layout;
    const report = {
      adapter: gpu.facts,
      layout: { workgroup, rows, chosen_by: timing === null ? 'default' : 'timing' },
      ...(timing && { layouts: timing.timed }),
      ...(await bench(withLayout(gpu, layout), rounds)),
    };
    if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else print(report);
    return 0;
  },
};

function tune(gpu: Gpu): Promise<LayoutTiming | null> {
  const watch = { cancelled: () => false, progress: () => undefined };
  return timeLayouts(gpu, BENCH_PRODUCTS, WHEN_ASKED, watch);
}

type Report = Awaited<ReturnType<typeof bench>> & {
  readonly adapter: Gpu['facts'];
  readonly layout: {
    readonly workgroup: number;
    readonly rows: number;
    readonly chosen_by: string;
  };
  readonly layouts?: LayoutTiming['timed'];
};

function print({ kernels, adapter, layout, layouts = [], ...figures }: Report): void {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  line(`${adapter.vendor} ${adapter.architecture} ${adapter.description}`);
  const named = (one: { readonly workgroup: number; readonly rows: number }) =>
    `${one.workgroup} invocations a workgroup, ${one.rows} rows each`;
  line(`products: ${named(layout)} (by ${layout.chosen_by})`);
  const [byDefault] = layouts;
  if (byDefault)
    line(
      'layouts of products: samples, their median and quartiles in ms, and how many times longer the default takes:',
    );
  for (const one of layouts) {
    const ratio = (byDefault?.ms ?? NaN) / one.ms;
    line(
      `  ${named(one)}: ${one.samples}, ${one.ms.toFixed(2)} (${one.low.toFixed(2)} to ${one.high.toFixed(2)}), ${ratio.toFixed(2)}`,
    );
  }
  for (const [key, value] of Object.entries(figures))
    line(`${key} ${Number.isInteger(value) ? value : value.toFixed(2)}`);
  line('kernels, ms in one step:');
  for (const [name, ms] of Object.entries(kernels)) line(`  ${name} ${ms.toFixed(2)}`);
}
