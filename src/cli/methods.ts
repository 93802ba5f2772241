import { METHODS, type Method } from '../recipe/methods';
import { readArgs, refuse, type Command } from './options';

const WIDTH = 100;

export const methodsCommand: Command = {
  name: 'methods',
  usage: 'methods [WORD...] [--json]',
  summary: 'explain every method a recipe can choose, with its settings and source',
  help: [
    'Words choose methods by id or title. Without words: a line for each. The settings are what to put into a recipe or',
    'into an arm\'s "set"; formulas are numbered as in docs/math.md.',
  ],
  run(args) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' } });
    const words = positionals.map((word) => word.toLowerCase());
    const named = ({ id, title }: Method) =>
      words.every((word) => `${id} ${title}`.toLowerCase().includes(word));
    const found = METHODS.filter(named);
    if (found.length === 0) refuse('WORD', `no method is called ${positionals.join(' ')}`);
    const show = values.json ? (method: Method) => JSON.stringify(method) : inWords;
    const lines = words.length === 0 && !values.json ? found.map(inBrief) : found.map(show);
    process.stdout.write(`${lines.join('\n')}\n`);
    return Promise.resolve(0);
  },
};

const inBrief = ({ id, title }: Method) => `${id.padEnd(32)} ${title}`;

function inWords({ title, set, explanation, source, formula }: Method): string {
  const from = source
    ? `${source.authors} ${source.year}${source.arxiv ? ` (arXiv ${source.arxiv})` : ''}`
    : 'our own';
  return [
    title,
    ...wrapped(explanation).map((line) => `  ${line}`),
    `  Settings: ${JSON.stringify(set)}`,
    `  Source: ${from}; formula (${formula}) of docs/math.md`,
    '',
  ].join('\n');
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
