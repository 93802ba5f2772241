import { expect, test } from 'vitest';
import { openedOnce } from '../../src/storage/opened_once';

function door() {
  const opened: { close(): void; closed: boolean; lost: () => void }[] = [];
  let refuses = false;
  const open = openedOnce((lost) => {
    if (refuses) return Promise.reject(new Error('no'));
    const one = { closed: false, close: () => void (one.closed = true), lost };
    opened.push(one);
    return Promise.resolve(one);
  });
  return { open, opened, refuse: (now: boolean) => (refuses = now) };
}

test('what is opened stays the same until it is lost, and is closed then', async () => {
  const { open, opened } = door();
  const first = await open();
  expect(await open()).toBe(first);
  first.lost();
  await Promise.resolve();
  expect(first.closed).toBe(true);
  expect(await open()).not.toBe(first);
  expect(opened).toHaveLength(2);
});

test('a refusal is not kept', async () => {
  const { open, refuse } = door();
  refuse(true);
  await expect(open()).rejects.toThrow('no');
  refuse(false);
  await expect(open()).resolves.toBeDefined();
});
