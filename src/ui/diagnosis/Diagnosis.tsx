import { Collapsible } from 'radix-ui';
import { useRef, useState } from 'react';
import { LEAST_ROWS } from '../../rl/evidence';
import { findingsOf, type SharedFinding } from '../../store/diagnosis';
import { useExperiment } from '../../store/experiment';
import { series, useSeriesVersion } from '../../store/series';
import { useView } from '../../store/view';
import { FindingItem } from './FindingItem';
import { keyOf, summaryOf } from './words';

/** Findings that are shown without asking. */
const SHOWN = 3;

/** What a press has done, and how many rows there were then. */
interface Done {
  readonly text: string;
  readonly rows: number;
}

/** What is wrong with the shown arms, in words, each with one setting to change. */
export function Diagnosis() {
  const arms = useExperiment((state) => state.arms);
  useSeriesVersion();
  const [done, setDone] = useState<Done | null>(null);
  const section = useRef<HTMLElement>(null);
  const findings = findingsOf(arms);
  const rows = rowsOf(arms);
  // Until the change can be judged, or everything starts over.
  const said = done !== null && rows >= done.rows && rows < done.rows + LEAST_ROWS ? done.text : '';
  const after = (text: string) => {
    setDone({ text, rows: rowsOf(useExperiment.getState().arms) });
    // The button goes with its finding; without this the focus would fall back to the top of the page.
    section.current?.focus();
  };
  const quiet = findings.length === 0 && said === '';
  return (
    <section
      className="diagnosis"
      aria-label="Diagnosis"
      ref={section}
      tabIndex={-1}
      data-empty={(quiet && rows < LEAST_ROWS) || undefined}
    >
      {findings.length > 0 && <Findings findings={findings} onDone={after} />}
      {quiet && rows >= LEAST_ROWS && (
        <p className="quiet small">No warning signs in the shown arms.</p>
      )}
      {said !== '' && <p className="quiet small">{said}</p>}
      <p className="hidden-text" aria-live="polite">
        <span>{said}</span> <span>{summaryOf(findings)}</span>
      </p>
    </section>
  );
}

/** Steps of the shown arm that has most. */
function rowsOf(arms: readonly { readonly id: string; readonly visible: boolean }[]): number {
  return Math.max(0, ...arms.filter((arm) => arm.visible).map(({ id }) => series.of(id).length));
}

function Findings({
  findings,
  onDone,
}: {
  findings: readonly SharedFinding[];
  onDone: (text: string) => void;
}) {
  const open = useView((state) => state.open['diagnosis'] ?? false);
  const toggle = useView((state) => state.toggle);
  const rest = findings.slice(SHOWN);
  const list = (some: readonly SharedFinding[]) => (
    <ul className="findings">
      {some.map((finding) => (
        <FindingItem key={keyOf(finding)} finding={finding} onDone={onDone} />
      ))}
    </ul>
  );
  return (
    <>
      {list(findings.slice(0, SHOWN))}
      {rest.length > 0 && (
        <Collapsible.Root open={open} onOpenChange={() => toggle('diagnosis')}>
          <Collapsible.Content>{list(rest)}</Collapsible.Content>
          <Collapsible.Trigger className="link-button">
            {open ? 'Show fewer findings' : `Show ${rest.length} more`}
          </Collapsible.Trigger>
        </Collapsible.Root>
      )}
    </>
  );
}
