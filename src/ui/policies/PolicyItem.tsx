import { useState } from 'react';
import { startFrom } from '../../store/edit';
import { useExperiment } from '../../store/experiment';
import { useLesson } from '../../store/lesson';
import { findFacts, renamePolicy, tell, usePolicies } from '../../store/policies';
import { useRun } from '../../store/run';
import type { PolicyEntry } from '../../model/policy_facts';
import { RunName } from '../library/RunName';
import { bytesInWords } from '../library/words';
import { DeletePolicyDialog } from './DeletePolicyDialog';
import { PolicyFactsTable } from './PolicyFactsTable';
import { SampleForm } from './SampleForm';

/** A policy, what it is, and what can be done with it. `entry` is null of the policy of a task. */
export function PolicyItem({ policy, entry }: { policy: string; entry: PolicyEntry | null }) {
  const found = usePolicies((state) => state.facts[policy]);
  const [open, setOpen] = useState<'facts' | 'sample' | null>(null);
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const name = entry?.name ?? policy;
  const facts = entry?.facts ?? found;
  const toggle = (what: 'facts' | 'sample') => {
    setOpen(open === what ? null : what);
    if (what === 'facts') void findFacts(policy);
  };
  return (
    <li>
      <div className="policy">
        {renaming ? (
          <RunName
            name={name}
            rename={(next) => renamePolicy(policy, next)}
            onDone={() => setRenaming(false)}
          />
        ) : (
          <span className="run-name">{name}</span>
        )}
        {entry !== null && <EntryWords entry={entry} />}
        <div className="run-acts">
          <Act name={name} verb="Inspect" open={open === 'facts'} onClick={() => toggle('facts')} />
          <Act
            name={name}
            verb="Sample"
            open={open === 'sample'}
            onClick={() => toggle('sample')}
          />
          <UseButton policy={policy} name={name} />
          {entry !== null && (
            <>
              <Act name={name} verb="Rename" onClick={() => setRenaming(true)} />
              <Act name={name} verb="Delete" onClick={() => setDeleting(true)} />
            </>
          )}
        </div>
        {open === 'facts' && facts !== undefined && <PolicyFactsTable name={name} facts={facts} />}
        {open === 'sample' && <SampleForm policy={policy} name={name} />}
        {deleting && entry !== null && (
          <DeletePolicyDialog entry={entry} onClose={() => setDeleting(false)} />
        )}
      </div>
    </li>
  );
}

function EntryWords({ entry }: { entry: PolicyEntry }) {
  const only = usePolicies((state) => state.heldOnly.includes(entry.id));
  return (
    <p className="small quiet">
      {entry.facts.parameters.toLocaleString('en-US')} parameters, {bytesInWords(entry.bytes)},
      named {entry.id} in links and runs{only && '; here until this page is closed'}
    </p>
  );
}

/** Starts the arms of the experiment from it. */
function UseButton({ policy, name }: { policy: string; name: string }) {
  const used = useExperiment(({ arms }) => arms.some(({ recipe }) => recipe.policy === policy));
  const locked = useLesson((state) => state.teacher.locked);
  const trained = useRun((state) => state.step > 0);
  const use = () => {
    const [problem] = startFrom(policy);
    if (problem !== undefined) tell(`The experiment was not changed. ${problem.message}`, false);
    else tell(`The experiment starts from “${name}”. Undo brings the policy before back.`);
  };
  return (
    <button
      type="button"
      className="link-button"
      disabled={used || locked}
      onClick={use}
      title={trained ? 'Starts all arms over.' : undefined}
    >
      {used ? 'In use' : 'Train from it'} <span className="hidden-text">{name}</span>
    </button>
  );
}

function Act(props: { verb: string; name: string; onClick: () => void; open?: boolean }) {
  const { verb, name, onClick, open } = props;
  return (
    <button type="button" className="link-button" aria-expanded={open} onClick={onClick}>
      {verb} <span className="hidden-text">{name}</span>
    </button>
  );
}
