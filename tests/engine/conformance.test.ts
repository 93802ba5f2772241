import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCase } from '../../src/engine/case_file';
import { checkCase } from '../../src/engine/conformance';
import { parseSafetensors } from '../../src/model/safetensors';
import { testGpu } from '../setup/engine';

const folder = new URL('../fixtures/cases/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));

describe('conformance cases', () => {
  test('there are three', () => expect(files).toHaveLength(3));

  test.each(files)('%s', async (name) => {
    const subject = readCase(parseSafetensors(readFileSync(new URL(name, folder))));
    const { ok, errors, tolerances } = await checkCase(await testGpu(), subject);
    const failing = Object.entries(errors).filter(
      ([key, error]) => !(error <= (tolerances[key] ?? 0)),
    );
    expect(failing).toEqual([]);
    expect(ok).toBe(true);
    expect(Object.keys(errors).length).toBeGreaterThan(40);
  });
});
