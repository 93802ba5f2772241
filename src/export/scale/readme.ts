import type { Recipe, RecipeKey } from '../../recipe/recipe';
import { paragraphs, plainText, table } from '../report/markdown';
import type { Fit, Mapping } from './setting';

/** What a folder is for and what is in it, beside the settings. */
export interface Guide {
  /** Of the trainer, as people write it. */
  readonly trainer: string;
  /** Releases the files were written for, in a sentence, and how far they were tried. */
  readonly versions: string;
  /** Shell commands that start it. */
  readonly start: readonly string[];
  /** Files and what each is. */
  readonly files: readonly (readonly [name: string, what: string])[];
  /** What differs beside the settings, a sentence each. */
  readonly differences: readonly string[];
}

/** Which run the folder is of. */
export interface Source {
  /** Of the experiment, whatever its author called it. */
  readonly name: string;
  readonly arm: string;
  readonly recipe: Recipe;
  /** Settings that were changed while it trained; the recipe has their last values. */
  readonly changed: readonly RecipeKey[];
}

const FITS: Readonly<Record<Fit, string>> = {
  exact: 'exactly',
  approximate: 'approximately',
  none: 'not',
};

/** README.md of a folder for another trainer. */
export function readme(
  { name, arm, recipe, changed }: Source,
  mapping: Mapping,
  { trainer, versions, start, files, differences }: Guide,
): string {
  const keys = Object.keys(mapping) as RecipeKey[];
  const settings = keys.map((key) => ({ key, ...mapping[key](recipe) }));
  const count = (fit: Fit) => settings.filter((setting) => setting.fit === fit).length;
  const text = paragraphs([
    `# ${plainText(name)}: ${plainText(arm)}, for ${trainer}`,
    `This folder trains the same policy on the same task with ${trainer} as one run of the playground did: arm ` +
      `“${plainText(arm)}” at seed ${recipe.seed}, task ${recipe.task}. ${versions}`,
    '## Start',
    ['```sh', ...start, '```'].join('\n'),
    '`MODEL` names another policy, a folder or a model of the hub. Its tokenizer must write the task’s texts as they ' +
      'are in `data`; a larger model will want instructions around them.',
    '## Files',
    table(
      ['file', 'what it is'],
      files.map(([file, what]) => [`\`${file}\``, what]),
    ),
    '## Settings',
    `Of ${settings.length} settings ${count('exact')} map exactly, ${count('approximate')} approximately and ` +
      `${count('none')} not at all.`,
    table(
      ['setting', 'value', 'maps', 'by', 'what differs'],
      settings.map(({ key, fit, where, note }) => [
        `\`${key}\``,
        `\`${JSON.stringify(recipe[key]).replaceAll('|', '\\|').replaceAll('`', "'")}\``,
        FITS[fit],
        where.replaceAll('*', '\\*'),
        note,
      ]),
    ),
    '## Otherwise',
    [...differences, ...changes(changed)].map((difference) => `- ${difference}`).join('\n'),
  ]);
  return `${text}\n`;
}

function changes(changed: readonly RecipeKey[]): string[] {
  if (changed.length === 0) return [];
  const names = changed.map((key) => `\`${key}\``).join(', ');
  return [
    `In the playground ${names} changed during the run; here the last value holds throughout.`,
  ];
}
