import { useRef } from 'react';
import { Popover } from 'radix-ui';
import type { NumberKnob } from '../../recipe/knob';
import type { LiveSetting } from '../../recipe/live';
import { lookAtTerm } from '../../store/formula_term';
import { useLesson } from '../../store/lesson';
import { setting as inWords } from '../format';
import type { TermId } from '../formula/terms';
import { numberKnob } from './numberKnob';

/** The term of the loss that a setting is, where it is one. */
const TERM: Readonly<Partial<Record<LiveSetting, TermId>>> = {
  positive_weight: 'positiveWeight',
  negative_weight: 'negativeWeight',
  clip_low: 'low',
  clip_high: 'high',
  entropy_coef: 'entropyCoefficient',
  kl_coef: 'klCoefficient',
};

/** "?" beside a control: what the setting is, where its values usually lie, and what to expect when it is moved. */
export function KnobHelp({ setting }: { setting: LiveSetting }) {
  const knob = numberKnob(setting);
  const leaving = useRef(false);
  const hidden = useLesson((state) => state.teacher.hidden.includes('formula'));
  const term = hidden ? undefined : TERM[setting];
  return (
    <Popover.Root>
      <Popover.Trigger className="knob-help-button" aria-label={`What is ${knob.label}?`}>
        <span aria-hidden="true">?</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="chart-settings knob-help"
          aria-label={knob.label}
          align="end"
          sideOffset={6}
          collisionPadding={12}
          onCloseAutoFocus={(event) => {
            if (!leaving.current) return;
            leaving.current = false;
            event.preventDefault();
            showFormula();
          }}
        >
          <h3>{knob.label}</h3>
          <p>{knob.help}</p>
          <dl>
            <dt>Usual</dt>
            <dd>{usualRange(knob)}</dd>
            <dt>Default</dt>
            <dd>{inWords(knob.default)}</dd>
            <dt>Allowed</dt>
            <dd>{rangeInWords(knob.min, knob.max)}</dd>
          </dl>
          <p className="quiet small">
            A change acts at this arm’s next update.
            {term !== undefined && (
              <>
                {' '}
                <Popover.Close
                  className="link-button"
                  onClick={() => {
                    leaving.current = true;
                    lookAtTerm(term);
                  }}
                >
                  Show it in the loss
                </Popover.Close>
              </>
            )}
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** "0 to 1.5", with the unit where there is one. */
export function usualRange({ usual, unit }: NumberKnob): string {
  return `${rangeInWords(...usual)}${unit === null ? '' : ` ${unit}`}`;
}

const rangeInWords = (low: number, high: number) => `${inWords(low)} to ${inWords(high)}`;

/** The focus goes there too: it would bring the page back to where it was. */
function showFormula(): void {
  const formula = document.getElementById('formula');
  formula?.querySelector<HTMLElement>('[role="radio"][aria-checked="true"]')?.focus();
  formula?.scrollIntoView({ block: 'center' });
}
