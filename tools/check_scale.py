"""Runs what "rlvr export RUN --to trl" wrote, and keeps its numbers for the unit tests.

    python tools/check_scale.py FOLDER

FOLDER is the exported folder, its requirements installed. Trains two steps on the CPU,
and asks every other Python file of the folder for numbers. Writes python.json and
trl_run.json into tests/fixtures/scale, which the tests compare with the playground's
own; inputs.json there, which the tests write, says what is asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "tests/fixtures/scale"
FOLDER = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(FOLDER))
os.environ["OUTPUT"] = tempfile.mkdtemp()
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import torch  # noqa: E402
from torch import Tensor  # noqa: E402

import train  # noqa: E402
from rlvr_advantages import group_advantages, training_reward  # noqa: E402
from rlvr_loss import Batch, policy_loss  # noqa: E402
from rlvr_schedules import Controls, Schedules  # noqa: E402
from rlvr_task import response_length, verify  # noqa: E402
from rlvr_trl import RlvrTrainer  # noqa: E402

STEPS = 2
KEPT_UPDATES = (0, 1, 7, 15)
"""Of the two steps' updates; each kept one is about 20 kB."""


def rounded(value: Any) -> Any:
    """Numbers with 9 significant digits, so that files stay readable."""
    if isinstance(value, Tensor):
        return rounded(value.tolist())
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def loss_case(case: dict[str, Any], recipe: dict[str, Any]) -> dict[str, Any]:
    """Loss and gradient by the logits of one case, in 64 bits."""
    inputs = {
        name: torch.tensor(case[name], dtype=torch.float64)
        for name in ("logits", "old_logprob", "ref_logprob", "advantage", "mask")
    }
    logits = inputs["logits"].requires_grad_()
    own = {**recipe, **case["recipe"]}
    logprobs = (logits / own["temperature"]).log_softmax(-1)
    token = torch.tensor(case["token"]).unsqueeze(-1)
    batch = Batch(
        logprob=logprobs.gather(-1, token).squeeze(-1),
        old_logprob=inputs["old_logprob"],
        advantage=inputs["advantage"],
        mask=inputs["mask"],
        entropy=-(logprobs.exp() * logprobs).sum(-1),
        ref_logprob=inputs["ref_logprob"],
    )
    loss = policy_loss(batch, own, Controls(**case["controls"]))
    loss.total.backward()
    return {
        "loss": rounded(loss.total.item()),
        "d_logits": rounded(logits.grad),
        "clip_low_fraction": rounded(loss.clip_low_fraction.item()),
        "clip_high_fraction": rounded(loss.clip_high_fraction.item()),
    }


def plain(asked: dict[str, Any], recipe: dict[str, Any]) -> dict[str, Any]:
    """What the files that need no packages say."""
    schedules = []
    for case in asked["schedules"]:
        own = Schedules({**recipe, **case["recipe"]})
        controls = [
            own.next(step, entropy)
            for step, entropy in enumerate(case["entropy"], start=1)
        ]
        schedules.append([rounded(list(vars(each).values())) for each in controls])
    told = asked["rewards"]
    return {
        "verdicts": {
            task: [verify(task, prompt, response) for prompt, response in pairs]
            for task, pairs in asked["responses"].items()
        },
        "lengths": {
            task: [response_length(task, response) for _, response in pairs]
            for task, pairs in asked["responses"].items()
        },
        "advantages": [
            rounded(
                group_advantages(told["values"], told["groups"], {**recipe, **each})
            )
            for each in asked["advantages"]
        ],
        "training_rewards": [
            rounded(
                training_reward(
                    case["verified"],
                    case["length"],
                    case["longest"],
                    {**recipe, **case["recipe"]},
                    random.Random(0),
                )
            )
            for case in asked["training_rewards"]
        ],
        "schedules": schedules,
    }


def two_steps(recipe: dict[str, Any]) -> dict[str, Any]:
    """Trains two steps, and keeps the batches of some updates with their losses."""
    updates: list[dict[str, Any]] = []
    tokens: list[tuple[Tensor, Tensor]] = []
    logprobs, compute_loss = RlvrTrainer._logprobs, RlvrTrainer._compute_loss

    def watch_logprobs(self: Any, model: Any, inputs: dict[str, Any]) -> Any:
        tokens.append(logprobs(self, model, inputs))
        return tokens[-1]

    def watch_loss(self: Any, model: Any, inputs: dict[str, Any]) -> Tensor:
        loss = compute_loss(self, model, inputs)
        logprob, entropy = tokens[-1]
        old = inputs.get("old_per_token_logps")
        kept = {
            "prompt": inputs["prompt_ids"].tolist(),
            "response": inputs["completion_ids"].tolist(),
            "mask": inputs["completion_mask"].tolist(),
            "advantage": rounded(inputs["advantages"]),
            "logprob": rounded(logprob.detach()),
            "old_logprob": rounded(logprob.detach() if old is None else old),
            "entropy": rounded(entropy.detach()),
            "positive_weight": self.controls.positive_weight,
            "loss": rounded(loss.item()),
        }
        updates.append(kept)
        return loss

    RlvrTrainer._logprobs, RlvrTrainer._compute_loss = watch_logprobs, watch_loss
    train.ARGUMENTS.max_steps = STEPS * recipe["minibatches"] * recipe["epochs"]
    train.ARGUMENTS.save_strategy = "no"
    training = train.trainer()
    training.train()
    for line in training.state.log_history:
        print(json.dumps(line))
    return {
        "recipe": recipe,
        "updates": {str(i): updates[i] for i in KEPT_UPDATES},
        "log_history": training.state.log_history,
    }


def main() -> None:
    recipe = json.loads((FOLDER / "recipe.json").read_text(encoding="utf-8"))
    asked = json.loads((FIXTURES / "inputs.json").read_text(encoding="utf-8"))
    # Which files these numbers are of: a test asks for new ones when they change.
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(FOLDER.glob("rlvr_*.py"))
    }
    python = {
        "files": digests,
        **plain(asked, asked["recipe"]),
        "losses": [loss_case(case, asked["recipe"]) for case in asked["losses"]],
    }
    results = {"python.json": python, "trl_run.json": two_steps(recipe)}
    for name, content in results.items():
        (FIXTURES / name).write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
