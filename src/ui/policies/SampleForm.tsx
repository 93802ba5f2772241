import { useId, useState } from 'react';
import { askReader } from '../../store/policies';
import { useIdle } from '../kernels/useIdle';

type Sampled =
  | { readonly ok: true; readonly texts: readonly string[] }
  | { readonly ok: false; readonly why: string };

const COUNTS = [1, 4, 16, 64];

/** A text for the policy to go on with. Every draw has a seed of its own, so that asking again says something else. */
export function SampleForm({ policy, name }: { policy: string; name: string }) {
  const ids = useId();
  const idle = useIdle();
  const [prompt, setPrompt] = useState('');
  const [temperature, setTemperature] = useState('1');
  const [samples, setSamples] = useState(4);
  const [seed, setSeed] = useState(0);
  const [sampled, setSampled] = useState<Sampled | null>(null);
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    const heat = Number(temperature);
    if (temperature.trim() === '' || !(heat >= 0.01 && heat <= 100)) {
      return setSampled({ ok: false, why: 'The temperature is a number from 0.01 to 100.' });
    }
    setAsking(true);
    const answer = await askReader({
      ...{ kind: 'sample', policy, prompt, samples, seed, temperature: heat },
    });
    setAsking(false);
    setSeed(seed + 1);
    if (!answer.ok) setSampled({ ok: false, why: answer.problems[0]?.message ?? '' });
    else if (answer.value.kind === 'sampled') setSampled({ ok: true, texts: answer.value.texts });
  };
  return (
    <form
      className="policy-sample"
      onSubmit={(event) => {
        event.preventDefault();
        if (!asking && idle === null) void ask();
      }}
    >
      <label>
        Text to go on with
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          value={prompt}
          aria-invalid={sampled?.ok === false}
          aria-describedby={`${ids}answer`}
          onChange={(event) => setPrompt(event.target.value)}
        />
      </label>
      <label>
        Temperature
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={temperature}
          onChange={(event) => setTemperature(event.target.value)}
        />
      </label>
      <label>
        Samples
        <select
          className="plain-select"
          value={samples}
          onChange={(event) => setSamples(Number(event.target.value))}
        >
          {COUNTS.map((count) => (
            <option key={count}>{count}</option>
          ))}
        </select>
      </label>
      <button type="submit" className="button" disabled={asking || idle !== null}>
        Draw <span className="hidden-text">from {name}</span>
      </button>
      <div className="policy-answer small" id={`${ids}answer`} aria-live="polite">
        {idle !== null && <p className="quiet">{idle}</p>}
        {sampled?.ok === false && <p data-good={false}>{sampled.why}</p>}
        {sampled?.ok === true && (
          <ol aria-label="Samples">
            {sampled.texts.map((text, i) => (
              <li key={i}>
                {text === '' ? <span className="quiet">nothing: it ended at once</span> : text}
              </li>
            ))}
          </ol>
        )}
      </div>
    </form>
  );
}
