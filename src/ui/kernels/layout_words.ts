import {
  fastestOf,
  sameLayout,
  type LayoutTiming,
  type ProductLayout,
} from '../../recipe/product_layout';

/** The layouts of products, in words. */

export const layoutText = ({ workgroup, rows }: ProductLayout): string =>
  `${workgroup} invocations a workgroup, ${rows} rows each`;

/** "1.24x": how many times longer the default takes. */
export function ratioText(timing: LayoutTiming, layout: ProductLayout): string {
  const [byDefault] = timing.timed;
  const own = timing.timed.find((one) => sameLayout(one, layout));
  return byDefault && own ? `${(byDefault.ms / own.ms).toFixed(2)}x` : '–';
}

/** Why products are laid out as they are; `software` is of the adapter. */
export function reasonOf(
  { inUse, timing }: { readonly inUse: ProductLayout; readonly timing: LayoutTiming | null },
  software: boolean,
): string {
  const kind = software ? 'CPU rasterisers' : 'graphics processors';
  const fastest = timing && fastestOf(timing);
  if (timing === null || fastest === null) return `default for ${kind}`;
  const { date } = timing;
  if (!sameLayout(fastest, inUse)) {
    const gain = ratioText(timing, fastest).replace('x', ' times');
    return `until Reset. From then on ${layoutText(fastest)}, ${gain} as fast as the default by timing on ${date}`;
  }
  const isDefault = fastest === timing.timed[0];
  return isDefault
    ? `default for ${kind}; by timing on ${date} no other layout is 10% faster beyond doubt`
    : `chosen by timing on ${date}: ${ratioText(timing, fastest)} the default`;
}
