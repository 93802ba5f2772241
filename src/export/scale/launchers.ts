import type { Recipe, RecipeKey } from '../../recipe/recipe';
import type { Mapping } from './setting';

/** Arguments of a recipe with the setting each comes from. */
function argumentsOf(recipe: Recipe, mapping: Mapping) {
  return (Object.keys(mapping) as RecipeKey[]).flatMap((key) =>
    mapping[key](recipe).args.map(([name, value]) => ({ key, name, value })),
  );
}

/** train.py: the settings of the recipe as arguments of `GRPOConfig`, each with the setting it comes from. */
export function trainPy(recipe: Recipe, mapping: Mapping): string {
  const { minibatches, epochs } = recipe;
  const lines = argumentsOf(recipe, mapping).map(
    ({ key, name, value }) => `    ${name}=${value},  # ${key}`,
  );
  return `"""Trains the policy with TRL; README.md says what differs from the playground."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig

from rlvr_trl import RlvrTrainer, TrainingReward

FOLDER = Path(__file__).parent
MODEL = os.environ.get("MODEL", str(FOLDER / "policy"))
PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))

ARGUMENTS = GRPOConfig(
    output_dir=os.environ.get("OUTPUT", str(FOLDER / "output")),
${lines.join('\n')}
    # One line of the log for each step of the playground.
    logging_steps=${minibatches * epochs},
    report_to="none",
    # The playground computes in 32 bits.
    bf16=False,
    gradient_checkpointing=False,
)


def trainer() -> RlvrTrainer:
    """The trainer with its policy, prompts and reward."""
    recipe = json.loads((FOLDER / "recipe.json").read_text(encoding="utf-8"))
    data = load_dataset("json", data_files=str(FOLDER / "data/train.jsonl"))
    return RlvrTrainer(
        model=AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32),
        processing_class=AutoTokenizer.from_pretrained(MODEL),
        reward_funcs=TrainingReward(recipe),
        args=ARGUMENTS,
        train_dataset=data["train"],
        recipe=recipe,
    )


if __name__ == "__main__":
    training = trainer()
    training.train()
    training.save_model()
`;
}

/** launch.sh: the same for verl. */
export function launchSh(recipe: Recipe, mapping: Mapping): string {
  const lines = argumentsOf(recipe, mapping).map(
    ({ key, name, value }) => `  ${name}=${value} # ${key}`,
  );
  return `#!/usr/bin/env bash
# Trains the policy with verl; README.md says what differs from the playground.
set -euo pipefail

FOLDER="$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)"
MODEL="\${MODEL:-$FOLDER/policy}"

export PYTHONPATH="$FOLDER\${PYTHONPATH:+:$PYTHONPATH}"
# Every process of verl imports the plug-in, which registers loss, advantages and trainer.
export VERL_USE_EXTERNAL_MODULES=rlvr_verl

SETTINGS=(
${lines.join('\n')}
  actor_rollout_ref.actor.policy_loss.loss_mode=rlvr
  algorithm.adv_estimator=rlvr
  algorithm.use_kl_in_reward=false
  trainer.use_v1=true
  trainer.v1.trainer_mode=rlvr_sync
  reward.custom_reward_function.path="$FOLDER/rlvr_verl_reward.py"
  reward.custom_reward_function.name=compute_score
  actor_rollout_ref.actor.use_dynamic_bsz=true
  actor_rollout_ref.rollout.name=\${ROLLOUT:-vllm}
  trainer.nnodes=\${NODES:-1}
  trainer.n_gpus_per_node=\${GPUS:-1}
  trainer.logger='["console","file"]'
)

exec python3 -m verl.trainer.main_ppo "\${SETTINGS[@]}" "$@"
`;
}
