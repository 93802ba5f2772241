import { Command } from 'cmdk';
import { useRef, useState } from 'react';
import { ACTION_GROUPS, ACTIONS, isAvailable, type Action } from '../actions';
import { Sheet } from '../dialog/Sheet';
import { choices } from './choices';
import { Keys } from './Keys';
import { rank } from './ranking';

/** Every action of the page, found by typing. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [actions] = useState(() => [...ACTIONS, ...choices()].filter(isAvailable));
  const chosen = useRef<Action | null>(null);
  const choose = (action: Action) => {
    chosen.current = action;
    onClose();
  };
  return (
    <Sheet
      title="Commands"
      titleHidden
      about="Type to find an action, arrow keys to choose it, Enter to do it."
      className="palette"
      onClose={onClose}
      // Not before: an action may open a dialog of its own, or move the focus.
      onClosed={() => chosen.current?.run()}
    >
      <Command label="Commands" loop filter={rank}>
        <Command.Input placeholder="Find a command, an experiment, a lesson" />
        <Command.List label="Commands">
          <Command.Empty>Nothing is called that.</Command.Empty>
          {ACTION_GROUPS.map((group) => {
            const own = actions.filter((action) => action.group === group);
            if (own.length === 0) return null;
            return (
              <Command.Group key={group} heading={group}>
                {own.map((action) => (
                  <Command.Item
                    key={action.label}
                    value={action.label}
                    keywords={[...(action.words ?? []), group]}
                    onSelect={() => choose(action)}
                  >
                    <span>{action.label}</span>
                    {action.shortcut !== undefined && <Keys shortcut={action.shortcut} />}
                  </Command.Item>
                ))}
              </Command.Group>
            );
          })}
        </Command.List>
      </Command>
    </Sheet>
  );
}
