/** Places of the page that lessons point at, by the names that screen readers find them by. */

interface Place {
  readonly selector: string;
  /** The accessible name begins with it. */
  readonly name: string;
}

const figure = (name: string): Place => ({ selector: 'figure', name });
const section = (name: string): Place => ({ selector: 'section', name });

const PLACES = {
  experiment: { selector: 'select', name: 'Experiment' },
  transport: { selector: '[role="group"]', name: 'Training' },
  arms: { selector: 'table', name: 'Arms' },
  weight: section('Positive-advantage weight'),
  entropy: figure('Entropy'),
  reward: figure('Reward'),
  clip: figure('Clip fraction'),
  lambda: figure('Lambda'),
  evaluation: { selector: '#evaluation', name: '' },
  measures: { selector: '#measures', name: '' },
  rollouts: section('Rollouts'),
  softmax: section('One softmax'),
  distribution: { selector: 'table', name: 'The distribution' },
  formula: section('The loss, term by term'),
} as const satisfies Readonly<Record<string, Place>>;

export type PlaceName = keyof typeof PLACES;
export const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

/** Places that are there whatever experiment is on the page. */
const OF_THE_PAGE: readonly PlaceName[] = [
  'experiment',
  'transport',
  'softmax',
  'distribution',
  'formula',
];

/** Whether a place shows the arms or the numbers of the experiment on the page. */
export function showsTheRun(place: PlaceName): boolean {
  return !OF_THE_PAGE.includes(place);
}

/** The element of a place; null while the page does not show it. */
export function findPlace(place: PlaceName): HTMLElement | null {
  const { selector, name } = PLACES[place];
  const candidates = document.querySelectorAll<HTMLElement>(selector);
  return [...candidates].find((element) => nameOf(element).startsWith(name)) ?? null;
}

function nameOf(element: HTMLElement): string {
  const label = element.getAttribute('aria-label');
  if (label !== null) return label;
  const ids = element.getAttribute('aria-labelledby');
  if (ids !== null) {
    const texts = ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '');
    return texts.join(' ').trim();
  }
  if (element instanceof HTMLTableElement) return element.caption?.textContent.trim() ?? '';
  if (element instanceof HTMLSelectElement) return element.labels[0]?.textContent.trim() ?? '';
  return '';
}

/** Share of the window's height up to which a place is brought to its middle. */
const MOST_CENTRED = 0.5;

/** Outlines a place and brings it into view; returns how to take the outline away. */
export function lookAt(place: PlaceName): () => void {
  const element = findPlace(place);
  if (element === null) return () => undefined;
  element.dataset['lookedAt'] = '';
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  // What is too tall for the window is shown from its top.
  const tall = element.offsetHeight > MOST_CENTRED * innerHeight;
  element.scrollIntoView({
    block: tall ? 'start' : 'center',
    behavior: calm ? 'auto' : 'smooth',
  });
  return () => delete element.dataset['lookedAt'];
}
