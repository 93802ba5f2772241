import type { RunSpec } from '../engine/run_spec';
import { heaviestProducts } from '../engine/runs_shape';
import type { Gpu } from '../gpu/device';
import { layoutKey, layoutOf, withLayout, type ProductWork } from '../gpu/layouts';
import { timeLayouts, timingFor, WHEN_ASKED, type Watch } from '../gpu/tuner';
import { fastestOf, type LayoutTiming, type ProductLayout } from '../recipe/product_layout';
import type { Event } from './protocol';
import { failureOf } from './session';

/** How products are laid out for the runs of this worker: by default, or as timing has found best for runs like them. */
export class Layouts {
  /** By key, what the page has kept and what was timed here. */
  readonly #kept = new Map<string, unknown>();
  /** Timed before a training here, with or without a result: not a second time by itself. */
  readonly #tried = new Set<string>();
  #work: ProductWork | null = null;
  #inUse: ProductLayout | null = null;
  #timing: LayoutTiming | null = null;

  /** What an earlier page has kept; it is checked when it is needed. */
  keep(kept: Readonly<Record<string, unknown>>): void {
    for (const [key, timing] of Object.entries(kept)) this.#kept.set(key, timing);
  }

  /** The device with the layout for these runs, which on a GPU may have to be timed first: two seconds at most, about. */
  async choose(gpu: Gpu, specs: readonly RunSpec[], watch: Watch): Promise<Gpu> {
    const work = heaviestProducts(specs);
    const key = layoutKey(gpu.facts, work);
    const tried = this.#tried.has(key);
    // A device that is lost or full says so to the training, too.
    const timing = await timingFor(gpu, work, this.#kept, {
      ...watch,
      cancelled: () => tried || watch.cancelled(),
    }).catch(() => null);
    if (!watch.cancelled()) this.#tried.add(key);
    this.#work = work;
    this.#timing = timing;
    this.#inUse = (timing && fastestOf(timing)) ?? layoutOf(gpu.profile);
    return this.laidOut(gpu);
  }

  /** The device as the runs use it. */
  laidOut(gpu: Gpu): Gpu {
    return this.#inUse === null ? gpu : withLayout(gpu, this.#inUse);
  }

  /** What the page shows; `gpu` as it was opened. */
  event(
    { facts, profile }: Gpu,
    failure: Extract<Event, { type: 'layout' }>['failure'] = null,
  ): Event {
    return {
      type: 'layout',
      inUse: this.#inUse ?? layoutOf(profile),
      timing: this.#timing,
      key: this.#work === null ? '' : layoutKey(facts, this.#work),
      failure,
    };
  }

  /** Times the layouts for the runs that are prepared; what is found acts when runs are next prepared. */
  async time(gpu: Gpu, cancelled: () => boolean): Promise<Event> {
    if (this.#work === null) return this.event(gpu);
    try {
      const watch = { cancelled, progress: () => undefined };
      const timing = await timeLayouts(gpu, this.#work, WHEN_ASKED, watch);
      if (timing !== null) {
        this.#timing = timing;
        this.#kept.set(layoutKey(gpu.facts, this.#work), timing);
      }
      return this.event(gpu);
    } catch (error) {
      return this.event(gpu, failureOf(error));
    }
  }
}
