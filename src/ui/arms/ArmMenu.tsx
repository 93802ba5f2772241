import { DropdownMenu } from 'radix-ui';
import { addArm, fullProblem, recolourArm, removeArm } from '../../store/edit';
import { useExperiment, type Arm } from '../../store/experiment';
import { ElsewhereMenu } from './ElsewhereMenu';
import { onPage } from '../menuPlace';
import { COLOURS } from '../palette';
import { Swatch } from '../Swatch';
import { menuId } from './menuId';
import { useEditable } from './useEditable';

/** What can be done with one arm. */
export function ArmMenu({ arm, rename, open }: { arm: Arm; rename: () => void; open: () => void }) {
  const count = useExperiment((state) => state.arms.length);
  const full = useExperiment((state) => fullProblem(state) !== null);
  const editable = useEditable();
  return (
    // Modal menus stop the page from scrolling by a style element, which the content security policy refuses.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="icon-button menu-trigger"
        id={menuId(arm.id)}
        aria-label={`Menu of ${arm.name}`}
        onClick={(event) => event.stopPropagation()}
      >
        <span aria-hidden="true">⋯</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={onPage()}>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={4}
          onClick={(event) => event.stopPropagation()}
        >
          <DropdownMenu.Item className="menu-item" disabled={!editable} onSelect={open}>
            Settings…
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={!editable} onSelect={rename}>
            Rename
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!editable || full}
            onSelect={() => addArm(arm)}
          >
            Duplicate
          </DropdownMenu.Item>
          <DropdownMenu.Sub>
            <DropdownMenu.SubTrigger className="menu-item">Colour</DropdownMenu.SubTrigger>
            <DropdownMenu.Portal container={onPage()}>
              <DropdownMenu.SubContent className="menu" sideOffset={4}>
                <DropdownMenu.RadioGroup value={String(arm.colour)}>
                  {Array.from({ length: COLOURS }, (_, colour) => (
                    <DropdownMenu.RadioItem
                      key={colour}
                      className="menu-item"
                      value={String(colour)}
                      aria-label={`Colour ${colour + 1}`}
                      onSelect={() => recolourArm(arm.id, colour)}
                    >
                      <Swatch colour={colour} width={44} />
                    </DropdownMenu.RadioItem>
                  ))}
                </DropdownMenu.RadioGroup>
              </DropdownMenu.SubContent>
            </DropdownMenu.Portal>
          </DropdownMenu.Sub>
          <ElsewhereMenu arm={arm} />
          <DropdownMenu.Separator className="menu-rule" />
          <DropdownMenu.Item
            className="menu-item"
            disabled={!editable || count < 2}
            onSelect={() => removeArm(arm.id)}
          >
            Delete
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
