import type { Colouring } from '../../store/microscope';
import type { GroupView } from '../../worker/protocol';
import { whyNot } from './colouring';

/** What is chosen, or entropy where the group does not have that. */
export function shownColouring(chosen: Colouring, group: GroupView): Colouring {
  return whyNot(chosen, group) === null ? chosen : 'entropy';
}
