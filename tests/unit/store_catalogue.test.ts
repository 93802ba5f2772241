import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseExperiment } from '../../src/recipe/experiment';
import { encodeExperiment } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import {
  chooseExperiment,
  COMMAND_LINE_ONLY,
  openCatalogue,
  useCatalogue,
} from '../../src/store/catalogue';
import { namedRuns, forgetExperiment, useExperiment } from '../../src/store/experiment';
import { notForThePage } from '../../src/store/experiment_files';
import { START, useRun } from '../../src/store/run';
import { useView } from '../../src/store/view';

/** The view's store looks for it once, when it is made. */
vi.hoisted(() => {
  const localStorage = { getItem: () => null, setItem: () => undefined };
  vi.stubGlobal('window', { localStorage });
});

const folder = new URL('../../public/experiments/', import.meta.url);
const text = (id: string) => readFileSync(new URL(`${id}.json`, folder), 'utf8');
const adapter = { vendor: 'test', architecture: '', description: '', software: false };

type Answer = () => Response | Promise<Response>;
const found = (body: string) => () => new Response(body);
const missing = () => new Response('', { status: 404 });

/** The site: what it answers for a path's last part, and the files of public/ otherwise. */
function site(answers: Readonly<Record<string, Answer>> = {}) {
  vi.stubGlobal('fetch', (path: string) => {
    const id = /experiments\/(.+)\.json$/.exec(path)?.[1] ?? '';
    return Promise.resolve((answers[id] ?? (() => new Response(text(id))))());
  });
}

/** The address bar. */
function address(href: string) {
  const location = { href, hash: new URL(href).hash };
  const replaceState = (_: unknown, __: string, url: URL) => (location.href = url.href);
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', { state: null, replaceState });
  return location;
}

beforeEach(() => {
  forgetExperiment();
  useCatalogue.setState({ entries: [], loading: null, refusal: null });
  useRun.setState({ ...START, status: 'ready', adapter });
});
afterEach(() => vi.unstubAllGlobals());

const names = () => useExperiment.getState().arms.map((arm) => arm.name);
const defaultNames = defaultExperiment(false).arms.map((arm) => arm.name);

describe('the experiments offered', () => {
  test.each(readdirSync(folder).filter((file) => file !== 'index.json'))(
    '%s is offered or is for the command line',
    (file) => {
      const id = file.replace('.json', '');
      const parsed = parseExperiment(JSON.parse(text(id)));
      if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
      expect(notForThePage(parsed.value) !== null).toBe(COMMAND_LINE_ONLY.includes(id));
    },
  );
});

describe('an address that asks for an experiment', () => {
  test('opens it, at the first seed and with its texts', async () => {
    site();
    address('https://site.test/page/?experiment=who-drives');
    await openCatalogue();
    const { id, name, about, arms } = useExperiment.getState();
    expect({ id, name }).toEqual({ id: 'who-drives', name: 'Who drives' });
    expect(about?.question).toMatch(/^Which tokens drive/);
    expect(arms.map(({ recipe }) => recipe.steps)).toEqual(Array(6).fill(24));
    expect(namedRuns().map(({ recipe }) => recipe.seed)).toEqual(Array(6).fill(1));
    expect(useView.getState().chosenArm).toBe(arms[0]?.id);
    expect(useCatalogue.getState()).toMatchObject({ loading: null, refusal: null });
  });

  test('takes up one that the address holds, with its settings', async () => {
    site();
    const experiment = parseExperiment({ name: 'Mine', base: { clip_low: 0.1 }, seeds: [7] });
    if (!experiment.ok) throw new Error('a bad experiment');
    address(`https://site.test/page/#x=${encodeExperiment(experiment.value)}`);
    await openCatalogue();
    const { id, name, base } = useExperiment.getState();
    expect({ id, name, clip: base.clip_low }).toEqual({ id: null, name: 'Mine', clip: 0.1 });
    expect(useCatalogue.getState().refusal).toBeNull();
  });

  test('refuses one that was cut, and says that nothing was taken up', async () => {
    site();
    address('https://site.test/page/#x=eyJuYW1l');
    await openCatalogue();
    expect(useCatalogue.getState().refusal).toMatch(/^The experiment in the link was not taken up/);
    expect(names()).toEqual(defaultNames);
  });

  test('refuses an id that is not there by name, and the default opens', async () => {
    site();
    address('https://site.test/?experiment=../secrets');
    await openCatalogue();
    expect(useCatalogue.getState().refusal).toBe('There is no experiment "../secrets".');
    expect([names(), useExperiment.getState().id]).toEqual([defaultNames, null]);
  });

  test('refuses what is for the command line, and says why', async () => {
    site();
    address('https://site.test/?experiment=neighbours');
    await openCatalogue();
    expect(useCatalogue.getState().refusal).toMatch(/“Neighbours” has 19 arms, and this page/);
    expect(names()).toEqual(defaultNames);
  });

  test('waits for the worker where nobody knows yet what there is to run on', async () => {
    useRun.setState(START);
    site({ index: missing });
    address('https://site.test/?experiment=who-drives');
    await openCatalogue();
    expect(useCatalogue.getState().refusal).toMatch(/^The list of experiments could not be loaded/);
    expect(names()).toEqual([]);
  });

  test('is not needed: without one nothing is taken up', async () => {
    site();
    address('https://site.test/');
    await openCatalogue();
    expect(names()).toEqual([]);
    expect(useCatalogue.getState().entries.length).toBeGreaterThan(20);
  });
});

