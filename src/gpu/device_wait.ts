import { RlvrError } from '../errors/failure';
import type { Gpu } from './device';
import { patiently } from './patience';

/** Waits for what a device promises; every wait also ends when the device is lost. */
export class DeviceWait {
  readonly #pollsBusily: boolean;
  /** Of the waits that are under way. A race against `device.lost` would add to that promise for as long as it is open. */
  readonly #refusals = new Set<(reason: RlvrError) => void>();
  #lost: RlvrError | null = null;

  private constructor({ device, pollsBusily }: Gpu) {
    this.#pollsBusily = pollsBusily ?? false;
    void device.lost.then(({ reason, message }) => {
      this.#lost = deviceLost(message || reason);
      for (const refuse of this.#refusals) refuse(this.#lost);
    });
  }

  static readonly #of = new WeakMap<GPUDevice, DeviceWait>();

  static of(gpu: Gpu): DeviceWait {
    let own = DeviceWait.#of.get(gpu.device);
    if (own === undefined) DeviceWait.#of.set(gpu.device, (own = new DeviceWait(gpu)));
    return own;
  }

  /** Rejects with RlvrError `deviceLost`, also where the work does: a device refuses nothing else that was submitted. */
  async until<T>(work: Promise<T>): Promise<T> {
    let refuse: (reason: RlvrError) => void = () => undefined;
    const either = new Promise<T>((resolve, reject) => {
      refuse = reject;
      if (this.#lost !== null) reject(this.#lost);
      work.then(resolve, (error: unknown) => reject(deviceLost((error as Error).message)));
    });
    this.#refusals.add(refuse);
    try {
      return await patiently(this.#pollsBusily, either);
    } finally {
      this.#refusals.delete(refuse);
    }
  }
}

function deviceLost(detail: string): RlvrError {
  return new RlvrError({ kind: 'deviceLost', detail });
}
