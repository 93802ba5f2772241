import { useState } from 'react';
import { nameProblem, renameArm } from '../../store/edit';
import type { Arm } from '../../store/experiment';

/** The arm's name while it is being changed: Enter takes it, Escape leaves it as it was. */
export function ArmName({ arm, end }: { arm: Arm; end: () => void }) {
  const [name, setName] = useState(arm.name);
  const problem = nameProblem(arm.id, name.trim());
  const take = () => {
    if (problem === null && name.trim() !== arm.name) renameArm(arm.id, name);
    end();
  };
  return (
    <span className="arm-name">
      <input
        type="text"
        aria-label={`New name of ${arm.name}`}
        autoFocus
        value={name}
        aria-invalid={problem !== null}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && problem === null) take();
          else if (event.key === 'Escape') end();
        }}
      />
      {problem !== null && (
        <span className="small recipe-wrong" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
