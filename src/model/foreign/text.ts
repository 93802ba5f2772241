import { taskNamed } from '../../tasks/registry';
import type { Policy, PolicyTokenizer } from '../policy';
import { readTokenizer } from './tokenizer';

/** How a policy reads text and ends it: by its own tokenizer, or by the texts of its task, the longest first. */
export function policyText(policy: Policy): Pick<PolicyTokenizer, 'eos' | 'prefix' | 'encode'> {
  const { tokenizer, vocabulary, task } = policy;
  if (tokenizer) return tokenizer;
  // Of two tokens with the same text the first is taken.
  const vocab = vocabulary.map((text, id) => [text, id] as const).reverse();
  const file = { model: { type: 'WordLevel', vocab: Object.fromEntries(vocab) } };
  return { ...readTokenizer(file, {}, vocabulary.length), eos: taskNamed(task).eos };
}
