import { Slider } from 'radix-ui';
import type { GroupHistory } from '../../store/group_history';
import { COLOURINGS, useMicroscope, type Colouring } from '../../store/microscope';
import type { GroupView } from '../../worker/protocol';
import { COLOURING_HELP, COLOURING_NAMES, scaleOf, whyNot } from './colouring';
import { Legend } from './Legend';
import { shownColouring } from './shownColouring';

/** What is shown of the rollouts: which prompt, which step, and what the tokens' tint says. */
export function MicroscopeBar(props: {
  group: GroupView;
  history: GroupHistory;
  /** Entropy of a uniform policy, nats. */
  uniform: number;
}) {
  const { group, history, uniform } = props;
  const colouring = useMicroscope((state) => state.colouring);
  const shown = shownColouring(colouring, group);
  return (
    <div className="scope">
      <PromptPicker group={group} />
      <Scrubber group={group} history={history} />
      <Tint group={group} uniform={uniform} shown={shown} />
      <p className="quiet small scope-help">{COLOURING_HELP[shown]}</p>
    </div>
  );
}

function PromptPicker({ group: { place } }: { group: GroupView }) {
  const showPrompt = useMicroscope((state) => state.showPrompt);
  if (place === undefined || place.of < 2) return null;
  const { prompt, of } = place;
  return (
    <div className="scope-part" role="group" aria-label="Prompt of the batch">
      <button
        type="button"
        className="scope-button"
        aria-label="Previous prompt"
        disabled={prompt === 0}
        onClick={() => showPrompt(prompt - 1)}
      >
        ‹
      </button>
      <span>
        prompt {prompt + 1} of {of}
      </span>
      <button
        type="button"
        className="scope-button"
        aria-label="Next prompt"
        disabled={prompt >= of - 1}
        onClick={() => showPrompt(prompt + 1)}
      >
        ›
      </button>
    </div>
  );
}

function Scrubber({ group, history }: { group: GroupView; history: GroupHistory }) {
  const { at, scrub, follow } = useMicroscope();
  const last = history.length - 1;
  const place = history.indexOf(group);
  const show = (index: number) => {
    const step = history[index]?.step;
    if (index >= last) follow();
    else if (step !== undefined) scrub(step);
  };
  return (
    <div className="scope-part scope-steps">
      <span className="scope-step">step {group.step}</span>
      <Slider.Root
        className="slider"
        min={0}
        max={Math.max(1, last)}
        step={1}
        value={[last < 1 ? 1 : place]}
        disabled={last < 1}
        onValueChange={([index]) => {
          if (index !== undefined) show(index);
        }}
      >
        <Slider.Track className="slider-track">
          <Slider.Range className="slider-range" />
        </Slider.Track>
        <Slider.Thumb
          className="slider-thumb"
          aria-label="Step shown"
          aria-valuetext={`step ${group.step}`}
          title="Steps that were shown: the newest ones, and a selection of those before"
        />
      </Slider.Root>
      <button type="button" className="scope-button" disabled={at === null} onClick={follow}>
        Newest
      </button>
    </div>
  );
}

function Tint(props: { group: GroupView; uniform: number; shown: Colouring }) {
  const { group, uniform, shown } = props;
  const colour = useMicroscope((state) => state.colour);
  return (
    <div className="scope-part scope-tint">
      <label>
        tint by
        <select
          className="plain-select"
          aria-label="Tint tokens by"
          value={shown}
          onChange={(event) => colour(event.target.value as Colouring)}
        >
          {COLOURINGS.map((choice) => {
            const reason = whyNot(choice, group);
            return (
              <option key={choice} value={choice} disabled={reason !== null}>
                {COLOURING_NAMES[choice]}
                {reason !== null && ` (${reason})`}
              </option>
            );
          })}
        </select>
      </label>
      <Legend scale={scaleOf(shown, group, uniform)} />
    </div>
  );
}
