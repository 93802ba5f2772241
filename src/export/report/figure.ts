/** A line of a figure. */
export interface FigureLine {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Lowest and highest value at each x; null draws no band. */
  readonly band: readonly (readonly [low: number, high: number])[] | null;
}

export interface Figure {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly FigureLine[];
}

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 56;
const RIGHT = 190;
const TOP = 36;
const BOTTOM = 48;
const LABEL_GAP = 15;
const LONGEST_LABEL = 26;

/** After Okabe and Ito, darkened for white paper and lightened for black: the arms' colours of the page. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ['#0067a8', '#5cb3f0'],
  ['#c04700', '#ff9560'],
  ['#00755a', '#3ccba0'],
  ['#a03c7c', '#e894c6'],
  ['#7d5a00', '#e3b74e'],
  ['#5450c4', '#a9a8ff'],
  ['#4d4d49', '#c6c5c0'],
  ['#ad2338', '#ff9199'],
];
/** Solid first; together with the colours no two of 64 lines look the same. */
const DASHES = ['none', '9 4', '2.5 4', '12 4 2.5 4', '5 3', '16 4', '2 2', '8 3 2 3 2 3'];

/**
 * A line chart as an SVG file that stands by itself: it follows the reader's light or dark preference and brings its
 * own background, so that it can be read on either. Every line has a dash of its own and its name at its end.
 */
export function drawFigure({ title, xLabel, yLabel, lines }: Figure): string {
  const xTicks = ticks(lines.flatMap(({ x }) => x));
  const yTicks = ticks(lines.flatMap(({ y, band }) => [...y, ...(band ?? []).flat()]));
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const toX = scale(xTicks, LEFT, right);
  const toY = scale(yTicks, bottom, TOP);
  const ends = lines.map(({ y }) => toY(y.at(-1) ?? 0));
  const labels = apart(ends, LABEL_GAP, TOP, bottom);
  const text = (x: number, y: number, content: string, more = '') =>
    `<text x="${short(x)}" y="${short(y)}"${more}>${escapeXml(content)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t">`,
    `<title id="t">${escapeXml(title)}</title>`,
    `<style>${styles(lines.length)}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(LEFT, 20, title, ' class="title"'),
    ...yTicks.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${short(toY(tick))}H${right}"/>`,
      text(LEFT - 8, toY(tick) + 4, tickText(tick, yTicks), ' text-anchor="end"'),
    ]),
    ...xTicks.map((tick) =>
      text(toX(tick), bottom + 18, tickText(tick, xTicks), ' text-anchor="middle"'),
    ),
    text((LEFT + right) / 2, HEIGHT - 10, xLabel, ' text-anchor="middle"'),
    text(
      14,
      (TOP + bottom) / 2,
      yLabel,
      ` text-anchor="middle" transform="rotate(-90 14 ${(TOP + bottom) / 2})"`,
    ),
    ...lines.map(({ x, band }, i) =>
      band === null
        ? ''
        : `<path class="b${i}" d="${bandPath(
            x.map(toX),
            band.map(([low, high]) => [toY(low), toY(high)]),
          )}"/>`,
    ),
    ...lines.flatMap(({ name, x, y }, i) => {
      const endX = toX(x.at(-1) ?? 0);
      const label = labels[i] ?? 0;
      return [
        `<path class="l${i}" d="${linePath(x.map(toX), y.map(toY))}"/>`,
        `<path class="lead l${i}" d="M${short(endX)} ${short(ends[i] ?? 0)}L${right + 14} ${short(label)}"/>`,
        text(right + 18, label + 4, cut(name), ` class="n${i}"`),
      ];
    }),
    '</svg>',
    '',
  ]
    .filter((line, i, all) => line !== '' || i === all.length - 1)
    .join('\n');
}

function styles(lines: number): string {
  const colour = (i: number, theme: 0 | 1) => COLOURS[i % COLOURS.length]?.[theme] ?? '#808080';
  // The dashes move on by one with every round of the colours.
  const dash = (i: number) =>
    DASHES[(i + Math.floor(i / COLOURS.length)) % DASHES.length] ?? 'none';
  const indices = Array.from({ length: lines }, (_, i) => i);
  const coloured = (theme: 0 | 1) =>
    indices.map((i) => `.l${i}{stroke:${colour(i, theme)}}.b${i},.n${i}{fill:${colour(i, theme)}}`);
  return [
    'text{font:12px system-ui,sans-serif;fill:#1a1a18}.title{font-weight:600;font-size:13px}',
    '.paper{fill:#fff}.grid{stroke:#d8d6cf}path{fill:none;stroke-width:2}.grid{stroke-width:1}',
    ...indices.map(
      (i) => `.l${i}{stroke-dasharray:${dash(i)}}.b${i}{fill-opacity:.14;stroke:none}`,
    ),
    '.lead{stroke-width:1;stroke-dasharray:none;stroke-opacity:.5}',
    ...coloured(0),
    `@media(prefers-color-scheme:dark){text{fill:#ecebe7}.paper{fill:#131416}.grid{stroke:#35373b}${coloured(1).join('')}}`,
  ].join('');
}

/** Round numbers that enclose all values, four to eight of them. */
export function ticks(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  if (finite.length === 0) return [0, 1];
  const range = high > low ? high - low : Math.abs(high) || 1;
  const magnitude = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * magnitude).find((s) => range / s <= 6) ?? range;
  const start = Math.floor(low / step + 1e-9);
  const end = Math.max(start + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: end - start + 1 }, (_, i) =>
    Number(((start + i) * step).toPrecision(12)),
  );
}

function tickText(tick: number, all: readonly number[]): string {
  const step = (all[1] ?? 1) - (all[0] ?? 0);
  const decimals = Array.from({ length: 7 }, (_, d) => d).find(
    (d) => Math.abs(step - Number(step.toFixed(d))) < 1e-9,
  );
  return tick.toFixed(decimals ?? 6).replace('-', '−');
}

function scale(range: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [range[0] ?? 0, range.at(-1) ?? 1];
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** Positions at least `gap` apart in their order, moved as little as one pass down and one up allow. */
export function apart(
  positions: readonly number[],
  gap: number,
  least: number,
  most: number,
): number[] {
  const order = positions
    .map((_, i) => i)
    .sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const moved = [...positions];
  let limit = least;
  for (const i of order) {
    moved[i] = Math.max(moved[i] ?? 0, limit);
    limit = moved[i] + gap;
  }
  limit = most;
  for (const i of order.reverse()) {
    moved[i] = Math.min(moved[i] ?? 0, limit);
    limit = moved[i] - gap;
  }
  return moved;
}

function linePath(x: readonly number[], y: readonly number[]): string {
  return x.map((at, i) => `${i === 0 ? 'M' : 'L'}${short(at)} ${short(y[i] ?? 0)}`).join('');
}

function bandPath(x: readonly number[], band: readonly (readonly number[])[]): string {
  const upper = x.map((at, i) => [at, band[i]?.[1] ?? 0] as const);
  const lower = x.map((at, i) => [at, band[i]?.[0] ?? 0] as const).reverse();
  return `${[...upper, ...lower].map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${short(a)} ${short(b)}`).join('')}Z`;
}

const short = (value: number) => String(Number(value.toFixed(1)));

/** A name as it fits beside the plot. */
function cut(name: string): string {
  return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
