import latin from '@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2';
import greek from '@fontsource-variable/source-sans-3/files/source-sans-3-greek-wght-normal.woff2';

import { armColour, armDash } from '../palette';
import type { Curve } from './plot';

/** A chart as a file of its own: SVG text and its size in CSS pixels. */
export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** What the page says around the curves. */
export interface Caption {
  readonly title: string;
  readonly unit: string;
  /** Colours as CSS knows them on the page; left out where names stand at the curves. */
  readonly legend: readonly {
    readonly name: string;
    readonly colour: string;
    readonly dash: string;
  }[];
}

/** The entries of a legend for such curves. */
export function legendEntries(curves: readonly Curve[]): Caption['legend'] {
  return curves.map(({ name, arm, dash }) => ({
    name,
    colour: armColour(arm.colour),
    dash: dash ?? armDash(arm.colour),
  }));
}

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = 16;
const FONT_SIZE = 13;
const SWATCH = 26;
const LINE = 20;
/** Device pixels for a CSS pixel, so that a slide can show it large. */
const SCALE = 2;

/** What style sheets decide: written into each element, since they do not travel with the file. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'paint-order',
] as const;

/** Belongs to the page: what the pointer does, and what a style sheet or a script looks for. */
const LEFT_OUT = '.hover-layer, .select-layer, .recharts-tooltip-cursor, .recharts-active-dot';
const ATTRIBUTE_LEFT_OUT = /^(class|style|role|tabindex|aria-.*|data-.*|on.*)$/;

/** The chart as it is drawn now, with its title and legend, in the page's present colours. */
export function pictureOf(plot: SVGSVGElement, caption: Caption): Picture {
  const { width, height } = plot.getBoundingClientRect();
  const page = getComputedStyle(document.body);
  const legend = plot.querySelector('.arm-label') === null ? caption.legend : [];
  const places = legendPlaces(legend, width, page.fontFamily);
  const rows = Math.max(0, ...places.map(({ row }) => row + 1));
  const head = 2 * MARGIN + 2 * LINE + rows * LINE;

  const picture = document.createElementNS(SVG, 'svg');
  const size = { width: width + 2 * MARGIN, height: height + head };
  set(picture, { ...size, viewBox: `0 0 ${size.width} ${size.height}` });
  picture.setAttribute('font-family', page.fontFamily);
  picture.append(
    shape('rect', { ...size, fill: page.backgroundColor }),
    text(caption.title, MARGIN, MARGIN + 14, {
      fill: page.color,
      'font-size': 17,
      'font-weight': 600,
    }),
    text(caption.unit, MARGIN, MARGIN + 14 + LINE, { fill: page.color, 'font-size': FONT_SIZE }),
  );
  for (const { name, colour, dash, x, row } of places) {
    const y = MARGIN + 14 + (row + 2) * LINE;
    const stroke = resolved(colour);
    const line = { x1: x, x2: x + SWATCH, y1: y - 4, y2: y - 4, stroke, 'stroke-width': 2.75 };
    picture.append(
      shape('line', { ...line, 'stroke-dasharray': dash }),
      text(name, x + SWATCH + 6, y, { fill: page.color, 'font-size': FONT_SIZE }),
    );
  }
  // What is drawn in units of its own is shown as large as on the page.
  const own = plot.viewBox.baseVal?.width ?? 0;
  const scale = own > 0 ? ` scale(${width / own})` : '';
  const inner = shape('g', { transform: `translate(${MARGIN} ${head - MARGIN})${scale}` });
  for (const child of plot.children) {
    const copied = copy(child);
    if (copied !== null) inner.append(copied);
  }
  picture.append(inner);
  return { svg: new XMLSerializer().serializeToString(picture), ...size };
}

/** The picture in pixels. Rejects where the browser cannot draw it. */
export async function toPng(picture: Picture): Promise<Blob> {
  const svg = picture.svg.replace('>', `><style>${await fontFaces()}</style>`);
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml;charset=utf-8' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * SCALE);
    canvas.height = Math.round(picture.height * SCALE);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('the browser gives no 2D canvas');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('the browser writes no PNG'));
        else resolve(blob);
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** An image sees no font of the page: the page's own comes along. */
async function fontFaces(): Promise<string> {
  const faces = await Promise.all([face(latin, ''), face(greek, 'unicode-range:U+0370-03FF;')]);
  return faces.join('');
}

async function face(file: string, range: string): Promise<string> {
  const font = await (await fetch(file)).blob();
  const bytes = new Uint8Array(await font.arrayBuffer());
  const address = `data:font/woff2;base64,${btoa(String.fromCharCode(...bytes))}`;
  return `@font-face{font-family:'Source Sans 3 Variable';font-weight:200 900;${range}src:url(${address})}`;
}

/** A copy with its computed style as attributes; null of what is left out. */
function copy(element: Element): Element | null {
  if (element.matches(LEFT_OUT)) return null;
  const copied = document.createElementNS(SVG, element.localName);
  for (const { name, value } of element.attributes) {
    if (!ATTRIBUTE_LEFT_OUT.test(name)) copied.setAttribute(name, value);
  }
  const style = getComputedStyle(element);
  for (const name of STYLES) copied.setAttribute(name, style.getPropertyValue(name));
  for (const child of element.childNodes) {
    if (child instanceof Text) copied.append(child.data);
    else if (child instanceof Element) {
      const inner = copy(child);
      if (inner !== null) copied.append(inner);
    }
  }
  return copied;
}

/** Where the legend's entries stand: one after another, as many a row as fit. */
function legendPlaces(legend: Caption['legend'], width: number, font: string) {
  const context = document.createElement('canvas').getContext('2d');
  if (context !== null) context.font = `${FONT_SIZE}px ${font}`;
  let x = MARGIN;
  let row = 0;
  return legend.map((entry) => {
    const measured = context?.measureText(entry.name).width ?? entry.name.length * 7;
    const room = SWATCH + 6 + measured + 18;
    if (x > MARGIN && x + room > width + MARGIN) {
      x = MARGIN;
      row += 1;
    }
    const place = { ...entry, x, row };
    x += room;
    return place;
  });
}

/** A colour of the page's style sheet as the theme has it. */
function resolved(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function text(content: string, x: number, y: number, attributes: Attributes): Element {
  const element = shape('text', { x, y, ...attributes });
  element.textContent = content;
  return element;
}

type Attributes = Readonly<Record<string, string | number>>;

function shape(name: string, attributes: Attributes): Element {
  const element = document.createElementNS(SVG, name);
  set(element, attributes);
  return element;
}

function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
