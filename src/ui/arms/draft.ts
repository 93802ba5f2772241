import { sameSetting } from '../../recipe/difference';
import type { PlacedKnob } from '../../recipe/schema';
import { settingProblems } from '../../recipe/schema';
import type { Recipe, RecipeKey } from '../../recipe/recipe';
import { scheduleForms } from '../../recipe/schedule_forms';

/**
 * What a form holds while it is being filled in: a text for a number, "" for none, a name for a choice, and for a
 * schedule its kind with a text for each of its numbers.
 */
export type DraftValue = string | null | ScheduleDraft;

export interface ScheduleDraft {
  readonly kind: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type Draft = Readonly<Partial<Record<RecipeKey, DraftValue>>>;

/** A setting as a form shows it. */
export function draftOf(knob: PlacedKnob, recipe: Recipe): DraftValue {
  const value = recipe[knob.key];
  if (knob.type === 'schedule') {
    const { kind, ...fields } = value as { readonly kind: string };
    return {
      kind,
      fields: Object.fromEntries(
        Object.entries(fields).map(([key, number]) => [key, String(number)]),
      ),
    };
  }
  return value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);
}

/** The setting that a form's entry stands for; it may be none that the schema accepts. */
export function valueOf(knob: PlacedKnob, draft: DraftValue): unknown {
  if (draft === null) return null;
  if (typeof draft === 'string') {
    if (knob.type !== 'number') return draft;
    return draft.trim() === '' ? undefined : Number(draft);
  }
  const numbers = Object.entries(draft.fields).map(([key, text]) => [
    key,
    text.trim() === '' ? undefined : Number(text),
  ]);
  return { kind: draft.kind, ...Object.fromEntries(numbers) };
}

/** A schedule of another kind, its numbers at their defaults. */
export function scheduleDraft(knob: PlacedKnob, kind: string): ScheduleDraft {
  if (knob.type !== 'schedule') throw new Error(`${knob.key} is no schedule`);
  const forms: Readonly<Record<string, { fields: Readonly<Record<string, { default: number }>> }>> =
    scheduleForms[knob.form];
  const fields = Object.entries(forms[kind]?.fields ?? {});
  return {
    kind,
    fields: Object.fromEntries(fields.map(([key, field]) => [key, String(field.default)])),
  };
}

/** What is wrong with an entry by itself; null where the schema takes it. */
export function draftProblem(knob: PlacedKnob, draft: DraftValue): string | null {
  const value = valueOf(knob, draft);
  if (value === undefined) return 'A number is missing.';
  return settingProblems(knob.key, value)[0]?.message ?? null;
}

/** The settings that differ from the arm's, once every entry is in order. */
export function changesOf(
  knobs: readonly PlacedKnob[],
  draft: Draft,
  recipe: Recipe,
): Partial<Recipe> {
  const entries = knobs.flatMap((knob) => {
    const entry = draft[knob.key];
    if (entry === undefined) return [];
    const value = valueOf(knob, entry);
    return sameSetting(value, recipe[knob.key]) ? [] : [[knob.key, value] as const];
  });
  // Every value has been through the schema's own check of its key (draftProblem).
  return Object.fromEntries(entries);
}
