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
            λ multiplies the advantages above zero, those of good responses. Bad responses keep
            their own weight, 1 unless an arm says otherwise: at λ&nbsp;=&nbsp;0.5 a bad response
            counts twice as much as an equally good one. At 1 this is GRPO; at 0 the policy learns
            only from its mistakes. The paper behind this page (
            <a href="https://arxiv.org/abs/2511.05993">arXiv 2511.05993</a>) finds that tokens with
            positive advantage drive the collapse in large models, and that weighting them down
            holds it off.
          </p>
        </div>
        <div>
          <h3>What to expect here</h3>
          <p>
            On <em>chain-sum</em> with 16 updates a step and learning rate 6e−4: entropy over the
            last 6 of 24 steps, right answers after the last, means of 3 seeds:
          </p>
          <table>
            <thead>
              <tr>
                <td />
                <th scope="col">positives only</th>
                <th scope="col">λ 1</th>
                <th scope="col">λ 0.5</th>
                <th scope="col">λ 0</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">good responses count</th>
                <td>× 1</td>
                <td>× 1</td>
                <td>× 0.5</td>
                <td>× 0</td>
              </tr>
              <tr>
                <th scope="row">bad responses count</th>
                <td>× 0</td>
                <td>× 1</td>
                <td>× 1</td>
                <td>× 1</td>
              </tr>
              <tr>
                <th scope="row">entropy, nats</th>
                <td>0.04</td>
                <td>0.19</td>
                <td>0.26</td>
                <td>1.18</td>
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
            More entropy and fewer right answers: at λ&nbsp;=&nbsp;0 the task is unlearned, and at
            this learning rate λ&nbsp;=&nbsp;1 loses part of it too. With 8 updates a step and 40 to
            60 steps (5 paired seeds) λ&nbsp;=&nbsp;0.5 ends above λ&nbsp;=&nbsp;1 by 0.036 nats on{' '}
            <em>maze</em>, 0.015 on <em>chain-sum</em> and 0.016 on <em>countdown</em>, the same
            sign in all 5. Its pass@1 differs by −0.027, −0.005 and −0.009; all three intervals hold
            0. The entropy-guided schedule keeps more on <em>maze</em>, 0.080 nats, and pays with
            0.125 of pass@1.
          </p>
        </div>
        <div>
          <h3>What not to conclude</h3>
          <p>
            Against reward instead of steps, most of it goes. Where reward first reaches 0.4,
            λ&nbsp;=&nbsp;0.5 has 0.008 nats more than λ&nbsp;=&nbsp;1 on <em>chain-sum</em>{' '}
            [−0.016, +0.024], 0.014 on <em>maze</em> [+0.003, +0.026] (5 seeds each) and 0.009 on{' '}
            <em>countdown</em> [+0.003, +0.015] (4 seeds). λ sets mostly the speed along the curve.
            Choose “against reward” above to check.
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
