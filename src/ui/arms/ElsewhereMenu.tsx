import { DropdownMenu } from 'radix-ui';
import type { Arm } from '../../store/experiment';
import { refuseWith } from '../../store/library';
import { ELSEWHERE, inWords, takeElsewhere, type Elsewhere } from '../../store/take_elsewhere';
import { openDialog } from '../dialog/dialogs';
import { onPage } from '../menuPlace';
import { saveFile } from '../saveFile';

/** Takes an arm to other trainers, and its log to other tools. */
export function ElsewhereMenu({ arm }: { arm: Arm }) {
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className="menu-item">Take elsewhere</DropdownMenu.SubTrigger>
      <DropdownMenu.Portal container={onPage()}>
        <DropdownMenu.SubContent className="menu" sideOffset={4}>
          {ELSEWHERE.map(({ target, label }) => (
            <DropdownMenu.Item
              key={target}
              className="menu-item"
              onSelect={() => void save(arm, target)}
            >
              {label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}

/** Saves the file; what keeps it from being made is said in the library, beside other files. */
async function save(arm: Arm, target: Elsewhere): Promise<void> {
  const made = await takeElsewhere(arm, target);
  if (made.ok) return saveFile(made.value.name, new Blob([made.value.bytes]));
  openDialog('runs');
  refuseWith(`${arm.name} was not saved. ${inWords(made)}`);
}
