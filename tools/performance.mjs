/**
 * `npm run performance`: writes the tables of docs/performance.md from bench/results. The text around them is written by
 * hand; a table stands between <!-- table: NAME --> and <!-- end -->.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const document = join(root, 'docs', 'performance.md');
const results = join(root, 'bench', 'results');

/**
 * What was to be reached. `times`: the peer's time by ours, to be as large as possible; `share`: our time by the peer's, to
 * be as small as possible.
 */
const GOALS = [
  ['train-11k', 'jax-js', 'times', 3, 6],
  ['train-11k', 'tfjs', 'times', 20, 40],
  ['train-105k', 'jax-js', 'times', 2, 3],
  ['train-105k', 'tfjs', 'times', 12, 20],
  ['matmul-256', 'jax-js', 'times', 1.7, 2.5],
  ['matmul-256', 'tfjs', 'times', 6, 10],
  ['matmul-512', 'jax-js', 'times', 1.7, 2.5],
  ['matmul-512', 'tfjs', 'times', 6, 10],
  ['softmax-2048x32', 'jax-js', 'times', 3, 5],
  ['rlvr-step', 'jax-js', 'share', 3, 1.3],
  ['first-step', 'jax-js', 'share', 0.4, 0.2],
  ['arms-8', '8 x one arm', 'share', 1, 0.4],
];

const PEERS = ['jax-js', 'tfjs', 'ORT-web'];

/** The text with every table made anew. `places` are the files of bench/results. */
export function withTables(text, places) {
  const tables = {
    places: placesTable,
    goals: goalsTable,
    ratios: ratiosTable,
    counts: countsTable,
    growth: growthTable,
    torch: torchTable,
    kernels: kernelsTable,
    scale: scaleTable,
    soak: soakTable,
  };
  return text.replace(/<!-- table: (\w+) -->\n[^]*?<!-- end -->/g, (_, name) => {
    const table = tables[name];
    if (!table) throw new Error(`docs/performance.md asks for a table ${name}, which nobody makes`);
    return `<!-- table: ${name} -->\n\n${table(places) || 'Not measured yet.'}\n\n<!-- end -->`;
  });
}

/** Every file of results but those of quick runs, in the order of their names, with `name` (the file's). */
export function readPlaces(folder = results) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.quick.json'))
    .sort()
    .map((file) => ({
      ...JSON.parse(readFileSync(join(folder, file), 'utf8')),
      name: file.slice(0, -'.json'.length),
    }))
    .filter(({ machine, results: measured }) => machine && measured);
}

const isTorch = ({ name }) => name.endsWith('-torch');
const ofEngine = (places) => places.filter((place) => !isTorch(place));

/** A number with about three digits that mean something. */
function short(value) {
  if (!Number.isFinite(value)) return '-';
  if (value !== 0 && Math.abs(value) < 0.01) return value.toExponential(0);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(value)))));
  return value.toFixed(decimals);
}

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function placesTable(places) {
  const rows = places.map(({ name, machine, results: measured }) => {
    const days = Object.values(measured).map(({ made }) => made.slice(0, 10));
    const { adapter, device, processor, cores } = machine;
    const on = adapter ? adapter.description || adapter.architecture : device;
    const cpu = processor ? `${processor}, ${cores} cores` : '';
    return [name, machine.place, on, cpu, days.sort().at(-1) ?? ''];
  });
  return table(['name', 'place', 'adapter', 'processor', 'measured'], rows);
}

function goalsTable(places) {
  const rows = ofEngine(places).flatMap(({ name, results: measured }) =>
    GOALS.flatMap(([test, peer, kind, least, goal]) => {
      const ratio = measured[test]?.ratios[peer];
      if (!ratio) return [];
      const value = kind === 'times' ? ratio.median : 1 / ratio.median;
      const reaches = (bound) => (kind === 'times' ? value >= bound : value <= bound);
      const verdict = reaches(goal) ? 'goal reached' : reaches(least) ? 'enough' : 'missed';
      const meaning = kind === 'times' ? `${peer} / ours` : `ours / ${peer}`;
      return [[test, meaning, name, short(value), least, goal, verdict]];
    }),
  );
  return table(['case', 'times compared', 'name', 'median', 'at least', 'goal', 'verdict'], rows);
}

function ratiosTable(places) {
  const rows = ofEngine(places).flatMap(({ name, results: measured }) =>
    Object.values(measured).flatMap(({ name: test, rounds, ratios, contestants }) => {
      if (!ratios || !PEERS.some((peer) => peer in ratios)) return [];
      const cells = PEERS.map((peer) => {
        const ratio = ratios[peer];
        if (!ratio) return '';
        return `${short(ratio.median)} (${short(ratio.lowest)} to ${short(ratio.highest)})`;
      });
      const gaps = contestants.map(({ difference }) => difference).filter((gap) => gap !== null);
      const gap = gaps.length > 0 ? Math.max(...gaps).toExponential(0) : '';
      return [[test, name, rounds, ...cells, gap]];
    }),
  );
  return table(['case', 'name', 'rounds', ...PEERS, 'largest difference'], rows);
}

