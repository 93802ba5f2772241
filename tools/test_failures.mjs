/** The failed tests of a report, each with the head of its message: what the end of a long log must say. */

const MESSAGE_LINES = 12;
// Colours of a terminal, which Playwright writes into its messages.
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;

/** From the JSON report of Vitest: failed tests, and files that did not load. */
export function failuresOfVitest({ testResults = [] }) {
  return testResults.flatMap(({ name: file, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [failure(file, [message])] : [];
    return failed.map((test) => failure(`${file}: ${test.fullName}`, test.failureMessages));
  });
}

/** From the JSON report of Playwright: tests that passed in no attempt, and what went wrong around them. */
export function failuresOfPlaywright({ suites = [], errors = [] }) {
  return [
    ...specsOf(suites)
      .filter((spec) => !spec.ok)
      .map(failureOf),
    ...errors.map((error) => failure('before or after all tests', [error.message])),
  ];
}

/** From the same report: tests that passed, but not at once. */
export function secondTriesOf({ suites = [] }) {
  const isLate = (spec) => spec.ok && spec.tests.some(({ status }) => status === 'flaky');
  return specsOf(suites).filter(isLate).map(failureOf);
}

/** Suites contain suites. */
const specsOf = (suites) =>
  suites.flatMap((suite) => [...specsOf(suite.suites ?? []), ...(suite.specs ?? [])]);

/** Every attempt is a result. */
function failureOf({ file, line, title, tests }) {
  const results = tests.flatMap((test) => test.results);
  return failure(
    `${file}:${line}: ${title}`,
    results.flatMap((result) => result.errors.map((error) => error.message)),
  );
}

function failure(name, messages) {
  const text = messages.filter(Boolean).join('\n').replace(COLOURS, '').trim();
  const head = (text || 'No message.').split('\n').slice(0, MESSAGE_LINES);
  return { name, message: head.map((line) => `  ${line}`).join('\n') };
}
