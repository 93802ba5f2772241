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

/** From the JSON report of Playwright: its suites contain suites, and every attempt is a result. */
export function failuresOfPlaywright({ suites = [], errors = [] }) {
  const failed = (suite) => [
    ...(suite.suites ?? []).flatMap(failed),
    ...(suite.specs ?? [])
      .filter((spec) => !spec.ok)
      .map((spec) =>
        failure(
          `${spec.file}:${spec.line}: ${spec.title}`,
          spec.tests
            .flatMap((test) => test.results)
            .flatMap((result) => result.errors.map((error) => error.message)),
        ),
      ),
  ];
  return [
    ...suites.flatMap(failed),
    ...errors.map((error) => failure('before or after all tests', [error.message])),
  ];
}

function failure(name, messages) {
  const text = messages.filter(Boolean).join('\n').replace(COLOURS, '').trim();
  const head = (text || 'No message.').split('\n').slice(0, MESSAGE_LINES);
  return { name, message: head.map((line) => `  ${line}`).join('\n') };
}
