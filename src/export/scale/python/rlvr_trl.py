"""TRL's GRPO trainer with the loss, advantages and schedules of the playground's run.

Written for trl 1.13: it overrides `_calculate_rewards`,
`_generate_and_score_completions` and `_compute_loss`, which are not a public interface.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from trl import GRPOTrainer

from rlvr_advantages import group_advantages, training_reward
from rlvr_loss import Batch, Recipe, policy_loss
from rlvr_schedules import Memory, Schedules, constant_controls, needs_entropy
from rlvr_task import longest_response, response_length, verify

MEMORY = "rlvr_schedules.json"


class RlvrTrainer(GRPOTrainer):
    """A step of the playground is one generation with all its updates."""

    def __init__(self, *args: Any, recipe: Recipe, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipe = recipe
        self.schedules = Schedules(recipe)
        self.controls = constant_controls(recipe)
        self._advantages = torch.zeros(0)
        # The bonus is a part of our loss; TRL only has to keep its gradient.
        adaptive = recipe["entropy_coef_schedule"]["kind"] != "constant"
        self._entropy_bonus_enabled = recipe["entropy_coef"] != 0 or adaptive

    def _calculate_rewards(self, *args: Any, **kwargs: Any) -> Tensor:
        rewards = super()._calculate_rewards(*args, **kwargs)
        told = (rewards * self.reward_weights.to(rewards.device)).nansum(dim=1).tolist()
        size = (
            self.num_generations if self.model.training else self.num_generations_eval
        )
        groups = [place // size for place in range(len(told))]
        own = group_advantages(told, groups, self.recipe)
        self._advantages = torch.tensor(own, device=rewards.device)
        return rewards

    def _generate_and_score_completions(self, inputs: list[Any]) -> dict[str, Any]:
        output = super()._generate_and_score_completions(inputs)
        start = self.accelerator.process_index * len(inputs)
        output["advantages"] = self._advantages[start : start + len(inputs)]
        if self.model.training:
            self._begin_step(output)
        return output

    def _begin_step(self, output: dict[str, Any]) -> None:
        """Asks the schedules for the settings of the updates on these rollouts."""
        updates = self.args.steps_per_generation * self.num_iterations
        updates //= self.args.gradient_accumulation_steps
        step = self.state.global_step // max(1, updates) + 1
        entropy = self._rollout_entropy(output) if needs_entropy(self.recipe) else 0.0
        self.controls = self.schedules.next(step, entropy)
        metrics = self._metrics["train"]
        metrics["rlvr/positive_weight"].append(self.controls.positive_weight)
        metrics["rlvr/entropy_coef"].append(self.controls.entropy_coef)

    @torch.no_grad()
    def _rollout_entropy(self, output: dict[str, Any]) -> float:
        """Mean over the response tokens of all processes, before any update."""
        _, entropy = self._logprobs(self.model, output)
        mask = output["completion_mask"]
        sums = torch.stack([(entropy * mask).sum(), mask.sum()])
        total, count = self.accelerator.reduce(sums, reduction="sum").tolist()
        return total / max(1.0, count)

    def _logprobs(self, model: Any, inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Log-probability and entropy of each response token."""
        ids, mask = inputs["completion_ids"], inputs["completion_mask"]
        logprob, entropy, _ = self._get_per_token_logps_and_entropies(
            model,
            torch.cat([inputs["prompt_ids"], ids], dim=1),
            torch.cat([inputs["prompt_mask"], mask], dim=1),
            ids.size(1),
            batch_size=self.args.per_device_train_batch_size,
            compute_entropy=True,
        )
        return logprob, entropy

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Tensor:
        logprob, entropy = self._logprobs(model, inputs)
        old = inputs.get("old_per_token_logps")
        batch = Batch(
            logprob=logprob,
            # TRL leaves them out where the policy has not changed since it sampled.
            old_logprob=logprob.detach() if old is None else old,
            advantage=inputs["advantages"].unsqueeze(1),
            mask=inputs["completion_mask"],
            entropy=entropy,
            ref_logprob=inputs.get("ref_per_token_logps"),
        )
        loss = policy_loss(batch, self.recipe, self.controls)
        mode = "train" if self.model.training else "eval"
        metrics = self._metrics[mode]
        metrics["entropy"].append(
            self._mean((entropy * batch.mask).sum() / batch.mask.sum())
        )
        metrics["clip_ratio/low_mean"].append(self._mean(loss.clip_low_fraction))
        metrics["clip_ratio/high_mean"].append(self._mean(loss.clip_high_fraction))
        clipped = loss.clip_low_fraction + loss.clip_high_fraction
        metrics["clip_ratio/region_mean"].append(self._mean(clipped))
        if loss.kl is not None:
            metrics["kl"].append(self._mean(loss.kl))
        parts = self.current_gradient_accumulation_steps if mode == "train" else 1
        return loss.total / parts

    def _mean(self, value: Tensor) -> float:
        return self.accelerator.gather(value.detach().float()).mean().item()

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        folder = (
            Path(self._get_output_dir(trial)) / f"checkpoint-{self.state.global_step}"
        )
        if self.is_world_process_zero():
            text = json.dumps(asdict(self.schedules.memory))
            (folder / MEMORY).write_text(text, encoding="utf-8")

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is not None:
            text = (Path(checkpoint) / MEMORY).read_text(encoding="utf-8")
            self.schedules.memory = Memory(**json.loads(text))


class TrainingReward:
    """What the learner is told of each response, as TRL asks for it."""

    __name__ = "training_reward"

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.draws = random.Random(recipe["seed"])

    def __call__(
        self, prompts: list[str], completions: list[str], **_: Any
    ) -> list[float]:
        task = self.recipe["task"]
        longest = longest_response(task)
        return [
            training_reward(
                verify(task, prompt, completion),
                response_length(task, completion),
                longest,
                self.recipe,
                self.draws,
            )
            for prompt, completion in zip(prompts, completions, strict=True)
        ]
