/** What the curves mean and what they do not; every number with its source and its sample. */
export function Reading() {
  return (
    <section className="section" id="reading" aria-labelledby="reading-title">
      <h2 id="reading-title">What you are looking at</h2>
      <div className="reading">
        <div>
          <h3>One update</h3>
          <p>
            For each prompt the policy writes a group of responses. A program, not a person, checks
            each one: reward 1 or 0. A response better than its group has a positive advantage and
            its tokens are pushed up; a worse one has a negative advantage and its tokens are pushed
            down. Pushing up what is already likely makes the policy surer of itself, and entropy
            falls.
          </p>
        </div>
        <div>
          <h3>What λ does</h3>
          <p>
            λ multiplies the advantages above zero and leaves the others alone. At 1 this is GRPO.
            Below 1, successes count for less; at 0 the policy learns only from its mistakes. The
            paper behind this page (<a href="https://arxiv.org/abs/2511.05993">arXiv 2511.05993</a>)
            finds that tokens with positive advantage drive the collapse in large models, and that
            weighting them down holds it off.
          </p>
        </div>
        <div>
          <h3>What to expect here</h3>
          <p>
            The effect is real and depends on how many updates reuse one batch of rollouts. On{' '}
            <em>chain-sum</em> with 16 updates a batch and twice this page’s learning rate, after 24
            steps, means of 3 seeds:
          </p>
          <table>
            <thead>
              <tr>
                <th scope="col">λ</th>
                <th scope="col">positives only</th>
                <th scope="col">1</th>
                <th scope="col">0.5</th>
                <th scope="col">0</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">entropy, nats</th>
                <td>0.04</td>
                <td>0.14</td>
                <td>0.23</td>
                <td>1.30</td>
              </tr>
              <tr>
                <th scope="row">held-out answers right</th>
                <td>85%</td>
                <td>56%</td>
                <td>48%</td>
                <td>7%</td>
              </tr>
            </tbody>
          </table>
          <p>
            More entropy, then, and fewer right answers: at λ = 0 the task is unlearned. On{' '}
            <em>maze-small</em> (8 updates, 12 steps, 4 paired seeds) training entropy against λ = 1
            differs by +0.05 at λ = 0.25, +0.11 at λ = 0 and −0.08 with positives only, the same
            sign in all 4.
          </p>
        </div>
        <div>
          <h3>What not to conclude</h3>
          <p>
            Plotted against reward instead of steps, the arms mostly fall on one curve: with 8
            updates a batch, an independent reference found λ between 0.25 and 1 within about 0.03
            nats of each other at equal reward on <em>chain-sum</em> (3 seeds). There λ sets the
            speed along the curve rather than the curve. Choose “against reward” above to check.
          </p>
          <p>
            This page trains one seed unless you list more below the arms. Arms see the same prompts
            and draw the same random numbers, so their difference is cleaner than either curve, but
            a wiggle is not a finding: several seeds give a mean and a band, and only then is there
            something to believe.
          </p>
        </div>
      </div>
    </section>
  );
}
