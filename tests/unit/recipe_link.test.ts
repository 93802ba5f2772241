import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExperiment, type Experiment } from '../../src/recipe/experiment';
import { decodeExperiment, encodeExperiment, LONGEST_LINK } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import { schema } from '../../src/recipe/schema';

function experimentOf(value: unknown): Experiment {
  const parsed = parseExperiment(value);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

const refusal = (text: string) => {
  const decoded = decodeExperiment(text);
  return decoded.ok ? null : decoded.problems.map(({ message }) => message).join(' ');
};

describe('an experiment in a link', () => {
  test.each([true, false])('comes back whole (software %s)', (software) => {
    const experiment = defaultExperiment(software);
    const decoded = decodeExperiment(encodeExperiment(experiment));
    expect(decoded).toEqual({ ok: true, value: experiment });
  });

  test('keeps names of any script, schedules and seeds', () => {
    const experiment = experimentOf({
      name: 'Größer? λ → ½ 试验',
      arms: [
        { name: 'λ', set: { positive_weight_schedule: { kind: 'epoch', epochs: 7 } } },
        { name: '二', set: { dual_clip: 3, clip_low: 0.1234567 } },
      ],
      seeds: [4294967295, 0],
      evaluate: { every: 3, prompts: 5, samples: 2 },
    });
    expect(decodeExperiment(encodeExperiment(experiment))).toEqual({ ok: true, value: experiment });
  });

  test('keeps what is measured on the way', () => {
    const experiment = experimentOf({
      ...defaultExperiment(false),
      measure: { at: [0, 5], kinds: ['probe', 'drive'], prompts: 16, samples: 8 },
    });
    expect(experiment.measure).not.toBeNull();
    expect(decodeExperiment(encodeExperiment(experiment))).toEqual({ ok: true, value: experiment });
  });

  test('holds only letters that a link may hold, and stays short', () => {
    const text = encodeExperiment(defaultExperiment(false));
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(text.length).toBeLessThan(700);
  });

  test('is far below the limit with eight arms and every number changed', () => {
    const set = Object.fromEntries(
      schema
        .filter((knob) => knob.type === 'number' && knob.acts === 'live')
        .map((knob) => [knob.key, knob.type === 'number' ? knob.usual[1] : 0]),
    );
    const arms = Array.from({ length: 8 }, (_, i) => ({ name: `arm ${i}`, set }));
    const text = encodeExperiment({ ...defaultExperiment(false), arms });
    expect(text.length).toBeLessThan(LONGEST_LINK / 2);
  });

  test('is refused by name where it was cut, changed or made too long', () => {
    const text = encodeExperiment(defaultExperiment(false));
    expect(refusal(text.slice(0, -9))).toMatch(/cut off|JSON|holds no experiment/);
    expect(refusal(`${text}!`)).toMatch(/letters that do not belong/);
    expect(refusal('A'.repeat(LONGEST_LINK + 1))).toMatch(/20000 is the limit/);
    expect(refusal('')).toMatch(/letters/);
    const hostile = Buffer.from('{"base":{"steps":-1,"__proto__":{"x":1}}}').toString('base64url');
    expect(refusal(hostile)).toMatch(/__proto__/);
    expect(refusal(Buffer.from('{"base":{"steps":-1}}').toString('base64url'))).toMatch(/steps/);
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        decodeExperiment(text);
        decodeExperiment(Buffer.from(text).toString('base64url'));
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        decodeExperiment(Buffer.from(text).toString('base64url'));
      }),
    );
  });
});
