import { setSingleKeys, useShortcutSettings } from '../../store/shortcuts';
import { ACTIONS, type Shortcut } from '../actions';
import { Sheet } from '../dialog/Sheet';
import { Keys } from './Keys';

/** What keys do inside a control; the control's own doing. */
const INSIDE: readonly {
  readonly where: string;
  readonly does: string;
  readonly keys: Shortcut[];
}[] = [
  {
    where: 'Slider',
    does: 'move it by one step',
    keys: [{ key: 'ArrowLeft' }, { key: 'ArrowRight' }],
  },
  { where: 'Slider', does: 'to its ends', keys: [{ key: 'Home' }, { key: 'End' }] },
  {
    where: 'Arms',
    does: 'choose the arm above or below',
    keys: [{ key: 'ArrowUp' }, { key: 'ArrowDown' }],
  },
  {
    where: 'Chart',
    does: 'read it from step to step',
    keys: [{ key: 'ArrowLeft' }, { key: 'ArrowRight' }],
  },
  { where: 'Dialog or menu', does: 'close it', keys: [{ key: 'Escape' }] },
];

/** All keys, from the list that the shortcuts obey. */
export function Help({ onClose }: { onClose: () => void }) {
  const singleKeys = useShortcutSettings((state) => state.singleKeys);
  return (
    <Sheet
      title="Keyboard"
      about="Everything on the page can be reached with Tab and the keys of the control you are in."
      className="help"
      onClose={onClose}
    >
      <table className="key-table">
        <caption>Anywhere</caption>
        <tbody>
          {ACTIONS.map(
            ({ label, shortcut }) =>
              shortcut !== undefined && (
                <tr key={label} data-off={(!singleKeys && !shortcut.mod) || undefined}>
                  <th scope="row">{label}</th>
                  <td>
                    <Keys shortcut={shortcut} />
                  </td>
                </tr>
              ),
          )}
        </tbody>
      </table>
      <p>
        <label className="check">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => setSingleKeys(event.target.checked)}
          />
          Keys without Ctrl or ⌘ act while no control has the focus
        </label>
      </p>
      <table className="key-table">
        <caption>In a control</caption>
        <tbody>
          {INSIDE.map(({ where, does, keys }) => (
            <tr key={`${where} ${does}`}>
              <th scope="row">
                {where}: {does}
              </th>
              <td>
                {keys.map((shortcut) => (
                  <Keys key={shortcut.key} shortcut={shortcut} />
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}
