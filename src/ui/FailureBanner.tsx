import { describeFailure } from '../errors/describe';
import { connect } from '../store/engine';
import { useRun } from '../store/run';

/** What went wrong, what was kept and what to do: the page's one place for failures. */
export function FailureBanner() {
  const failure = useRun((state) => state.failure);
  return <div role="alert">{failure !== null && <Words {...describeFailure(failure)} />}</div>;
}

function Words(props: ReturnType<typeof describeFailure>) {
  return (
    <section className="failure">
      <h2>{props.title}</h2>
      <p>{props.what}</p>
      <p>{props.kept}</p>
      <p>{props.action}</p>
      <button type="button" className="button" onClick={connect}>
        Try again
      </button>
    </section>
  );
}
