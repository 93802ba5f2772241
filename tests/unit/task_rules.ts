/**
 * The rules of the tasks a second time, written from the task descriptions and sharing nothing with src/tasks:
 * coordinates instead of neighbour lists, text instead of tokens. A response is a list of token ids.
 */
type Rule = (prompt: readonly number[], response: readonly number[]) => boolean;

function mazeRule(size: number, walls: number): Rule {
  const end = size * size + 1;
  return (prompt, response) => {
    const route = response.slice(0, -1);
    if (response.at(-1) !== end || route.includes(end)) return false;
    const blocked = new Set(prompt.slice(2, 2 + walls));
    let [x, y] = [prompt[0] % size, Math.floor(prompt[0] / size)];
    for (const cell of route) {
      if (cell < 0 || cell >= size * size || blocked.has(cell)) return false;
      const [nextX, nextY] = [cell % size, Math.floor(cell / size)];
      if (Math.abs(nextX - x) + Math.abs(nextY - y) !== 1) return false;
      [x, y] = [nextX, nextY];
    }
    return y * size + x === prompt[1];
  };
}

const chainRule: Rule = (prompt, response) => {
  const [a, b, c, d] = prompt;
  const firstEnd = response.indexOf(11);
  return firstEnd > 0 && response[firstEnd - 1] === (a + b + c + d) % 10;
};

const countdownRule: Rule = (prompt, response) => {
  const text = response.map((id) => '0123456789+-=!'.charAt(id) || '?').join('');
  if (!/^\d([+-]\d)*!$/.test(text)) return false;
  const given = prompt.slice(2, 6).join('');
  const used = text.replace(/\D/g, '');
  const count = (all: string, digit: string) => all.split(digit).length - 1;
  if ([...used].some((digit) => count(used, digit) > count(given, digit))) return false;
  const value = (text.match(/[+-]?\d/g) ?? []).reduce((sum, term) => sum + Number(term), 0);
  return value === Number(`${prompt[0]}${prompt[1]}`);
};

/** By task name. */
export const rules: Readonly<Record<string, Rule>> = {
  maze: mazeRule(5, 6),
  'maze-small': mazeRule(4, 3),
  'chain-sum': chainRule,
  countdown: countdownRule,
};
