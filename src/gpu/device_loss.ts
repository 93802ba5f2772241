/** Filled in when the device goes. */
export interface DeviceLoss {
  info: GPUDeviceLostInfo | null;
}

/** Hears of the device's loss. A listener inside a class would keep each of its objects alive as long as the device. */
export function watchLoss(device: GPUDevice): DeviceLoss {
  const loss: DeviceLoss = { info: null };
  void device.lost.then((info) => {
    loss.info = info;
  });
  return loss;
}
