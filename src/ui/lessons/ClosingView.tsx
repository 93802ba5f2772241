import { claimFindings, findingOf, type Finding, type Outcome } from '../../store/lesson_findings';
import { asksOf, type Lesson, type Option } from './lesson';
import { NotRecorded } from './NotRecorded';
import { besideThePaper, JUDGEMENTS, judgePrediction } from './rightness';
import { Unreachable } from './Unreachable';
import { useRecord, type Recorded, type RecordHere } from './useRecord';

/** The prediction, the paper's claim, what we measured, and where they differ. */
export function ClosingView({ lesson, chosen }: { lesson: Lesson; chosen: Option }) {
  const recorded = useRecord(lesson.experiment);
  if (recorded.state === 'coming') return <p className="quiet">Reading the record.</p>;
  const record = recorded.state === 'here' ? recorded.record : null;
  const { paper, keep } = lesson.closing;
  const judged = judgePrediction(chosen, record);
  const unfetched = judged === 'unmeasured' && recorded.state === 'unreachable';
  const judgement = unfetched ? 'unfetched' : judged;
  return (
    <div className="lesson-closing">
      <section>
        <h4>You predicted</h4>
        <p>{chosen.text}</p>
        <p className="lesson-judgement" data-judgement={judgement}>
          {JUDGEMENTS[judgement]}
        </p>
        <Right lesson={lesson} chosen={chosen} record={record} />
      </section>
      <section>
        <h4>The paper</h4>
        <p>{paper ?? 'It makes no claim about this.'}</p>
      </section>
      <section>
        <h4>We measured</h4>
        <WeMeasured lesson={lesson} recorded={recorded} />
      </section>
      <Differs lesson={lesson} record={record} />
      <section>
        <h4>Keep in mind</h4>
        {keep.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </section>
    </div>
  );
}

function WeMeasured({ lesson, recorded }: { lesson: Lesson; recorded: Recorded }) {
  switch (recorded.state) {
    case 'missing':
      return <NotRecorded lesson={lesson} why={recorded.why} open />;
    case 'unreachable':
      return <Unreachable {...recorded} />;
    case 'here':
      return <Measured lesson={lesson} record={recorded.record} />;
    default:
      return <Measured lesson={lesson} record={null} />;
  }
}

/** The options that came out right, where that is not the one chosen alone. */
function Right(props: { lesson: Lesson; chosen: Option; record: RecordHere | null }) {
  const right = props.lesson.options.filter(
    (option) => judgePrediction(option, props.record) === 'right',
  );
  const others = right.filter(({ id }) => id !== props.chosen.id);
  if (others.length === 0) return null;
  return (
    <p className="small">
      {right.length > others.length ? 'Right as well: ' : 'Right would have been: '}
      {others.map(({ text }) => text).join(' ')}
    </p>
  );
}

function Measured({ lesson, record }: { lesson: Lesson; record: RecordHere | null }) {
  if (record === null) return <p>Nothing needs measuring: this follows from the definitions.</p>;
  const findings = asksOf(lesson).map((ask) => findingOf(ask, record));
  const claims = lesson.closing.claims === true ? claimFindings(record) : [];
  const { made, experiment } = record;
  return (
    <>
      <Findings findings={findings} />
      {claims.length > 0 && (
        <details>
          <summary>All claims of the experiment</summary>
          <Findings
            findings={claims.map((claim) => ({
              ...claim,
              asked: `${CLAIMANT[claim.by]}: ${claim.asked}`,
            }))}
          />
        </details>
      )}
      <p className="quiet small">
        Record of {experiment.seeds.length} seeds, {made.steps} steps on {experiment.base.task}
        {made.finished ? '' : ', stopped early'}. Intervals are 95% bootstraps over seeds, and too
        narrow with so few: look at the signs as well.
      </p>
    </>
  );
}

/** Where the measurement and the paper differ; nothing where it claims nothing or nothing was measured. */
function Differs({ lesson, record }: { lesson: Lesson; record: RecordHere | null }) {
  const { paper, claims, holds } = lesson.closing;
  if (paper === null || record === null) return null;
  const stated = [
    ...(claims === true ? claimFindings(record).filter(({ by }) => by === 'paper') : []),
    ...(holds === undefined ? [] : [asClaim(findingOf(holds.ask, record), holds.when)]),
  ];
  if (stated.length === 0) return null;
  const measured = stated.filter(({ outcome }) => outcome !== 'unmeasured');
  return (
    <section>
      <h4>Where they differ</h4>
      <p>{besideThePaper(measured.map(({ outcome }) => outcome))}</p>
      <Findings findings={measured.filter(({ outcome }) => outcome !== 'agrees')} />
    </section>
  );
}

/** A finding as the verdict on a claim: whether it came out in one of the ways that the claim says. */
function asClaim(finding: Finding, when: readonly Outcome[]): Finding {
  if (finding.outcome === 'unmeasured') return finding;
  return { ...finding, outcome: when.includes(finding.outcome) ? 'agrees' : 'reversed' };
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <dl className="lesson-findings">
      {findings.map(({ asked, found, outcome }) => (
        <div key={asked} data-outcome={outcome}>
          <dt>{asked}</dt>
          <dd>{found}</dd>
        </div>
      ))}
    </dl>
  );
}

const CLAIMANT = { paper: 'Paper', reference: 'Our reference', guess: 'Our guess' } as const;
