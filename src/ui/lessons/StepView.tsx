import { useEffect, useState } from 'react';
import { perform, NEEDS_EXPERIMENT } from './act';
import type { Lesson, Step } from './lesson';
import { lookAt, type PlaceName } from './places';
import { useExperimentHere } from './useExperimentHere';

/** One part of a lesson: what it says, a button that does it on the page, and the place to look at in outline. */
export function StepView({ step, lesson }: { step: Step; lesson: Lesson }) {
  const [look, setLook] = useState<PlaceName | null>(step.look ?? null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const here = useExperimentHere(lesson);
  useEffect(() => (look === null ? undefined : lookAt(look)), [look]);
  const show = step.show;
  const press = async () => {
    if (show === undefined) return;
    setBusy(true);
    setRefusal(await perform(show.actions, lesson));
    setBusy(false);
    const pointed = show.actions.findLast(({ act }) => act === 'look');
    const place = pointed?.act === 'look' ? pointed.at : (step.look ?? null);
    setLook(place);
    // The same place again: the page may have grown, or the reader scrolled away.
    if (place !== null && place === look) lookAt(place);
  };
  const away =
    !here && step.look !== undefined && show?.actions.every(({ act }) => NEEDS_EXPERIMENT[act]);
  return (
    <div className="lesson-step">
      {step.text.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      {show !== undefined && (
        <button type="button" className="button" disabled={busy} onClick={() => void press()}>
          {show.label}
        </button>
      )}
      {away === true && lesson.experiment !== null && (
        <p className="quiet small">The button opens this lesson’s experiment in place of yours.</p>
      )}
      <p className="lesson-refusal small" aria-live="polite">
        {refusal}
      </p>
    </div>
  );
}
