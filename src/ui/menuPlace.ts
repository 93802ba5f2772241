/** Where the menu of a part of the page is put: inside the page's landmark, so that a screen reader knows where it is. */
export function onPage(): Element | null {
  return document.querySelector('main');
}

/** The same for a part that may stand in a dialog, beside which the page is hidden from screen readers. */
export function placeOf(button: Element | null): Element | null {
  return button?.closest('[role="dialog"]') == null ? onPage() : null;
}
