import { useState } from 'react';
import { addArm, fullProblem } from '../../store/edit';
import { restore } from '../../store/engine';
import { redo, undo } from '../../store/undo';
import { isEdited, showArm, useExperiment, type Arm } from '../../store/experiment';
import { useHistory } from '../../store/history';
import { series, useSeriesVersion } from '../../store/series';
import { useView } from '../../store/view';
import { currentWeight } from '../../store/weight';
import { decimal, NONE, percent, setting } from '../format';
import { Swatch } from '../Swatch';
import { ArmMenu } from './ArmMenu';
import { menuId } from './menuId';
import { ArmName } from './ArmName';
import { RecipeDialog } from './RecipeDialog';
import { SeedsField } from './SeedsField';
import { useEditable } from './useEditable';

/** The arms with their newest numbers; the radio button chooses the one the controls act on. */
export function ArmsTable() {
  const arms = useExperiment((state) => state.arms);
  const [renamed, setRenamed] = useState<string | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  useSeriesVersion();
  const openedArm = arms.find(({ id }) => id === opened);
  return (
    <div>
      <div className="arms-scroll">
        <table className="arms">
          <caption>Arms</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="hidden-text">Arm</span>
              </th>
              <th scope="col">
                <abbr title="Positive-advantage weight">λ</abbr>
              </th>
              <th scope="col">entropy</th>
              <th scope="col">reward</th>
              <th scope="col">clipped</th>
              <th scope="col">show</th>
              <th scope="col">
                <span className="hidden-text">Menu</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <ArmRow
                key={arm.id}
                arm={arm}
                renaming={renamed === arm.id}
                endRenaming={() => setRenamed(null)}
                rename={() => setRenamed(arm.id)}
                open={() => setOpened(arm.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <ArmsTools edited={arms.some(isEdited)} />
      {openedArm !== undefined && (
        <RecipeDialog
          key={openedArm.id}
          arm={openedArm}
          close={() => setOpened(null)}
          closed={() => document.getElementById(menuId(openedArm.id))?.focus()}
        />
      )}
    </div>
  );
}

function ArmsTools({ edited }: { edited: boolean }) {
  const arms = useExperiment((state) => state.arms);
  const canUndo = useHistory((state) => state.past.length > 0);
  const canRedo = useHistory((state) => state.future.length > 0);
  const full = useExperiment(fullProblem);
  const editable = useEditable();
  const chosen = useView((state) => state.chosenArm);
  const from = arms.find(({ id }) => id === chosen);
  return (
    <div className="arms-tools small">
      {editable && (
        <button
          type="button"
          className="link-button"
          disabled={full !== null}
          title={full ?? undefined}
          onClick={() => addArm(from)}
        >
          Add an arm
        </button>
      )}
      {editable && <SeedsField />}
      <span className="arms-history">
        <button type="button" className="link-button" disabled={!canUndo} onClick={undo}>
          Undo
        </button>
        <button type="button" className="link-button" disabled={!canRedo} onClick={redo}>
          Redo
        </button>
      </span>
      {edited && (
        <p className="quiet arms-note">
          * settings changed by hand.{' '}
          <button type="button" className="link-button" onClick={restore}>
            Restore them and start over
          </button>
        </p>
      )}
    </div>
  );
}

function ArmRow(props: {
  arm: Arm;
  renaming: boolean;
  endRenaming: () => void;
  rename: () => void;
  open: () => void;
}) {
  const { arm, renaming } = props;
  const chosen = useView((state) => state.chosenArm === arm.id);
  const choose = useView((state) => state.choose);
  const row = series.of(arm.id);
  const clipped = row.last('clip_low_fraction') + row.last('clip_high_fraction');
  return (
    <tr
      data-chosen={chosen || undefined}
      data-hidden={!arm.visible || undefined}
      onClick={() => choose(arm.id)}
    >
      <th scope="row">
        {renaming ? (
          <ArmName arm={arm} end={props.endRenaming} />
        ) : (
          <label>
            <input type="radio" name="arm" checked={chosen} onChange={() => choose(arm.id)} />
            <Swatch colour={arm.colour} width={24} />
            {arm.name}
            {isEdited(arm) && '*'}
          </label>
        )}
      </th>
      <td>{setting(currentWeight(arm, row))}</td>
      <td>{decimal(row.last('entropy'))}</td>
      <td>{decimal(row.last('reward'))}</td>
      <td>{Number.isNaN(clipped) ? NONE : percent(clipped)}</td>
      <td>
        <input
          type="checkbox"
          aria-label={`Show ${arm.name}`}
          checked={arm.visible}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => showArm(arm.id, event.target.checked)}
        />
      </td>
      <td>
        <ArmMenu arm={arm} rename={props.rename} open={props.open} />
      </td>
    </tr>
  );
}
