import type { PolicyFacts } from '../../model/policy_facts';
import { bytesInWords } from '../library/words';

/** What a policy is, and how each task stands to its tokens. */
export function PolicyFactsTable({ name, facts }: { name: string; facts: PolicyFacts }) {
  const { config, parameters, tokenizer, tasks } = facts;
  const rows: readonly (readonly [string, string])[] = [
    ['Parameters', parameters.toLocaleString('en-US')],
    ['Layers', String(config.num_hidden_layers)],
    ['Width', `${config.hidden_size}, inner ${config.intermediate_size}`],
    ['Heads', `${config.num_attention_heads}, of keys and values ${config.num_key_value_heads}`],
    ['Vocabulary', `${config.vocab_size.toLocaleString('en-US')} tokens`],
    ['Positions', config.max_position_embeddings.toLocaleString('en-US')],
    ['Tokenizer', tokenizer],
    ['Embedding and head', config.tie_word_embeddings ? 'one table (tied)' : 'a table each'],
  ];
  return (
    <div className="policy-facts">
      <table aria-label={`Facts of ${name}`}>
        <tbody>
          {rows.map(([what, value]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table aria-label={`Tasks of ${name}`}>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">GPU memory of a default training, or why not</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map(({ task, bytes, why }) => (
            <tr key={task}>
              <th scope="row">{task}</th>
              <td>{bytes === null ? why : bytesInWords(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
