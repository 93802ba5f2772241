export interface Failure {
  /** Where and what: file, and the test's title. */
  name: string;
  /** The head of its message, indented by two spaces. */
  message: string;
}

export function failuresOfVitest(report: unknown): Failure[];
export function failuresOfPlaywright(report: unknown): Failure[];
export function secondTriesOf(report: unknown): Failure[];
