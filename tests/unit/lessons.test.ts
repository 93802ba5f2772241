import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { parseExperiment } from '../../src/recipe/experiment';
import { quantityAt } from '../../src/rl/quantity';
import { parseRecord } from '../../src/storage/read_record';
import { COMMAND_LINE_ONLY } from '../../src/store/catalogue';
import { readKept } from '../../src/store/lesson';
import { claimFindings, findingOf, OUTCOMES, type Ask } from '../../src/store/lesson_findings';
import { PRESETS, TOKENS } from '../../src/store/softmax';
import { asksOf, type Lesson } from '../../src/ui/lessons/lesson';
import { LESSONS } from '../../src/ui/lessons/lessons';
import { PLACE_NAMES } from '../../src/ui/lessons/places';
import { besideThePaper, judgePrediction } from '../../src/ui/lessons/rightness';

vi.hoisted(() => {
  const localStorage = { getItem: () => null, setItem: () => undefined };
  vi.stubGlobal('window', { localStorage });
});

const file = (path: string) => new URL(`../../${path}`, import.meta.url);
const json = (path: string): unknown => JSON.parse(readFileSync(file(path), 'utf8'));

function experimentOf({ experiment }: Lesson) {
  if (experiment === null) return null;
  const parsed = parseExperiment(json(`public/experiments/${experiment}.json`));
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

function recordOf(id: string) {
  const parsed = parseRecord(json(`public/runs/${id}.json`));
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

const isRecorded = ({ experiment }: Lesson) =>
  experiment !== null && existsSync(file(`public/runs/${experiment}.json`));

describe('the lessons', () => {
  test('are at least ten, each with an id of its own', () => {
    expect(LESSONS.length).toBeGreaterThanOrEqual(10);
    expect(new Set(LESSONS.map(({ id }) => id)).size).toBe(LESSONS.length);
    expect(new Set(LESSONS.map(({ title }) => title)).size).toBe(LESSONS.length);
  });

  test('are all described in docs/lessons.md', () => {
    const prose = readFileSync(file('docs/lessons.md'), 'utf8');
    for (const { id, title } of LESSONS) {
      expect(prose).toContain(title);
      expect(prose).toContain(`?lesson=${id}`);
    }
  });

  describe.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', (id, lesson) => {
    const experiment = experimentOf(lesson);
    const arms = experiment?.arms.map(({ name }) => name) ?? [];

    test('has the size of a lesson', () => {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(lesson.minutes).toBeGreaterThan(0);
      expect(lesson.minutes).toBeLessThanOrEqual(10);
      expect(lesson.question).toMatch(/\?$/);
      expect(lesson.options.length).toBeGreaterThanOrEqual(2);
      expect(lesson.options.length).toBeLessThanOrEqual(4);
      expect(new Set(lesson.options.map((option) => option.id)).size).toBe(lesson.options.length);
      expect(lesson.steps.length).toBeGreaterThanOrEqual(3);
      expect(lesson.steps.length).toBeLessThanOrEqual(6);
      for (const { text } of lesson.steps) {
        expect(text.length).toBeGreaterThan(0);
        for (const paragraph of text) expect(paragraph.length).toBeLessThan(330);
      }
    });

    test('has an option that can be right, or says that none is', () => {
      const rights = lesson.options.map(({ right }) => right);
      const none = rights.every((right) => right === null);
      const provable = rights.filter((right) => right === true).length;
      const measured = rights.some((right) => typeof right === 'object' && right !== null);
      expect(none || provable === 1 || measured).toBe(true);
      if (measured) expect(lesson.experiment).not.toBeNull();
    });

    test('asks what can be answered: outcomes, arms and quantities exist', () => {
      for (const { right } of lesson.options) {
        if (typeof right !== 'object' || right === null) continue;
        const possible: readonly string[] = OUTCOMES[right.ask.of];
        for (const outcome of right.when) expect(possible).toContain(outcome);
      }
      for (const ask of asksOf(lesson)) {
        for (const arm of armsIn(ask)) expect(arms).toContain(arm);
        if (ask.of === 'claim') expect(quantityAt(ask.measure)).not.toBeNull();
        if (ask.of === 'evaluations') {
          expect(quantityAt(`evaluation.${ask.measure}`)).not.toBeNull();
        }
      }
      if (lesson.closing.claims === true) {
        expect(experiment?.about?.claims.length).toBeGreaterThan(0);
      }
    });

    test('can say where the paper and the measurement differ', () => {
      const { paper, claims, holds } = lesson.closing;
      if (paper === null || lesson.experiment === null) return;
      expect(claims === true || holds !== undefined).toBe(true);
      if (holds !== undefined) {
        const possible: readonly string[] = OUTCOMES[holds.ask.of];
        for (const outcome of holds.when) expect(possible).toContain(outcome);
      }
    });

    test('points at places that exist and does what can be done', () => {
      for (const { look, show } of lesson.steps) {
        if (look !== undefined) expect(PLACE_NAMES).toContain(look);
        for (const action of show?.actions ?? []) {
          if (action.act === 'arm') expect(arms).toContain(action.arm);
          if (action.act === 'look') expect(PLACE_NAMES).toContain(action.at);
          if (action.act === 'softmax') {
            expect(Object.keys(PRESETS)).toContain(action.preset);
            expect(TOKENS[action.token]).toBeDefined();
          }
          if (['open', 'play', 'arm'].includes(action.act)) {
            expect(lesson.experiment).not.toBeNull();
            expect(COMMAND_LINE_ONLY).not.toContain(lesson.experiment);
          }
        }
      }
    });

    test.runIf(isRecorded(lesson))('finds its answers in the record', () => {
      const record = recordOf(lesson.experiment ?? '');
      for (const ask of asksOf(lesson)) {
        const finding = findingOf(ask, record);
        expect([ask, finding.outcome]).not.toEqual([ask, 'unmeasured']);
        expect(finding.found).not.toMatch(/NaN|undefined/);
      }
      const judged = lesson.options.map((option) => judgePrediction(option, record));
      expect(judged).not.toContain('unmeasured');
    });
  });
});

