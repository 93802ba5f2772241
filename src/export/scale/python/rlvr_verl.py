"""verl with the loss, advantages and lambda schedules of the playground's run.

Written for verl 0.9: `VERL_USE_EXTERNAL_MODULES=rlvr_verl` has every process import it,
and the settings that choose what it registers are in launch.sh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from verl.trainer.ppo.core_algos import (
    agg_loss,
    register_adv_est,
    register_policy_loss,
)
from verl.trainer.ppo.v1.trainer_base import register_trainer
from verl.trainer.ppo.v1.trainer_sync import PPOTrainerSync

from rlvr_advantages import group_advantages
from rlvr_loss import Batch, token_losses
from rlvr_schedules import Schedules, constant_controls

_FOLDER = Path(__file__).parent
RECIPE: Mapping[str, Any] = json.loads(
    (_FOLDER / "recipe.json").read_text(encoding="utf-8")
)

# What a policy loss of verl is not given, the entropy of each token, cannot act in it.
_IN_LOSS = {
    **RECIPE,
    "entropy_advantage": 0.0,
    "high_entropy_fraction": 1.0,
    "steer_min_weight": 1.0,
}
_FIXED = Schedules(
    {
        **_IN_LOSS,
        # The workers do not know the step. Where lambda has a schedule the driver
        # multiplies the advantages, and the loss must not do it again.
        "positive_weight_schedule": {"kind": "constant"},
        "positive_weight": (
            RECIPE["positive_weight"]
            if RECIPE["positive_weight_schedule"]["kind"] == "constant"
            else 1.0
        ),
        # verl adds its own entropy bonus to what the loss returns.
        "entropy_coef_schedule": {"kind": "constant"},
        "dynamic_clip": (
            RECIPE["dynamic_clip"]
            if RECIPE["dynamic_clip"]["kind"] == "constant"
            else {"kind": "off"}
        ),
    }
).next(1, 0.0)


@register_policy_loss("rlvr")
def rlvr_policy_loss(
    old_log_prob: Tensor,
    log_prob: Tensor,
    advantages: Tensor,
    response_mask: Tensor,
    loss_agg_mode: str = "token-mean",
    config: Any = None,
    rollout_is_weights: Tensor | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """The surrogate of the recipe; KL and entropy bonus are verl's own."""
    batch = Batch(
        logprob=log_prob,
        old_logprob=old_log_prob,
        advantage=advantages,
        mask=response_mask,
    )
    tokens = token_losses(batch, _IN_LOSS, _FIXED)
    losses = tokens.losses
    if rollout_is_weights is not None:
        losses = losses * rollout_is_weights
    sizes = getattr(config, "global_batch_info", None) or {}
    loss = agg_loss(
        loss_mat=losses, loss_mask=response_mask, loss_agg_mode=loss_agg_mode, **sizes
    )
    count = response_mask.sum().clamp(min=1)
    low = ((tokens.clip_low * response_mask).sum() / count).item()
    high = ((tokens.clip_high * response_mask).sum() / count).item()
    with torch.no_grad():
        kl = (((old_log_prob - log_prob) * response_mask).sum() / count).item()
    return loss, {
        "actor/pg_clipfrac": low + high,
        "actor/clip_low_fraction": low,
        "actor/clip_high_fraction": high,
        "actor/ppo_kl": kl,
    }


class _Driver:
    """What the trainer tells the advantages of its step; both live in the driver."""

    positive_weight: float | None = None


@register_adv_est("rlvr")
def rlvr_advantages(
    token_level_rewards: Tensor,
    response_mask: Tensor,
    index: Any,
    config: Any = None,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """The recipe's advantage of each response, for all of its tokens."""
    rewards = token_level_rewards.sum(dim=-1)
    own = group_advantages(rewards.tolist(), list(index), RECIPE)
    advantages = torch.tensor(own, device=rewards.device, dtype=rewards.dtype)
    weight = _Driver.positive_weight
    if weight is not None:
        advantages = torch.where(advantages > 0, advantages * weight, advantages)
    spread = advantages.unsqueeze(-1) * response_mask
    return spread, spread


@register_trainer("rlvr_sync")
class RlvrTrainer(PPOTrainerSync):
    """Asks the schedule of lambda once a step, and logs what it says."""

    def _compute_advantage(self, batch: Any, metrics: dict[str, Any]) -> Any:
        if not hasattr(self, "rlvr_schedules"):
            self.rlvr_schedules = Schedules(RECIPE)
        weight = constant_controls(RECIPE).positive_weight
        if RECIPE["positive_weight_schedule"]["kind"] != "constant":
            # Set by the pass that computes old log-probabilities, just before.
            entropy = float(metrics.get("actor/entropy", float("nan")))
            weight = self.rlvr_schedules.next(
                self.global_steps, entropy
            ).positive_weight
            _Driver.positive_weight = weight
        metrics["actor/positive_weight"] = weight
        return super()._compute_advantage(batch, metrics)
