"""Runs the plug-in of a folder that "rlvr export RUN --to verl" wrote, without verl.

    python tools/check_verl.py FOLDER

verl needs GPUs and many packages, so stand-ins take the places of the registries and
of the trainer that the plug-in asks it for. This shows that the plug-in can be imported
and does what it says, not that verl calls it so. Needs torch.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import torch

FOLDER = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(FOLDER))
REGISTERED: dict[str, Any] = {}


def register(name: str) -> Any:
    """A registry's decorator."""

    def keep(thing: Any) -> Any:
        REGISTERED[name] = thing
        return thing

    return keep


def agg_loss(
    loss_mat: torch.Tensor, loss_mask: torch.Tensor, loss_agg_mode: str, **sizes: Any
) -> torch.Tensor:
    """verl's token-mean on one worker."""
    assert loss_agg_mode == "token-mean" and not sizes
    return (loss_mat * loss_mask).sum() / loss_mask.sum()


class StandInTrainer:
    """A trainer whose advantages are computed by the registered estimator."""

    global_steps = 0

    def _compute_advantage(self, batch: Any, metrics: dict[str, Any]) -> Any:
        return REGISTERED["rlvr"](**batch, config={})


def stand_in(name: str, **content: Any) -> None:
    module = types.ModuleType(name)
    vars(module).update(content)
    sys.modules[name] = module


for package in ("verl", "verl.trainer", "verl.trainer.ppo", "verl.trainer.ppo.v1"):
    stand_in(package, __path__=[])
stand_in(
    "verl.trainer.ppo.core_algos",
    agg_loss=agg_loss,
    register_adv_est=register,
    register_policy_loss=lambda name: register(f"loss {name}"),
)
stand_in("verl.trainer.ppo.v1.trainer_base", register_trainer=register)
stand_in("verl.trainer.ppo.v1.trainer_sync", PPOTrainerSync=StandInTrainer)

import rlvr_verl  # noqa: E402, F401
import rlvr_verl_reward  # noqa: E402
from rlvr_schedules import Schedules  # noqa: E402


def main() -> None:
    recipe = json.loads((FOLDER / "recipe.json").read_text(encoding="utf-8"))
    rows = (FOLDER / "data/train.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(rows[0])
    extra, answer = row["extra_info"], row["reward_model"]["ground_truth"]
    score = rlvr_verl_reward.compute_score(row["data_source"], answer, answer, extra)
    assert score["acc"] == 1.0, score
    assert rlvr_verl_reward.compute_score("", "", answer, extra)["acc"] == 0.0

    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]] * 2)
    rewards = torch.zeros(4, 3)
    rewards[0, 1] = 1.0
    batch = {
        "token_level_rewards": rewards,
        "response_mask": mask,
        "index": list("aabb"),
    }
    trainer, expected = REGISTERED["rlvr_sync"](), Schedules(recipe)
    for step, entropy in enumerate([0.9, 0.4, 0.3], start=1):
        trainer.global_steps = step
        metrics = {"actor/entropy": entropy}
        advantages, _ = trainer._compute_advantage(batch, metrics)
        weight = expected.next(step, entropy).positive_weight
        assert metrics["actor/positive_weight"] == weight
        by_driver = recipe["positive_weight_schedule"]["kind"] != "constant"
        shown = weight if by_driver else 1.0
        ratio = (advantages[0, 0] / -advantages[1, 0]).item()
        assert abs(ratio - shown) < 1e-6, (ratio, shown)
        assert advantages[2:].abs().sum() == 0 and advantages[0, 2] == 0

    old = torch.full((4, 3), -1.0)
    logprob = old.clone().requires_grad_()
    loss, logged = REGISTERED["loss rlvr"](
        old_log_prob=old, log_prob=logprob, advantages=advantages, response_mask=mask
    )
    loss.backward()
    weighted = advantages if by_driver else advantages.clamp(min=0) * weight
    weighted = weighted if by_driver else weighted + advantages.clamp(max=0)
    # The ratio is 1, so the gradient by the log-probability is -A / tokens.
    assert torch.allclose(logprob.grad, -weighted * mask / mask.sum())
    assert logged["actor/pg_clipfrac"] == 0.0
    print(f"{FOLDER}: loss {loss.item():.6f}, lambda {weight}, {sorted(REGISTERED)}")


if __name__ == "__main__":
    main()
