import { DropdownMenu } from 'radix-ui';
import { toggleQuantity } from '../../store/compare';
import { hasQuantity, type Side } from '../../store/comparison';
import type { MetricKey } from '../../store/columns';
import { QUANTITIES, QUANTITY_GROUPS, quantityNamed, type Quantity } from './quantities';

/** Says what is compared, and lets any quantity that one of the two has recorded be compared. */
export function QuantityMenu(props: { first: Side; second: Side; chosen: readonly MetricKey[] }) {
  const { first, second, chosen } = props;
  return (
    <p className="compare-quantities">
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="button">Quantities…</DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            className="menu quantity-menu"
            align="start"
            sideOffset={4}
            collisionPadding={12}
          >
            {QUANTITY_GROUPS.map((group) => (
              <DropdownMenu.Group key={group} aria-label={group}>
                <DropdownMenu.Label className="menu-label">{group}</DropdownMenu.Label>
                {QUANTITIES.filter((quantity) => quantity.group === group).map((quantity) => (
                  <Choice
                    key={quantity.metric}
                    quantity={quantity}
                    checked={chosen.includes(quantity.metric)}
                    sides={[first, second]}
                  />
                ))}
              </DropdownMenu.Group>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>{' '}
      <span className="small quiet">
        {chosen.map((metric) => quantityNamed(metric).label).join(' · ')}
      </span>
    </p>
  );
}

function Choice(props: { quantity: Quantity; checked: boolean; sides: readonly Side[] }) {
  const { checked, sides } = props;
  const { label, metric } = props.quantity;
  const recorded = sides.some((side) => hasQuantity(side, metric));
  return (
    <DropdownMenu.CheckboxItem
      className="menu-item quantity-item"
      checked={checked}
      disabled={!recorded && !checked}
      onSelect={(event) => {
        // Several can be chosen before the menu is closed.
        event.preventDefault();
        toggleQuantity(metric);
      }}
    >
      <DropdownMenu.ItemIndicator className="quantity-check" aria-hidden="true">
        ✓
      </DropdownMenu.ItemIndicator>
      {label}
      {!recorded && ' (not measured)'}
    </DropdownMenu.CheckboxItem>
  );
}
