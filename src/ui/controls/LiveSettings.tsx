import { Collapsible } from 'radix-ui';
import type { LiveSetting } from '../../recipe/live';
import type { Arm } from '../../store/experiment';
import { useView } from '../../store/view';
import { NumberField } from './NumberField';

/** The live settings of this page, besides λ. Texts and bounds are the schema's. */
const SETTINGS: readonly LiveSetting[] = [
  'negative_weight',
  'clip_low',
  'clip_high',
  'learning_rate',
  'entropy_coef',
  'kl_coef',
];

/** Everything else that can change while the chosen arm trains, folded away. */
export function LiveSettings({ arm, disabled }: { arm: Arm; disabled: boolean }) {
  const open = useView((state) => state.open['settings'] ?? false);
  const toggle = useView((state) => state.toggle);
  return (
    <Collapsible.Root className="settings" open={open} onOpenChange={() => toggle('settings')}>
      <Collapsible.Trigger className="settings-trigger">
        More settings of {arm.name}
      </Collapsible.Trigger>
      <Collapsible.Content>
        <p className="small settings-note">Each acts at this arm’s next update.</p>
        {SETTINGS.map((setting) => (
          <NumberField
            key={`${arm.id} ${setting}`}
            arm={arm}
            setting={setting}
            disabled={disabled}
          />
        ))}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
