import { describe, expect, test } from 'vitest';
import {
  failuresOfPlaywright,
  failuresOfVitest,
  secondTriesOf,
} from '../../tools/test_failures.mjs';

describe('the end of a test run names what failed', () => {
  test('of Vitest: failed tests, and files that did not load', () => {
    const report = {
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          message: '',
          assertionResults: [
            { status: 'passed', fullName: 'one' },
            { status: 'failed', fullName: 'two', failureMessages: ['expected 1\n  at a.test.ts'] },
          ],
        },
        { name: 'b.test.ts', status: 'failed', message: 'no such file', assertionResults: [] },
        { name: 'c.test.ts', status: 'passed', message: '', assertionResults: [] },
      ],
    };
    expect(failuresOfVitest(report)).toEqual([
      { name: 'a.test.ts: two', message: '  expected 1\n    at a.test.ts' },
      { name: 'b.test.ts', message: '  no such file' },
    ]);
  });

  test('of Playwright: in suites within suites, without colours, no more than a dozen lines', () => {
    const long = Array.from({ length: 40 }, (_, line) => `\u001b[31mline ${line}\u001b[39m`);
    const spec = (title: string, ok: boolean, errors: { message: string }[]) => ({
      title,
      ok,
      file: 'page.spec.ts',
      line: 7,
      tests: [{ results: [{ errors }] }],
    });
    const report = {
      suites: [
        {
          specs: [spec('passes', true, [])],
          suites: [{ specs: [spec('fails', false, [{ message: long.join('\n') }])] }],
        },
      ],
      errors: [{ message: 'the server did not start' }],
    };
    const [test, whole] = failuresOfPlaywright(report);
    expect(test?.name).toBe('page.spec.ts:7: fails');
    expect(test?.message.split('\n')).toHaveLength(12);
    expect(test?.message.startsWith('  line 0\n  line 1\n')).toBe(true);
    expect(whole).toEqual({
      name: 'before or after all tests',
      message: '  the server did not start',
    });
  });

  test('of Playwright: what passed at its second try only is named too, and has not failed', () => {
    const spec = (title: string, status: string, messages: string[]) => ({
      ...{ title, ok: true, file: 'page.spec.ts', line: 7 },
      tests: [{ status, results: messages.map((message) => ({ errors: [{ message }] })) }],
    });
    const specs = [spec('at once', 'expected', []), spec('later', 'flaky', ['too slow'])];
    expect(secondTriesOf({ suites: [{ specs }] })).toEqual([
      { name: 'page.spec.ts:7: later', message: '  too slow' },
    ]);
    expect(failuresOfPlaywright({ suites: [{ specs }] })).toEqual([]);
  });

  test('a report that was never written names nothing', () => {
    expect([...failuresOfVitest({}), ...failuresOfPlaywright({})]).toEqual([]);
  });
});
