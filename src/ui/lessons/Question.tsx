import type { Lesson } from './lesson';
import { NotRecorded } from './NotRecorded';
import { Unreachable } from './Unreachable';
import { useRecord } from './useRecord';

/** The question and its predictions: to be answered before anything is shown. */
export function Question(props: {
  lesson: Lesson;
  prediction: string | null;
  onPredict: (option: string) => void;
}) {
  const { lesson, prediction, onPredict } = props;
  const recorded = useRecord(lesson.experiment);
  return (
    <>
      <fieldset className="lesson-question">
        <legend>{lesson.question}</legend>
        {lesson.options.map(({ id, text }) => (
          <label key={id} data-chosen={prediction === id || undefined}>
            <input
              type="radio"
              name={`prediction-${lesson.id}`}
              checked={prediction === id}
              onChange={() => onPredict(id)}
            />
            {text}
          </label>
        ))}
        <p className="quiet small">
          {prediction === null
            ? 'Choose one to begin. There is no mark for it.'
            : 'You can change your mind until you have seen the answer.'}
        </p>
      </fieldset>
      {recorded.state === 'missing' && <NotRecorded lesson={lesson} why={recorded.why} />}
      {recorded.state === 'unreachable' && <Unreachable {...recorded} />}
    </>
  );
}
