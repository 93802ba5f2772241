import { useExperiment } from '../store/experiment';

/** What the experiment asks, what is expected of it and where to look; nothing where nobody said. */
export function About() {
  const about = useExperiment((state) => state.about);
  if (about === null) return null;
  return (
    <section className="about" aria-labelledby="about-question">
      <h2 id="about-question">{about.question}</h2>
      <div>
        <h3>Prediction, before the run</h3>
        <p>{about.prediction}</p>
      </div>
      <div>
        <h3>What to look at</h3>
        <p>{about.look_at}</p>
      </div>
      {about.finding !== null && (
        <details className="about-finding">
          <summary>What we found</summary>
          <p>{about.finding}</p>
          <p className="quiet small">
            The reference is an independent implementation of the same training.
          </p>
        </details>
      )}
    </section>
  );
}
