import { useId, useState } from 'react';
import type { RecipeKey } from '../../recipe/recipe';
import type { PlacedKnob } from '../../recipe/schema';

const ROWS = 6;

/** A list of settings with a field to search it. */
export function SettingPicker(props: {
  knobs: readonly PlacedKnob[];
  chosen: RecipeKey;
  choose: (key: RecipeKey) => void;
}) {
  const { knobs, chosen, choose } = props;
  const ids = useId();
  const [search, setSearch] = useState('');
  const found = knobs.filter(
    ({ key, label, help }) => key === chosen || matches(`${key} ${label} ${help}`, search),
  );
  return (
    <div className="setting-picker">
      <label htmlFor={`${ids}list`}>Setting to change</label>
      <input
        type="search"
        aria-label="Search settings"
        aria-controls={`${ids}list`}
        placeholder="Search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <select
        id={`${ids}list`}
        size={ROWS}
        value={chosen}
        onChange={(event) => {
          const knob = knobs.find(({ key }) => key === event.target.value);
          if (knob !== undefined) choose(knob.key);
        }}
      >
        {found.map(({ key, label }) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function matches(text: string, search: string): boolean {
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));
}
