"""What a reward becomes for the learner, and how good a response was against its group.

Plain Python without packages. The formulas are those of the playground's docs/math.md.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

Recipe = Mapping[str, Any]

STD_EPSILON = 1e-4
"""Keeps the division finite in a group of equal rewards."""

SUCCESS_WEIGHT = 0.1
"""What a success counts against a failure in W-REINFORCE."""


def training_reward(
    verified: float, length: int, longest: int, recipe: Recipe, draws: random.Random
) -> float:
    """The reward that the learner is told of a response of `length` tokens.

    `length` includes the end token; `longest` is the most a response can have.
    """
    reward = float(draws.random() < 0.5) if recipe["reward"] == "random" else verified
    if draws.random() < recipe["label_noise"]:
        reward = 1.0 - reward
    reward -= recipe["length_penalty"] * length / longest
    buffer = recipe["overlong_buffer"]
    if buffer is not None:
        reward -= min(1.0, max(0.0, (length - (longest - buffer)) / buffer))
    return reward


def group_advantages(
    rewards: Sequence[float], groups: Sequence[Hashable], recipe: Recipe
) -> list[float]:
    """One advantage for each reward; responses to one prompt share their group."""
    estimator = recipe["advantage"]
    if estimator == "psr":
        return [float(r) for r in rewards]
    if estimator == "nsr":
        return [r - 1.0 for r in rewards]
    if estimator == "weighted":
        return [SUCCESS_WEIGHT * r - (1.0 - r) for r in rewards]
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        places["all" if estimator == "batch-mean" else group].append(place)
    advantages = [0.0] * len(rewards)
    for own in places.values():
        values = [rewards[place] for place in own]
        # A rounded mean of equal rewards can miss them by one bit.
        if len(set(values)) > 1:
            for place, advantage in zip(own, _compared(values, recipe), strict=True):
                advantages[place] = advantage
    return advantages


def _compared(values: Sequence[float], recipe: Recipe) -> list[float]:
    """Each value against those it is judged with; they are not all equal."""
    estimator, n = recipe["advantage"], len(values)
    mean = sum(values) / n
    # The population's, as in the playground; trl and verl divide by n - 1 instead.
    std = math.sqrt(sum((value - mean) ** 2 for value in values) / n)
    if estimator == "grpo":
        return [(value - mean) / (std + STD_EPSILON) for value in values]
    if estimator == "quantile":
        baseline = _lower_quantile(values, recipe["advantage_quantile"])
        return [(value - baseline) / (std + STD_EPSILON) for value in values]
    if estimator == "rloo":
        return [n / (n - 1) * (value - mean) for value in values]
    if estimator in ("dr-grpo", "batch-mean"):
        return [value - mean for value in values]
    raise ValueError(f"unknown advantage {estimator!r}")


def _lower_quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least a `share` of them does not exceed."""
    ordered = sorted(values)
    for count, value in enumerate(ordered, start=1):
        if count / len(ordered) >= share:
            return value
    return ordered[-1]
