/**
 * The shaders as people read them. Load lazily: it holds the text of every file. A file is what src/gpu compiles, so what
 * is shown is what runs.
 */

export interface ShaderFile {
  /** "policy_loss", "lib/exp". */
  readonly name: string;
  /** First sentence of the header, after the name. */
  readonly title: string;
  /** The rest of the header: formula, source, layout and shapes, as written. */
  readonly header: string;
  /** Everything after the header. */
  readonly code: string;
  /** Entry points; none in a shared part. */
  readonly entries: readonly string[];
  /** Numbers of docs/math.md that this file computes. */
  readonly equations: readonly string[];
}

const texts = import.meta.glob<string>('../shaders/**/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Where docs/math.md names the file, by number; a test holds this to the document. */
export const EQUATIONS: Readonly<Record<string, readonly string[]>> = {
  adamw: ['45', '46'],
  attention: ['5', '12'],
  attention_decode: ['5'],
  embedding: ['1', '14'],
  'lib/clip': ['76'],
  'lib/exp': ['17'],
  'lib/row_softmax': ['15', '16'],
  'lib/token_loss': ['26', '63', '82'],
  'lib/threefry': ['18'],
  matmul: ['3', '9'],
  policy_loss: ['39'],
  reduce: ['44'],
  rmsnorm: ['2', '10'],
  rope: ['4', '11'],
  sample: ['18'],
  softmax: ['15'],
  swiglu: ['6', '13'],
  token_selection: ['64', '67'],
  token_stats: ['15'],
  vocab_parts: ['102'],
};

/** Every shader; shared parts last. */
export const shaderFiles: readonly ShaderFile[] = Object.entries(texts)
  .map(([path, text]) => readShader(path.replace('../shaders/', '').replace('.wgsl', ''), text))
  .sort((a, b) => Number(isShared(a)) - Number(isShared(b)) || a.name.localeCompare(b.name));

export function isShared({ name }: ShaderFile): boolean {
  return name.startsWith('lib/');
}

/** Takes a shader's text apart. */
export function readShader(name: string, text: string): ShaderFile {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  const comment = lines.slice(0, end < 0 ? lines.length : end).map((l) => l.replace(/^\/\/ ?/, ''));
  const code = end < 0 ? '' : lines.slice(end).join('\n').trim();
  // The first sentence may run over several lines; formulas begin after an empty one.
  const gap = comment.indexOf('');
  const opening = comment.slice(0, gap < 0 ? comment.length : gap).join(' ');
  const [title = '', ...more] = opening.replace(/^[\w/]+: /, '').split(/(?<=\.)\s+(?=[A-Z])/);
  const rest = gap < 0 ? [] : comment.slice(gap + 1);
  return {
    name,
    title,
    header: [more.join(' '), '', ...rest].join('\n').replace(/^\n+|\s+$/g, ''),
    code,
    entries: [...code.matchAll(/@compute[^{]*?\bfn\s+(\w+)/g)].flatMap(([, entry]) => entry ?? []),
    equations: EQUATIONS[name] ?? [],
  };
}
