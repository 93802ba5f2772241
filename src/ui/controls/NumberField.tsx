import { useId, useState } from 'react';
import type { LiveSetting } from '../../recipe/live';
import { settingProblems } from '../../recipe/schema';
import { setLive } from '../../store/engine';
import type { Arm } from '../../store/experiment';
import { Acts } from './Acts';
import { KnobHelp, usualRange } from './KnobHelp';
import { numberKnob } from './numberKnob';

/** One number of the recipe as a form field: typed freely, taken over on Enter or on leaving, refused by the schema's words. */
export function NumberField(props: { arm: Arm; setting: LiveSetting; disabled: boolean }) {
  const { arm, setting, disabled } = props;
  const ids = useId();
  const knob = numberKnob(setting);
  const current = arm.recipe[setting];
  const [draft, setDraft] = useState<string | null>(null);
  const problem = draft === null ? null : problemOf(setting, draft);

  const take = () => {
    if (draft === null || problem !== null) return;
    setDraft(null);
    if (Number(draft) !== current) setLive(arm.id, setting, Number(draft));
  };

  return (
    <div className="setting">
      <span className="setting-name">
        <label htmlFor={`${ids}input`}>{knob.label}</label>
        <KnobHelp setting={setting} />
      </span>
      <input
        id={`${ids}input`}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={draft ?? String(current ?? '')}
        disabled={disabled}
        aria-invalid={problem !== null}
        aria-describedby={`${ids}help`}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
          else if (event.key === 'Escape') setDraft(null);
        }}
      />
      {problem === null ? (
        <p className="quiet small" id={`${ids}help`}>
          Usual: {usualRange(knob)}. <Acts arm={arm} setting={setting} />
        </p>
      ) : (
        <p className="small" id={`${ids}help`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function problemOf(setting: LiveSetting, draft: string): string | null {
  if (draft.trim() === '') return 'A number is missing.';
  return settingProblems(setting, Number(draft))[0]?.message ?? null;
}
