import type { NumberKnob } from '../../recipe/knob';
import type { LiveSetting } from '../../recipe/live';
import { knobOf } from '../../recipe/schema';

/** The schema's entry of a live setting; all of those are numbers. */
export function numberKnob(setting: LiveSetting): NumberKnob {
  const knob = knobOf(setting);
  if (knob.type !== 'number') throw new Error(`${setting} is not a number`);
  return knob;
}
