"""The verifier of the playground's task as a reward function of verl.

Apart from rlvr_verl.py, since verl loads it by its path in processes of its own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlvr_advantages import training_reward
from rlvr_task import longest_response, response_length, verify

_FOLDER = Path(__file__).parent
RECIPE: Mapping[str, Any] = json.loads(
    (_FOLDER / "recipe.json").read_text(encoding="utf-8")
)
_DRAWS = random.Random(RECIPE["seed"])


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    **_: Any,
) -> dict[str, float]:
    """The reward of one response, as verl's reward manager asks for it."""
    task = RECIPE["task"]
    verified = verify(task, str((extra_info or {})["prompt"]), solution_str)
    length = response_length(task, solution_str)
    told = training_reward(verified, length, longest_response(task), RECIPE, _DRAWS)
    return {"score": told, "acc": verified}
