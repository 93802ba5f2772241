/** The code of a part of the page did not come. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched';
}
