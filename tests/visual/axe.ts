import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * All of axe's rules on a page, whose violations alone are listed node by node. Otherwise it would describe every node that
 * passes, and put the results of frames together in a page of its own: four times as long, and there is no frame of another
 * site here.
 */
export function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
}
