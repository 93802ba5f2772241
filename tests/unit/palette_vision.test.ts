import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawFigure } from '../../src/export/report/figure';
import { MOST_ARMS } from '../../src/recipe/experiment_parts';
import { MOST_ARMS as MOST_DRAWN } from '../../src/store/experiment_files';
import { armColour, armDash, COLOURS } from '../../src/ui/palette';

/** The numbers are those of the page's own style sheet, so that what is measured is what is drawn. */
const css = readFileSync(new URL('../../src/ui/styles/tokens.css', import.meta.url), 'utf8');

const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** WCAG 2.1, 1.4.11: what a graphic needs to be understood. */
const LEAST_CONTRAST = 3;
/** WCAG 2.1, 1.4.3: each curve's name stands at its end in the curve's colour. */
const LEAST_TEXT_CONTRAST = 4.5;
/** CIEDE2000. 1 is about the least that is seen side by side; thin lines that lie apart need several times that. */
const LEAST_DIFFERENCE = 10;

/** Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB. */
const VISIONS = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies Record<string, Matrix>;
type Vision = keyof typeof VISIONS;

/** A colour of the style sheet in one theme, as linear RGB. */
function token(name: string, theme: Theme): Triple {
  const found = new RegExp(
    `${name}:\\s*light-dark\\(\\s*(#[0-9a-f]{6})\\s*,\\s*(#[0-9a-f]{6})\\s*\\)`,
    'i',
  ).exec(css);
  const hex = found?.[theme === 'light' ? 1 : 2];
  if (hex === undefined) throw new Error(`the style sheet has no ${name} of two colours`);
  return linear(hex);
}

function linear(hex: string): Triple {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** The colour an arm of this place is drawn in. */
function armRgb(index: number, theme: Theme): Triple {
  const name = /^var\((--arm-\d+)\)$/.exec(armColour(index))?.[1];
  if (name === undefined) throw new Error(`arm ${index} has no colour of the style sheet`);
  return token(name, theme);
}

const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (matrix: Matrix, v: Triple): Triple => [
  dot(matrix[0], v),
  dot(matrix[1], v),
  dot(matrix[2], v),
];

function seenBy(vision: Vision, rgb: Triple): Triple {
  const [r, g, b] = times(VISIONS[vision], rgb);
  const within = (value: number) => Math.min(1, Math.max(0, value));
  return [within(r), within(g), within(b)];
}

const luminance = (rgb: Triple) => dot([0.2126, 0.7152, 0.0722], rgb);

function contrast(a: Triple, b: Triple): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

/** CIELAB under D65. */
function lab(rgb: Triple): Triple {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    rgb,
  );
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (t * (24389 / 27) + 16) / 116);
  const [x, y, z] = [f(xyz[0] / 0.95047), f(xyz[1]), f(xyz[2] / 1.08883)];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIEDE2000 after Sharma, Wu and Dalal 2005, with all weights 1. */
function difference([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const degrees = (angle: number) => (angle * Math.PI) / 180;
  const high = (value: number) => Math.sqrt(value ** 7 / (value ** 7 + 25 ** 7));
  const g = 0.5 * (1 - high((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2));
  const [c1, c2] = [Math.hypot((1 + g) * a1, b1), Math.hypot((1 + g) * a2, b2)];
  const hue = (a: number, b: number) => {
    const angle = (Math.atan2(b, (1 + g) * a) * 180) / Math.PI;
    return angle < 0 ? angle + 360 : angle;
  };
  const [h1, h2] = [hue(a1, b1), hue(a2, b2)];
  const grey = c1 * c2 === 0;
  const apart = h2 - h1;
  const turn = grey ? 0 : Math.abs(apart) <= 180 ? apart : apart > 180 ? apart - 360 : apart + 360;
  const sum = h1 + h2;
  const meanHue = grey
    ? sum
    : Math.abs(apart) <= 180
      ? sum / 2
      : sum < 360
        ? (sum + 360) / 2
        : (sum - 360) / 2;
  const [meanL, meanC] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const t =
    1 -
    0.17 * Math.cos(degrees(meanHue - 30)) +
    0.24 * Math.cos(degrees(2 * meanHue)) +
    0.32 * Math.cos(degrees(3 * meanHue + 6)) -
    0.2 * Math.cos(degrees(4 * meanHue - 63));
  const lightness =
    (l2 - l1) / (1 + (0.015 * (meanL - 50) ** 2) / Math.sqrt(20 + (meanL - 50) ** 2));
  const chroma = (c2 - c1) / (1 + 0.045 * meanC);
  const tone = (2 * Math.sqrt(c1 * c2) * Math.sin(degrees(turn / 2))) / (1 + 0.015 * meanC * t);
  const rotation =
    -2 * high(meanC) * Math.sin(degrees(60 * Math.exp(-(((meanHue - 275) / 25) ** 2))));
  return Math.sqrt(lightness ** 2 + chroma ** 2 + tone ** 2 + rotation * chroma * tone);
}

const differenceTo = (vision: Vision, a: Triple, b: Triple) =>
  difference(lab(seenBy(vision, a)), lab(seenBy(vision, b)));

/** A dash pattern by its numbers; none for a solid line. */
const lengths = (dash: string) =>
  dash === 'none'
    ? ''
    : dash
        .trim()
        .split(/[\s,]+/)
        .map(Number)
        .join(' ');

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
const pairs = (count: number) =>
  indices(count).flatMap((i) => indices(i).map((j) => [j, i] as const));

/** Pairs of things that look the same, by place. */
const alike = (looks: readonly string[]) =>
  pairs(looks.length)
    .filter(([i, j]) => looks[i] === looks[j])
    .map(([i, j]) => `${i} and ${j}`);

describe('the ruler', () => {
  // Pairs of the supplement of Sharma, Wu and Dalal 2005: each takes another branch of the formula.
  test.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1, 2], [50, 0, 0], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)('CIEDE2000 of %j and %j is %d', (a, b, expected) => {
    expect(difference(a, b)).toBeCloseTo(expected, 4);
    expect(difference(b, a)).toBeCloseTo(expected, 4);
  });

  test('contrast runs from 1 to 21', () => {
    expect(contrast(linear('#000000'), linear('#ffffff'))).toBeCloseTo(21);
    expect(contrast(linear('#777777'), linear('#ffffff'))).toBeCloseTo(4.48, 2);
    expect(contrast(linear('#777777'), linear('#777777'))).toBe(1);
  });

  test.each(Object.keys(VISIONS) as Vision[])('%s leaves white and grey as they are', (vision) => {
    for (const grey of ['#ffffff', '#808080'])
      expect(differenceTo('normal', seenBy(vision, linear(grey)), linear(grey))).toBeLessThan(0.1);
  });

  test('each simulation takes away what its eyes do not tell apart, and little else', () => {
    // Brown and olive, blue and green: near to a line of confusion, and easy to tell apart otherwise.
    const confused = {
      protanopia: ['#8c6d00', '#5a7a10'],
      deuteranopia: ['#a06000', '#6f7a00'],
      tritanopia: ['#3f8fd0', '#00a07f'],
    } as const;
    for (const vision of ['protanopia', 'deuteranopia', 'tritanopia'] as const) {
      const [a, b] = confused[vision].map(linear) as [Triple, Triple];
      expect(differenceTo(vision, a, b)).toBeLessThan(0.6 * differenceTo('normal', a, b));
    }
    const [blue, yellow] = [linear('#0000ff'), linear('#ffff00')];
    expect(differenceTo('protanopia', blue, yellow)).toBeGreaterThan(50);
    expect(differenceTo('deuteranopia', blue, yellow)).toBeGreaterThan(50);
    const [red, cyan] = [linear('#ff0000'), linear('#00ffff')];
    expect(differenceTo('tritanopia', red, cyan)).toBeGreaterThan(50);
  });
});

