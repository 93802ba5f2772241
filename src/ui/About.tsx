import type { About as AboutText } from '../recipe/about';
import { useExperiment } from '../store/experiment';
import { isAltered, useHistory } from '../store/history';
import { useMedia } from './theme';

/** Where the curve and the slider would be pushed off the first screen: layout.css has the same width. */
const NARROW = '(max-width: 640px)';

/** What the experiment asks, what is expected of it and where to look; nothing where nobody said. */
export function About() {
  const about = useExperiment((state) => state.about);
  const narrow = useMedia(NARROW);
  if (about === null) return null;
  return (
    <section className="about" aria-labelledby="about-question">
      <h2 id="about-question">{about.question}</h2>
      {narrow ? (
        <details>
          <summary>Prediction and what to look at</summary>
          <Words about={about} />
        </details>
      ) : (
        <Words about={about} />
      )}
    </section>
  );
}

function Words({ about }: { about: AboutText }) {
  const { prediction, look_at, paper, finding } = about;
  return (
    <div className="about-words">
      <div>
        <h3>Prediction, before the run</h3>
        <p>{prediction}</p>
      </div>
      <div>
        <h3>What to look at</h3>
        <p>{look_at}</p>
      </div>
      {finding !== null && (
        <details className="about-finding">
          <summary>What we found</summary>
          <Altered />
          <p>{finding}</p>
          {paper !== null && <p>The paper’s claim, in our words: {paper}</p>}
          {/reference/i.test(finding) && (
            <p className="quiet small">
              The reference is an independent implementation of the same training.
            </p>
          )}
        </details>
      )}
    </div>
  );
}

function Altered() {
  const experiment = useExperiment();
  const history = useHistory();
  if (!isAltered(experiment, history)) return null;
  return (
    <p className="quiet small">
      Of the experiment as it came. You have changed its arms since: yours may come out otherwise.
    </p>
  );
}