describe('a choice', () => {
  const location = () => address('https://site.test/?theme=x#reading');

  async function opened(answers: Readonly<Record<string, Answer>>) {
    site(answers);
    const bar = location();
    await openCatalogue();
    await chooseExperiment('par-saturates');
    return bar;
  }

  test('becomes the address, and the default takes it away again', async () => {
    const bar = await opened({});
    expect(bar.href).toBe('https://site.test/?theme=x&experiment=par-saturates#reading');
    expect(names()).toEqual(['λ 1', 'target 0.35']);
    await chooseExperiment(null);
    expect(bar.href).toBe('https://site.test/?theme=x#reading');
    expect(names()).toEqual(defaultNames);
    expect(useExperiment.getState().id).toBeNull();
    expect(useExperiment.getState().about?.question).toMatch(/^Which answers cost entropy/);
  });

  test.each<[string, Answer, RegExp]>([
    ['that is missing', missing, /“Who drives” could not be loaded: the site answers 404\.$/],
    ['of a silent site', () => Promise.reject(new Error()), /: the site does not answer\.$/],
    ['that is not JSON', found('<!doctype html>'), /damaged file: it is not JSON\.$/],
    [
      'of no experiment',
      found('{"base":{"steps":-1}}'),
      /damaged file: steps must be .* got -1\.$/,
    ],
    ['that only measures', found(text('identity')), /“Who drives” only measures/],
  ])('of a file %s is refused, and the experiment stays', async (_, answer, refusal) => {
    const bar = await opened({ 'who-drives': answer });
    await chooseExperiment('who-drives');
    expect(useCatalogue.getState().refusal).toMatch(refusal);
    expect(useCatalogue.getState().loading).toBeNull();
    expect([useExperiment.getState().id, names().length]).toEqual(['par-saturates', 2]);
    expect(bar.href).toContain('experiment=par-saturates');
  });

  test('counts, and not the file that comes last', async () => {
    let arrive = (_: Response) => {};
    const late = new Promise<Response>((resolve) => (arrive = resolve));
    await opened({ 'who-drives': () => late });
    const first = chooseExperiment('who-drives');
    expect(useCatalogue.getState().loading).toBe('who-drives');
    await chooseExperiment('par-on-maze');
    arrive(new Response(text('who-drives')));
    await first;
    expect(useExperiment.getState().id).toBe('par-on-maze');
    expect(useCatalogue.getState()).toMatchObject({ loading: null, refusal: null });
  });

  test('without a graphics processor can be read, and the failure stays', async () => {
    useRun.setState({ ...START, status: 'failed', failure: { kind: 'noWebGPU' } });
    await opened({});
    expect(names()).toEqual(['λ 1', 'target 0.35']);
    expect(useRun.getState()).toMatchObject({ status: 'failed', total: 40 });
  });
});