function countsTable(places) {
  const keys = ['dispatches', 'passes', 'submits', 'buffers', 'bindGroups', 'writes', 'readbacks'];
  const wanted = ['train-11k', 'train-105k', 'generation'];
  // Counts are the same everywhere: those of the first place that has them.
  const place = ofEngine(places).find(({ results: measured }) =>
    wanted.some((test) => measured[test]),
  );
  const rows = wanted.flatMap((test) =>
    (place?.results[test]?.contestants ?? []).flatMap(({ name, counts }) =>
      counts ? [[test, name, ...keys.map((key) => counts[key])]] : [],
    ),
  );
  return table(
    ['case', '', ...keys.map((key) => (key === 'bindGroups' ? 'bind groups' : key))],
    rows,
  );
}

function growthTable(places) {
  const rows = ofEngine(places).flatMap(({ name, results: measured }) =>
    Object.values(measured).flatMap((result) => {
      if (!result.points) return [];
      const [first] = result.points;
      const course = (phase) =>
        result.points.map((point) => short(point[`${phase}_ms`] / first[`${phase}_ms`])).join(', ');
      const fit = (phase) => {
        const { all, upper } = result[phase];
        return `${short(all?.exponent ?? NaN)} (${short(upper?.exponent ?? NaN)})`;
      };
      const last = result.points.at(-1);
      const aboveFloor = (phase) => short(last[`${phase}_ms`] / last[`${phase}_floor_ms`]);
      return [
        [
          result.about,
          name,
          result.points.map(({ x }) => x).join(', '),
          ...['generation', 'update'].flatMap((p) => [course(p), fit(p), aboveFloor(p)]),
        ],
      ];
    }),
  );
  const head = ['generation', 'exponent', 'by floor', 'update', 'exponent', 'by floor'];
  return table(['size', 'name', 'values', ...head], rows);
}

function kernelsTable(places) {
  const rows = ofEngine(places).flatMap(({ name, results: measured }) =>
    Object.values(measured).flatMap((result) =>
      (result.kernels ?? []).map(({ kernel, dispatches, mflop, ms, floor_ms }) => [
        ...[result.name, name, `\`${kernel}\``, dispatches, short(mflop), short(ms)],
        ...[short(mflop / ms), short(floor_ms), short(ms / floor_ms)],
      ]),
    ),
  );
  const sizes = ['case', 'name', 'kernel', 'dispatches', 'MFLOP', 'ms'];
  return table([...sizes, 'GFLOP/s', 'floor ms', 'by floor'], rows);
}

function soakTable(places) {
  const megabytes = (bytes) => (bytes === null ? '' : (bytes / 1e6).toFixed(1));
  const rows = ofEngine(places).flatMap(({ name, results: { soak } }) =>
    soak === undefined
      ? []
      : [
          [
            ...[name, soak.steps.toLocaleString('en'), short(soak.first_ms), short(soak.last_ms)],
            ...[soak.buffers_created, soak.bind_groups_created],
            ...[megabytes(soak.heap_first_bytes), megabytes(soak.heap_last_bytes)],
          ],
        ],
  );
  const times = ['first tenth, ms a step', 'last tenth, ms a step'];
  const made = ['buffers made', 'bind groups made', 'heap MB after a tenth', 'heap MB at the end'];
  return table(['name', 'steps', ...times, ...made], rows);
}

function scaleTable(places) {
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
  const rows = ofEngine(places).flatMap(({ name, results: measured }) =>
    Object.values(measured).flatMap((result) => {
      if (!result.parameters) return [];
      const { parameters, rows: rollouts, length, passes, bytes, estimated_bytes } = result;
      const { vocabulary = 512, whole_bytes = estimated_bytes } = result;
      const numbers = [parameters, vocabulary].map((n) => n.toLocaleString('en'));
      const size = [...numbers, `${rollouts} x ${length}`, passes];
      const held = [mib(estimated_bytes), mib(bytes), (bytes / estimated_bytes).toFixed(3)];
      held.push(mib(whole_bytes));
      const seconds = ['generation_ms', 'update_ms'].map((key) => short(result[key] / 1000));
      return [[name, ...size, ...held, ...seconds]];
    }),
  );
  const memory = ['estimated MiB', 'held MiB', 'held / estimated', 'with all logits MiB'];
  const times = ['generation s', 'update s'];
  return table(
    ['name', 'parameters', 'vocabulary', 'rollouts', 'passes', ...memory, ...times],
    rows,
  );
}

function torchTable(places) {
  const rows = places.filter(isTorch).flatMap(({ name, results: measured }) => {
    const ours = places.find((place) => place.name === name.replace(/torch$/, 'node'));
    return Object.entries(measured).flatMap(([test, { contestants }]) => {
      const own = ours?.results[test]?.contestants[0]?.median_ms;
      if (own === undefined) return [];
      return [[test, name, ...contestants.map(({ median_ms }) => short(median_ms / own))]];
    });
  });
  return table(['case', 'name', 'PyTorch eager / ours', 'compiled in CUDA graphs / ours'], rows);
}

if (
  process.argv[1] &&
  realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))
) {
  writeFileSync(document, withTables(readFileSync(document, 'utf8'), readPlaces()));
}