describe.each(THEMES)('the palette in the %s theme', (theme) => {
  const colours = indices(COLOURS).map((i) => armRgb(i, theme));

  test('no two arms of one round have one colour, and none is without', () => {
    expect(new Set(colours.map((rgb) => rgb.join())).size).toBe(COLOURS);
  });

  // What charts, tables and dialogs stand on.
  test.each(['--paper', '--raised'])('curves and their names stand out from %s', (ground) => {
    const contrasts = colours.map((rgb) => contrast(rgb, token(ground, theme)));
    expect(contrasts.filter((value) => !(value >= LEAST_CONTRAST))).toEqual([]);
    expect(contrasts.filter((value) => !(value >= LEAST_TEXT_CONTRAST))).toEqual([]);
  });

  test.each(Object.keys(VISIONS) as Vision[])(
    'with %s, arms of similar colours have different dashes',
    (vision) => {
      const similar = pairs(COLOURS).flatMap(([i, j]) => {
        const [a, b] = [armRgb(i, theme), armRgb(j, theme)];
        const apart = differenceTo(vision, a, b);
        return apart < LEAST_DIFFERENCE ? [{ arms: [i, j] as const, apart }] : [];
      });
      const confused = similar.filter(
        ({ arms: [i, j] }) => lengths(armDash(i)) === lengths(armDash(j)),
      );
      expect(confused).toEqual([]);
    },
  );
});

describe('no two arms share both colour and dash', () => {
  const looks = (count: number) =>
    indices(count).map((i) => `${armColour(i)} ${lengths(armDash(i))}`);

  test('of as many as the page takes up', () => {
    expect(alike(looks(MOST_DRAWN))).toEqual([]);
  });

  test('of as many as an experiment may have', () => {
    expect(alike(looks(MOST_ARMS))).toEqual([]);
  });

  test.each(THEMES)("of as many in a report's figure, in the %s theme", (theme) => {
    const lines = indices(MOST_ARMS).map((i) => ({
      name: `arm ${i}`,
      x: [0, 1],
      y: [0, i],
      band: null,
    }));
    const svg = drawFigure({ title: 'Entropy', xLabel: 'step', yLabel: 'nats', lines });
    // The rules of the dark theme come second and override the first.
    const rule = (i: number, property: string) =>
      [...svg.matchAll(new RegExp(`\\.l${i}\\{${property}:([^}]+)\\}`, 'g'))].map(([, is]) => is);
    const drawn = indices(MOST_ARMS).map((i) => {
      const [light, dark] = rule(i, 'stroke');
      const colour = theme === 'light' ? light : dark;
      const dash = rule(i, 'stroke-dasharray')[0];
      if (colour === undefined || dash === undefined) throw new Error(`line ${i} has no style`);
      if (i < COLOURS) expect(linear(colour)).toEqual(armRgb(i, theme));
      return `${colour} ${lengths(dash)}`;
    });
    expect(alike(drawn)).toEqual([]);
  });
});
