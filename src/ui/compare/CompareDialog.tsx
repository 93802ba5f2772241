import { useEffect, useMemo, useState } from 'react';
import { useAutosave } from '../../store/autosave';
import { ON_PAGE, runNamed, useCompare, type Choice } from '../../store/compare';
import { compare, type Side } from '../../store/comparison';
import { useLibrary } from '../../store/library';
import { useRun } from '../../store/run';
import { Sheet } from '../dialog/Sheet';
import { ComparedCurves } from './ComparedCurves';
import { BesideLogs } from './BesideLogs';
import { Differences } from './Differences';
import { SeedTable } from './SeedTable';
import { QuantityMenu } from './QuantityMenu';
import { inOrder } from './quantities';
import { pairingInWords, quantityInWords, stepsInWords } from './words';

/** Two arms, of one run or of two, side by side. */
export function CompareDialog({ onClose }: { onClose: () => void }) {
  const { first, second } = useCompare();
  const left = useSide(first);
  const right = useSide(second);
  return (
    <Sheet
      title="Compare"
      about="The same seed with the same prompts makes two runs a pair: their difference is then the settings’ alone."
      className="compare-dialog"
      onClose={onClose}
    >
      <div className="compare-sides">
        <SidePicker label="First" choice={first} side={left} choose={chooseFirst} />
        <SidePicker label="Second" choice={second} side={right} choose={chooseSecond} />
      </div>
      <BesideLogs />
      {left !== null && right !== null && <Result first={left} second={right} />}
    </Sheet>
  );
}

const chooseFirst = (first: Choice) => useCompare.setState({ first });
const chooseSecond = (second: Choice) => useCompare.setState({ second });

function Result({ first, second }: { first: Side; second: Side }) {
  const chosen = useCompare((state) => state.quantities);
  const quantities = useMemo(() => inOrder(chosen), [chosen]);
  const found = compare(first, second, quantities);
  if (found === null) return <p className="quiet">One of the two has not trained a step yet.</p>;
  const names = namesOf(first, second);
  return (
    <>
      <section className="compare-words">
        <p>{pairingInWords(found)}</p>
        <p className="quiet small">
          Means over {stepsInWords(found)}, the last quarter of what both have trained.
        </p>
        <QuantityMenu first={first} second={second} chosen={quantities} />
        {quantities.length === 0 && <p className="quiet">No quantity is chosen.</p>}
        {found.quantities.map((quantity) => (
          <p key={quantity.quantity}>{quantityInWords(quantity, names)}</p>
        ))}
      </section>
      {found.seeds.length > 1 && found.unpaired === null && quantities.length > 0 && (
        <SeedTable quantities={found.quantities} names={names} />
      )}
      <ComparedCurves first={first} second={second} quantities={quantities} names={names} />
      <Differences differences={found.differences} names={names} />
    </>
  );
}

/** The names of the two arms; with those of their runs where these alone tell them apart. */
function namesOf(first: Side, second: Side): readonly [string, string] {
  const [a, b] = [nameOf(first), nameOf(second)];
  return a === b ? [`${a} (${first.run.name})`, `${b} (${second.run.name})`] : [a, b];
}

function nameOf({ run, arm }: Side): string {
  return run.experiment.arms[run.arms.findIndex(({ id }) => id === arm)]?.name ?? arm;
}

function SidePicker(props: {
  label: string;
  choice: Choice | null;
  side: Side | null;
  choose: (choice: Choice) => void;
}) {
  const { label, choice, side, choose } = props;
  const entries = useLibrary((state) => state.entries ?? []);
  const onPage = useAutosave((state) => state.run);
  const others = entries.filter(({ id }) => id !== onPage?.id);
  const run = choice?.run === onPage?.id ? ON_PAGE : choice?.run;
  return (
    <fieldset className="compare-side">
      <legend>{label}</legend>
      <label>
        Run
        <select
          className="plain-select"
          value={run ?? ''}
          onChange={(event) => choose({ run: event.target.value, arm: 0 })}
        >
          {onPage !== null && <option value={ON_PAGE}>{onPage.name} (on the page)</option>}
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Arm
        <select
          className="plain-select"
          value={choice?.arm ?? 0}
          onChange={(event) =>
            choose({ run: choice?.run ?? ON_PAGE, arm: Number(event.target.value) })
          }
        >
          {side?.run.experiment.arms.map(({ name }, i) => (
            <option key={name} value={i}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

/** The side that a choice names, once its run is read; that of the run on the page follows its steps. */
function useSide(choice: Choice | null): Side | null {
  const step = useRun((state) => state.step);
  const onPage = useAutosave((state) => state.run?.id ?? null);
  const own = choice?.run === ON_PAGE || choice?.run === onPage;
  const [side, setSide] = useState<Side | null>(null);
  const moment = own ? step : 0;
  useEffect(() => {
    void moment;
    let gone = false;
    if (choice === null) return;
    void runNamed(own ? ON_PAGE : choice.run).then((run) => {
      if (gone) return;
      const arm = run?.arms[Math.min(choice.arm, run.arms.length - 1)]?.id;
      setSide(run === null || arm === undefined ? null : { run, arm });
    });
    return () => {
      gone = true;
    };
  }, [choice, own, moment]);
  return side;
}
