"""Settings that change while the run goes on: lambda, the entropy bonus, the clip.

Plain Python without packages. A step is one batch of rollouts with all its updates; it
counts from 1. Sources: arXiv 2511.05993 section 7.3 (lambda), 2505.22312 (entropy
bonus), 2602.09782 (clip bounds that depend on the probability of a token).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Recipe = Mapping[str, Any]


@dataclass(frozen=True)
class Controls:
    """What the updates of one step use."""

    positive_weight: float
    entropy_coef: float
    clip_low: float
    clip_high: float
    clip_low_slope: float = 0.0
    """Change of the bound from probability 0 to 1."""
    clip_high_slope: float = 0.0


@dataclass
class Memory:
    """What the schedules keep from step to step; save it to resume a run."""

    positive_weight: float | None = None
    entropy_coef: float | None = None
    clip_is_low: bool = False
    base_entropy: float | None = None


def constant_controls(recipe: Recipe) -> Controls:
    """The settings as the recipe has them, before any schedule."""
    return Controls(
        positive_weight=recipe["positive_weight"],
        entropy_coef=recipe["entropy_coef"],
        clip_low=recipe["clip_low"],
        clip_high=recipe["clip_high"],
    )


def needs_entropy(recipe: Recipe) -> bool:
    """Whether a schedule follows the entropy of the rollouts."""
    return (
        recipe["positive_weight_schedule"]["kind"].startswith("entropy-guided")
        or recipe["entropy_coef_schedule"]["kind"] == "adaptive"
        or recipe["dynamic_clip"]["kind"] == "oscillatory-decay"
    )


class Schedules:
    """Asks every schedule of a recipe once a step, and keeps what they remember."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.memory = Memory()

    def next(self, step: int, entropy: float) -> Controls:
        """Controls of the updates of `step`.

        `entropy` is the mean of the step's response tokens in nats, before the updates.
        Where `needs_entropy` is false it may be any number.
        """
        if self.memory.base_entropy is None:
            self.memory.base_entropy = entropy
        controls = replace(
            constant_controls(self.recipe),
            positive_weight=self._positive_weight(step, entropy),
            entropy_coef=self._entropy_coef(entropy),
        )
        return self._clipped(controls, step, entropy)

    def _positive_weight(self, step: int, entropy: float) -> float:
        schedule, steps = self.recipe["positive_weight_schedule"], self.recipe["steps"]
        kind = schedule["kind"]
        if kind == "constant":
            return self.recipe["positive_weight"]
        if kind == "stage":
            return _clamp((step - steps / 2) / (steps / 2))
        if kind == "epoch":
            epochs = schedule["epochs"]
            epoch = min(epochs, (step - 1) * epochs // steps + 1)
            return _clamp((epoch - 1) / (epochs - 1))
        if kind == "entropy-guided":
            target = schedule["target"]
        elif kind == "entropy-guided-relative":
            target = schedule["fraction"] * (self.memory.base_entropy or 0.0)
        else:
            raise ValueError(f"unknown positive_weight_schedule {kind!r}")
        last = self.memory.positive_weight
        weight = _clamp(schedule["initial"] if last is None else last)
        if not math.isfinite(entropy):
            return weight
        change = -schedule["delta"] if entropy < target else schedule["delta"]
        # Steps of 0.1 end at 0 and not at 1e-16.
        self.memory.positive_weight = _clamp(round(weight + change, 12))
        return weight

    def _entropy_coef(self, entropy: float) -> float:
        schedule, base = (
            self.recipe["entropy_coef_schedule"],
            self.recipe["entropy_coef"],
        )
        if schedule["kind"] == "constant":
            return base
        last = self.memory.entropy_coef
        coef = _clamp(base if last is None else last, schedule["max"])
        if not math.isfinite(entropy):
            return 0.0
        below = entropy < schedule["target"]
        change = schedule["delta"] if below else -schedule["delta"]
        self.memory.entropy_coef = _clamp(coef + change, schedule["max"])
        return coef if below else 0.0

    def _clipped(self, fixed: Controls, step: int, entropy: float) -> Controls:
        dynamic = self.recipe["dynamic_clip"]
        kind = dynamic["kind"]
        if kind == "off":
            return fixed
        progress = (step - 1) / self.recipe["steps"]
        if kind == "constant":
            return _dynamic(fixed, dynamic, low=1.0, high=1.0)
        if kind == "increase-decrease":
            low = 0.0 if progress < 0.5 else 2.0 - 2.0 * progress
            return _dynamic(
                fixed, dynamic, low=low, high=max(0.0, 1.0 - 2.0 * progress)
            )
        if kind != "oscillatory-decay":
            raise ValueError(f"unknown dynamic_clip {kind!r}")
        first = self.memory.base_entropy or 0.0
        least = dynamic["floor"] * first
        if entropy <= least:
            self.memory.clip_is_low = True
        elif entropy > least + (first - least) * (1.0 - progress):
            self.memory.clip_is_low = False
        high = float(self.memory.clip_is_low)
        return _dynamic(fixed, dynamic, low=1.0 - high, high=high)


def _dynamic(
    fixed: Controls, dynamic: Mapping[str, Any], *, low: float, high: float
) -> Controls:
    """The dynamic bounds with these weights, the fixed ones with the rest."""
    return replace(
        fixed,
        clip_low=low * dynamic["low_base"] + (1.0 - low) * fixed.clip_low,
        clip_low_slope=low * dynamic["low_slope"],
        clip_high=high * dynamic["high_base"] + (1.0 - high) * fixed.clip_high,
        clip_high_slope=high * dynamic["high_slope"],
    )


def _clamp(value: float, most: float = 1.0) -> float:
    return min(most, max(0.0, value))
