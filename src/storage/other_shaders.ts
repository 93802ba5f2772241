/**
 * What to say of a run that is taken up with other shaders than made its steps so far; null where they are the same, or
 * where it is not known. Hashes as in run files.
 */
export function otherShaders(made: string | null, here: string | null): string | null {
  if (made === null || here === null || made === here) return null;
  return (
    `The steps so far were made by another version, with shaders ${start(made)} (here: ${start(here)}). ` +
    'The run can go on; its next numbers may differ in their last digits from what that version would have given.'
  );
}

/** As much of a hash as people compare by eye. */
const start = (hash: string) => `${hash.slice(0, 8)}…`;
