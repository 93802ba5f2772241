import { useEffect, useState } from 'react';
import { armRecipes, type Experiment } from '../../recipe/experiment';
import { problemText, type Result } from '../../recipe/untrusted';
import { useCatalogue } from '../../store/catalogue';
import { fetchExperiment } from '../../store/experiment_files';
import { useRun } from '../../store/run';
import { PassingButton } from '../PassingButton';
import { perform } from './act';
import type { Lesson } from './lesson';
import { trainingMinutes } from './minutes';
import { useExperimentHere } from './useExperimentHere';

/** Said where a lesson's experiment has no record: why, and what can be done instead. `open` adds the way there. */
export function NotRecorded(props: { lesson: Lesson; why: string; open?: boolean }) {
  const { lesson, why, open = false } = props;
  const file = useExperimentFile(lesson.experiment);
  return (
    <div className="lesson-unrecorded small">
      <p>
        <strong>{why}</strong> So there is nothing to play, and no measured answer to compare with.
      </p>
      {file !== undefined && (
        <p>
          {file.ok ? <TrainIt experiment={file.value} asked={!open} /> : problemText(file.problems)}
        </p>
      )}
      {open && file?.ok === true && <OpenIt lesson={lesson} />}
    </div>
  );
}

function TrainIt({ experiment, asked }: { experiment: Experiment; asked: boolean }) {
  const trainable = useRun((state) => state.adapter !== null);
  const recipes = armRecipes(experiment).map(({ recipe }) => recipe);
  const minutes = trainingMinutes(recipes);
  const size = `${recipes.length} ${recipes.length === 1 ? 'arm' : 'arms'} × ${experiment.base.steps} steps at one seed`;
  return (
    <>
      {asked ? 'You can predict all the same, and train it here' : 'You can train it here'}: {size},
      about {minutes} {minutes === 1 ? 'minute' : 'minutes'} without a graphics processor and less
      with one. That needs WebGPU{trainable ? '' : ', which is missing here'}.
    </>
  );
}

function OpenIt({ lesson }: { lesson: Lesson }) {
  const here = useExperimentHere(lesson);
  const [refusal, setRefusal] = useState<string | null>(null);
  if (here) return <p>Its experiment is open: press Run.</p>;
  const press = async () => setRefusal(await perform([{ act: 'open' }], lesson));
  return (
    <>
      <PassingButton className="button" onClick={() => void press()}>
        Open the experiment
      </PassingButton>
      <p className="lesson-refusal" aria-live="polite">
        {refusal}
      </p>
    </>
  );
}

/** The file of an experiment of the catalogue, or why the page cannot train it; undefined while it is on its way. */
function useExperimentFile(id: string | null): Result<Experiment> | undefined {
  const entry = useCatalogue(({ entries }) => entries.find((candidate) => candidate.id === id));
  const [found, setFound] = useState<{ of: string; file: Result<Experiment> }>();
  useEffect(() => {
    if (entry === undefined) return;
    let wanted = true;
    void fetchExperiment(entry).then((file) => {
      if (wanted) setFound({ of: entry.id, file });
    });
    return () => {
      wanted = false;
    };
  }, [entry]);
  return entry !== undefined && found?.of === entry.id ? found.file : undefined;
}
