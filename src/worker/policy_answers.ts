import { policyFacts } from '../engine/policy_facts';
import { samplePolicy } from '../engine/sample_policy';
import { trainedPolicies } from '../engine/trained_policies';
import { RlvrError } from '../errors/failure';
import { policyFolder } from '../export/hf_folder';
import type { Gpu } from '../gpu/device';
import { zipOf } from '../model/foreign/zip';
import type { Policy } from '../model/policy';
import { importPolicy } from './import_policy';
import { holdPolicy } from './own_policies';
import { policyForNow } from './policies';
import type { PolicyAnswer, PolicyRequest } from './protocol';

/** Tokens of a sampled response at most. */
const MOST_TOKENS = 32;

/** What the worker says of policies, apart from training them. Throws RlvrError. */
export async function policyAnswer(
  request: PolicyRequest,
  gpu: () => Promise<Gpu>,
): Promise<PolicyAnswer> {
  switch (request.kind) {
    case 'import':
      return importPolicy(request.files);
    case 'hold':
      holdPolicy(request.id, request.files);
      return { kind: 'held' };
    case 'facts':
      return { kind: 'facts', facts: policyFacts(await policyForNow(request.policy)) };
    case 'sample': {
      const policy = await policyForNow(request.policy);
      const texts = await samplePolicy(await gpu(), policy, request, MOST_TOKENS);
      return { kind: 'sampled', texts };
    }
    case 'zip': {
      const policy = await taken(request);
      return { kind: 'zip', bytes: zipOf(request.folder, policyFolder(policy)) };
    }
  }
}

async function taken({
  policy,
  trained,
}: Extract<PolicyRequest, { kind: 'zip' }>): Promise<Policy> {
  if (trained === null) return policyForNow(policy);
  const { bytes, of, run } = trained;
  // Base policies are the same object for all runs of a save.
  const base = new Map<string, Promise<Policy>>();
  const named = (name: string) => {
    const known = base.get(name) ?? policyForNow(name);
    base.set(name, known);
    return known;
  };
  const found = (await trainedPolicies(bytes, of, named)).find((own) => own.run === run);
  if (found) return found.policy;
  throw new RlvrError({ kind: 'badInput', field: 'checkpoint', detail: `it has no run ${run}` });
}
