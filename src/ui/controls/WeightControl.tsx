import { Slider } from 'radix-ui';
import { setLive } from '../../store/engine';
import { useExperiment, type Arm } from '../../store/experiment';
import { series, useSeriesVersion } from '../../store/series';
import { useView } from '../../store/view';
import { currentWeight, isScheduled } from '../../store/weight';
import { decimal } from '../format';
import { armStyle } from '../palette';
import { Swatch } from '../Swatch';
import { Acts } from './Acts';
import { KnobHelp } from './KnobHelp';
import { numberKnob } from './numberKnob';
import { PinnedNote, ScheduleNote, SignWeights } from './WeightNotes';

const STEP = 0.05;
const TICKS = [
  { at: 0, label: ['0', 'negatives only'] },
  { at: 1, label: ['1', 'GRPO'] },
] as const;

/** The control this page is about: how much tokens with positive advantage count, for the chosen arm. */
export function WeightControl({ arm, disabled }: { arm: Arm; disabled: boolean }) {
  useSeriesVersion();
  const knob = numberKnob('positive_weight');
  const [low, high] = knob.usual;
  const value = currentWeight(arm, series.of(arm.id));
  const scheduled = isScheduled(arm);
  return (
    <section className="weight" style={armStyle(arm.colour)} aria-labelledby="weight-title">
      <div className="setting-name">
        <h2 id="weight-title">{knob.label}</h2>
        <KnobHelp setting="positive_weight" />
      </div>
      <div className="weight-head">
        <ArmOfSlider arm={arm} />
        <span className="weight-value">λ = {decimal(value)}</span>
      </div>
      <PinnedNote arm={arm} />
      <Slider.Root
        className="slider"
        min={low}
        max={high}
        step={STEP}
        value={[Math.min(high, Math.max(low, value))]}
        disabled={disabled || scheduled}
        onValueChange={([next]) => {
          if (next !== undefined) setLive(arm.id, 'positive_weight', next);
        }}
      >
        <Slider.Track className="slider-track">
          <Slider.Range className="slider-range" />
        </Slider.Track>
        <Slider.Thumb
          className="slider-thumb"
          aria-label={knob.label}
          aria-describedby="weight-help"
          aria-valuetext={`λ = ${decimal(value)}, ${arm.name}`}
        />
      </Slider.Root>
      <div className="slider-ticks" aria-hidden="true">
        {TICKS.map(({ at, label }) => (
          <span key={at} style={{ left: `${((at - low) / (high - low)) * 100}%` }}>
            {label[0]}
            <br />
            {label[1]}
          </span>
        ))}
        <span style={{ left: '100%' }}>{high}</span>
      </div>
      <SignWeights arm={arm} />
      <p className="quiet small" id="weight-help">
        {scheduled ? (
          <ScheduleNote schedule={arm.recipe.positive_weight_schedule} />
        ) : (
          `${knob.help} Acts at this arm’s next update.`
        )}
        <Acts arm={arm} setting="positive_weight" />
      </p>
    </section>
  );
}

/** Which arm the slider moves; the arms' table chooses the same. */
function ArmOfSlider({ arm }: { arm: Arm }) {
  const arms = useExperiment((state) => state.arms);
  const choose = useView((state) => state.choose);
  return (
    <span className="weight-arm">
      <Swatch colour={arm.colour} />
      {arms.length === 1 ? (
        arm.name
      ) : (
        <select
          className="plain-select"
          aria-label="The slider’s arm"
          value={arm.id}
          onChange={(event) => choose(event.target.value)}
        >
          {arms.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}
