const KEY = 'experiment';

/** The experiment that the page's address asks for, `?experiment=who-drives`; null where it asks for none. */
export function experimentInLink(): string | null {
  return new URL(location.href).searchParams.get(KEY);
}

/** Makes the address a link to the experiment; null, the default, needs none. */
export function linkTo(experiment: string | null): void {
  const url = new URL(location.href);
  if (experiment === null) url.searchParams.delete(KEY);
  else url.searchParams.set(KEY, experiment);
  history.replaceState(history.state, '', url);
}
