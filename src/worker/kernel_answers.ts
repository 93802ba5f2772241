import { readCase, type Case } from '../engine/case_file';
import { checkCase } from '../engine/conformance';
import { kernelTimes, shapeReport, type ShapeRuns } from '../engine/kernel_report';
import { RlvrError } from '../errors/failure';
import type { Gpu } from '../gpu/device';
import { parseSafetensors, SafetensorsError } from '../model/safetensors';
import { publicUrl } from './policies';
import type { Event } from './protocol';
import { failureOf } from './session';

/** What the worker says of its kernels. A failure here is the answer's alone: the session goes on. */

/** Runs one conformance case of public/cases on the device. */
export async function checkedCase(gpu: Promise<Gpu>, name: string): Promise<Event> {
  try {
    const subject = await fetchCase(name);
    const { ok, errors, tolerances } = await checkCase(await gpu, subject);
    const tensors = Object.entries(errors).map(([tensor, error]) => ({
      name: tensor,
      error,
      tolerance: tolerances[tensor] ?? 0,
    }));
    return { type: 'verified', name, checked: { ok, tensors }, failure: null };
  } catch (error) {
    return { type: 'verified', name, checked: null, failure: failureOf(error) };
  }
}

/** Runs one of the checks of src/verify on the device; they and the twins are loaded when they are first asked for. */
export async function checkedKernel(gpu: Promise<Gpu>, index: number): Promise<Event> {
  const asked = { type: 'kernelChecked', index, outputs: [] } as const;
  try {
    const { CHECKS, runCheck } = await import('../verify/checks');
    const check = CHECKS[index];
    if (check === undefined) throw new Error(`there is no check ${index}`);
    const { kernels, about } = check;
    const one = { ...asked, total: CHECKS.length, kernels, about, failure: null };
    try {
      return { ...one, outputs: await runCheck(await gpu, check) };
    } catch (error) {
      return { ...one, failure: failureOf(error) };
    }
  } catch (error) {
    return { ...asked, total: 0, kernels: [], about: '', failure: failureOf(error) };
  }
}

/** What runs ask of the device, and with `time` what each kernel costs there. */
export async function kernelsOf(
  gpu: Promise<Gpu>,
  shapes: readonly ShapeRuns[],
  time: boolean,
): Promise<Event> {
  const report = shapes.map(shapeReport);
  if (!time) return { type: 'kernels', shapes: report, times: null, failure: null };
  try {
    const times = await kernelTimes(await gpu, shapes);
    return { type: 'kernels', shapes: report, times, failure: null };
  } catch (error) {
    return { type: 'kernels', shapes: report, times: null, failure: failureOf(error) };
  }
}

async function fetchCase(name: string): Promise<Case> {
  const fault = (detail: string) => new RlvrError({ kind: 'badInput', field: name, detail });
  const response = await fetch(publicUrl(`cases/${encodeURIComponent(name)}.safetensors`));
  if (!response.ok) throw fault(`the case could not be loaded (${response.status})`);
  try {
    return readCase(parseSafetensors(new Uint8Array(await response.arrayBuffer())));
  } catch (error) {
    if (error instanceof SafetensorsError) throw fault(`the case is damaged: ${error.message}`);
    throw error;
  }
}
