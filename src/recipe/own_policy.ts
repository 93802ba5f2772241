/**
 * Names of policies that a reader imported on the page: "own-" and the first 16 hexadecimal digits of the SHA-256 of what
 * was imported. A link or a run names such a policy without saying where it lies: a browser has it or refuses.
 */
const OWN_POLICY = /^own-[0-9a-f]{16}$/;

const DIGITS = 16;

export const isOwnPolicy = (name: unknown): boolean =>
  typeof name === 'string' && OWN_POLICY.test(name);

/** `digest` in hexadecimal. */
export const ownPolicyName = (digest: string): string => `own-${digest.slice(0, DIGITS)}`;

/** The imported policies among the base policies of some recipes, each once. */
export function ownPolicies(recipes: readonly { readonly policy: string }[]): readonly string[] {
  return [...new Set(recipes.map(({ policy }) => policy).filter(isOwnPolicy))];
}
