import { restore } from '../store/engine';
import { isEdited, showArm, useExperiment, type Arm } from '../store/experiment';
import { series, useSeriesVersion } from '../store/series';
import { useView } from '../store/view';
import { currentWeight } from '../store/weight';
import { decimal, NONE, percent, setting } from './format';
import { Swatch } from './Swatch';

/** The arms with their newest numbers; the radio button chooses the one the controls act on. */
export function ArmsTable() {
  const arms = useExperiment((state) => state.arms);
  useSeriesVersion();
  return (
    <div>
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
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <ArmRow key={arm.id} arm={arm} />
          ))}
        </tbody>
      </table>
      {arms.some(isEdited) && (
        <p className="quiet small arms-note">
          * settings changed by hand.{' '}
          <button type="button" className="link-button" onClick={restore}>
            Restore them and start over
          </button>
        </p>
      )}
    </div>
  );
}

function ArmRow({ arm }: { arm: Arm }) {
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
        <label>
          <input type="radio" name="arm" checked={chosen} onChange={() => choose(arm.id)} />
          <Swatch colour={arm.colour} width={24} />
          {arm.name}
          {isEdited(arm) && '*'}
        </label>
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
    </tr>
  );
}
