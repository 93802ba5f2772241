import { ToggleGroup } from 'radix-ui';
import type { Push } from '../../rl/one_softmax';
import {
  changePush,
  choosePreset,
  PRESETS,
  STEP_SIZES,
  useSoftmax,
  type Preset,
} from '../../store/softmax';
import { decimal } from '../format';

const SIGNS = { up: 1, down: -1 } as const;

/** Where to start from, which way to push, how far. */
export function PushControls({ push, name }: { push: Push; name: string }) {
  const preset = useSoftmax((state) => state.preset);
  return (
    <div className="softmax-controls">
      <div className="softmax-control">
        <span className="small" id="softmax-start">
          Start from
        </span>
        <ToggleGroup.Root
          type="single"
          className="choices"
          aria-labelledby="softmax-start"
          value={preset ?? ''}
          onValueChange={(value) => {
            if (Object.hasOwn(PRESETS, value)) choosePreset(value as Preset);
          }}
        >
          {Object.entries(PRESETS).map(([id, { label }]) => (
            <ToggleGroup.Item key={id} value={id} className="choice">
              {label}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      </div>
      <div className="softmax-control">
        <span className="small" id="softmax-sign">
          Advantage of {name}
        </span>
        <ToggleGroup.Root
          type="single"
          className="choices"
          aria-labelledby="softmax-sign"
          value={push.advantage > 0 ? 'up' : 'down'}
          onValueChange={(value) => {
            if (value === 'up' || value === 'down') changePush({ advantage: SIGNS[value] });
          }}
        >
          <ToggleGroup.Item value="up" className="choice">
            +1, push up
          </ToggleGroup.Item>
          <ToggleGroup.Item value="down" className="choice">
            −1, push down
          </ToggleGroup.Item>
        </ToggleGroup.Root>
      </div>
      <label className="softmax-control softmax-size">
        <span className="small">
          Size of the push, η = <b>{decimal(push.stepSize, 1)}</b>
        </span>
        <input
          type="range"
          {...STEP_SIZES}
          value={push.stepSize}
          onChange={(event) => changePush({ stepSize: Number(event.target.value) })}
        />
      </label>
    </div>
  );
}