function armsIn(ask: Ask): string[] {
  return [...('arm' in ask ? [ask.arm] : []), ...('higher' in ask ? [ask.higher, ask.lower] : [])];
}

describe('answers are read from the record', () => {
  const record = recordOf('off-policy-updates');
  const claim: Ask = { of: 'claim', measure: 'entropy', higher: '1 update', lower: '4 updates' };

  test('a claim turned round is reversed', () => {
    expect(findingOf(claim, record).outcome).toBe('agrees');
    const turned = { ...claim, higher: claim.lower, lower: claim.higher };
    expect(findingOf(turned, record).outcome).toBe('reversed');
  });

  test('what no run has is unmeasured', () => {
    const nobody = { ...claim, higher: 'nobody' };
    expect(findingOf(nobody, record).outcome).toBe('unmeasured');
    expect(findingOf({ of: 'pinned', arm: 'nobody' }, record).outcome).toBe('unmeasured');
    expect(findingOf({ of: 'clip-trace' }, record).outcome).toBe('unmeasured');
    expect(findingOf({ of: 'identity' }, record).outcome).toBe('unmeasured');
  });

  test('a course is told with both ends and the seeds', () => {
    const course: Ask = { of: 'course', arm: '16 updates', series: 'entropy' };
    const finding = findingOf(course, record);
    expect(finding.outcome).toBe('falls by half');
    expect(finding.found).toMatch(/^\d\.\d+ to \d\.\d+ nats, down at 3 of 3 seeds$/);
  });

  test('the paper’s claims come first', () => {
    const claims = claimFindings(record).map(({ by }) => by);
    expect(claims).toEqual([...claims].sort((a, b) => (a === b ? 0 : a === 'paper' ? -1 : 1)));
    expect(claims[0]).toBe('paper');
  });

  test('a prediction without a record is not judged', () => {
    const right = { ask: claim, when: ['agrees'] as const };
    expect(judgePrediction({ id: 'a', text: '', right }, null)).toBe('unmeasured');
    expect(judgePrediction({ id: 'a', text: '', right }, record)).toBe('right');
    expect(
      judgePrediction({ id: 'a', text: '', right: { ...right, when: ['reversed'] } }, record),
    ).toBe('wrong');
    expect(judgePrediction({ id: 'a', text: '', right: null }, record)).toBe('open');
  });

  test('how the paper’s claims fare, in words', () => {
    expect(besideThePaper(['agrees'])).toMatch(/^Nowhere: its claim agrees/);
    expect(besideThePaper(['agrees', 'agrees', 'unmeasured'])).toMatch(/^Nowhere: all 2/);
    expect(besideThePaper(['agrees', 'reversed', 'undecided'])).toMatch(
      /^1 of its 3 claims agrees/,
    );
    expect(besideThePaper(['reversed', 'undecided'])).toMatch(/^None of its 2 claims/);
    expect(besideThePaper(['undecided'])).toMatch(/^Its claim is not confirmed/);
    expect(besideThePaper(['unmeasured'])).toContain('None');
  });
});

describe('what is kept', () => {
  test('of whatever storage holds, only ids come back', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (whole, predictions, done) => {
        for (const saved of [whole, { predictions, done }]) {
          const kept = readKept(saved);
          const ids = [...Object.entries(kept.predictions).flat(), ...kept.done];
          for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        }
      }),
    );
  });

  test('good data come back whole', () => {
    const kept = { predictions: { rollouts: 'nothing' }, done: ['rollouts', 'who-drives'] };
    expect(readKept(kept)).toEqual(kept);
  });
});
