"""The loss of the run for torch, with the formulas of the playground's docs/math.md.

Tensors have the shape (responses, tokens). `mask` is 1 at response tokens, and
`advantage` may also be (responses, 1). A token's loss is written as its value and its
slope by the log-probability, since some objectives hold a part of it still.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rlvr_schedules import Controls

Recipe = Mapping[str, Any]

LOG_RATIO_LIMIT = 20.0
"""Bound of the log ratio before the exponential."""

SAME_POLICY = 1e-4
"""Log ratios below this are rounding, which kl-cov must not act on."""

SMALLEST_LARGEST_CHANGE = 0.02


@dataclass(frozen=True)
class Batch:
    """The tokens of one update. Only `logprob` and `entropy` carry gradients."""

    logprob: Tensor
    """Under the policy that is trained, at the sampling temperature."""
    old_logprob: Tensor
    """Under the policy that wrote the responses."""
    advantage: Tensor
    """Before any weight."""
    mask: Tensor
    entropy: Tensor | None = None
    """Nats; needed where the recipe looks at it."""
    ref_logprob: Tensor | None = None
    """Under the base policy; needed where kl_coef is not 0."""


@dataclass(frozen=True)
class Loss:
    total: Tensor
    policy: Tensor
    kl: Tensor | None
    clip_low_fraction: Tensor
    clip_high_fraction: Tensor


@dataclass(frozen=True)
class TokenLosses:
    losses: Tensor
    """The surrogate of each token, with its gradient; selection is done."""
    clip_low: Tensor
    """True where a token with A < 0 left the clip range downwards."""
    clip_high: Tensor


def policy_loss(batch: Batch, recipe: Recipe, controls: Controls) -> Loss:
    """The whole loss of an update: surrogate, KL to the base policy, entropy bonus."""
    tokens = token_losses(batch, recipe, controls)
    policy = aggregate(tokens.losses, batch.mask, recipe)
    total, kl = policy, None
    if recipe["kl_coef"] > 0:
        if batch.ref_logprob is None:
            raise ValueError("kl_coef needs ref_logprob")
        log_ratio = batch.ref_logprob - batch.logprob
        kl = aggregate(log_ratio.exp() - log_ratio - 1.0, batch.mask, recipe)
        total = total + recipe["kl_coef"] * kl
    if controls.entropy_coef != 0:
        entropy = aggregate(_entropy(batch), batch.mask, recipe)
        total = total - controls.entropy_coef * entropy
    count = batch.mask.sum().clamp(min=1)
    return Loss(
        total=total,
        policy=policy.detach(),
        kl=None if kl is None else kl.detach(),
        clip_low_fraction=(tokens.clip_low * batch.mask).sum() / count,
        clip_high_fraction=(tokens.clip_high * batch.mask).sum() / count,
    )


def aggregate(values: Tensor, mask: Tensor, recipe: Recipe) -> Tensor:
    """Token values as one number."""
    how = recipe["aggregation"]
    if how == "token-mean":
        return (values * mask).sum() / mask.sum().clamp(min=1)
    if how == "sequence-mean":
        return ((values * mask).sum(-1) / mask.sum(-1).clamp(min=1)).mean()
    if how == "constant":
        return (values * mask).sum() / (len(mask) * recipe["aggregation_constant"])
    raise ValueError(f"unknown aggregation {how!r}")


@torch.no_grad()
def _pieces(
    batch: Batch, recipe: Recipe, controls: Controls
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Value and slope of each token, and whether it was clipped low or high."""
    logprob, valid = batch.logprob, batch.mask.bool()
    raw = batch.advantage.expand_as(logprob)
    log_ratio = logprob - batch.old_logprob
    probability = logprob.exp()
    low = (controls.clip_low + controls.clip_low_slope * probability).clamp(min=0)
    high = (controls.clip_high + controls.clip_high_slope * probability).clamp(min=0)
    if recipe["objective"] == "gspo":
        lengths = batch.mask.sum(-1, keepdim=True).clamp(min=1)
        mean = (log_ratio * batch.mask).sum(-1, keepdim=True) / lengths
        log_ratio = mean.expand_as(log_ratio)
    ratio = _ratio(log_ratio)
    is_high = (raw > 0) & (ratio > 1 + high)
    is_low = (raw < 0) & (ratio < 1 - low)
    clipped = is_low | is_high
    keep, penalty = _selection(batch, raw, valid, clipped, recipe)
    advantage = _weighted(raw, batch, recipe, controls)
    value, slope = _surrogate(
        logprob, log_ratio, advantage, (low, high), penalty, recipe
    )
    return keep * value, keep * slope, is_low, is_high


def token_losses(batch: Batch, recipe: Recipe, controls: Controls) -> TokenLosses:
    """The surrogate token by token, for trainers that aggregate it themselves."""
    value, slope, is_low, is_high = _pieces(batch, recipe, controls)
    losses = value + slope * (batch.logprob - batch.logprob.detach())
    return TokenLosses(losses=losses, clip_low=is_low, clip_high=is_high)


def _surrogate(
    logprob: Tensor,
    log_ratio: Tensor,
    advantage: Tensor,
    bounds: tuple[Tensor, Tensor],
    penalty: Tensor,
    recipe: Recipe,
) -> tuple[Tensor, Tensor]:
    """Value of each token and its slope by the log-probability."""
    objective = recipe["objective"]
    low, high = bounds
    if objective == "reinforce":
        return -advantage * logprob, -advantage
    ratio = _ratio(log_ratio)
    clamped = torch.minimum(torch.maximum(ratio, 1 - low), 1 + high)
    if objective == "cispo":
        return -clamped * advantage * logprob, -clamped * advantage
    value = -ratio * advantage
    slope = value.masked_fill(log_ratio.abs() > LOG_RATIO_LIMIT, 0.0)
    if objective == "kl-cov":
        pull = penalty * log_ratio.sign() * (log_ratio.abs() > SAME_POLICY)
        return value + penalty * log_ratio.abs(), slope + pull
    bound = -clamped * advantage
    if objective == "ce-gppo":
        below = (advantage < 0) & (ratio < 1 - low)
        above = (advantage > 0) & (ratio > 1 + high)
        held = below | above
        share = below * recipe["gppo_low"] + above * recipe["gppo_high"]
        value = torch.where(held, share * bound, value)
        slope = torch.where(held, share * bound, slope)
    else:
        held = torch.zeros_like(value, dtype=torch.bool)
        slope = slope.masked_fill(bound > value, 0.0)
        value = torch.maximum(value, bound)
    if recipe["dual_clip"]:
        most = -advantage * recipe["dual_clip"]
        capped = ~held & (advantage < 0) & (most < value)
        value = torch.where(capped, most, value)
        slope = slope.masked_fill(capped, 0.0)
    return value, slope


def _weighted(raw: Tensor, batch: Batch, recipe: Recipe, controls: Controls) -> Tensor:
    """The advantage, shaped by the entropy, times the weight of its sign."""
    shaped = raw
    if recipe["entropy_advantage"] > 0:
        bonus = recipe["entropy_advantage"] * _entropy(batch)
        shaped = raw + torch.minimum(
            bonus, raw.abs() / recipe["entropy_advantage_bound"]
        )
    weight = (raw > 0) * controls.positive_weight + (raw < 0) * recipe[
        "negative_weight"
    ]
    return shaped * weight


def _selection(
    batch: Batch, raw: Tensor, valid: Tensor, clipped: Tensor, recipe: Recipe
) -> tuple[Tensor, Tensor]:
    """A factor of each token's surrogate, and one of its |log ratio|."""
    logprob = batch.logprob
    keep, penalty = torch.ones_like(logprob), torch.zeros_like(logprob)
    tokens = int(valid.sum())
    if recipe["steer_min_weight"] < 1:
        p = logprob.exp()
        slope = p * (1 - p) / batch.old_logprob.exp()
        change = (raw * slope * (logprob + _entropy(batch))).abs() * valid
        most = change.max().clamp(min=SMALLEST_LARGEST_CHANGE)
        keep = recipe["steer_min_weight"] ** (change / most)
    if recipe["objective"] in ("clip-cov", "kl-cov"):
        by_advantage = raw - raw[valid].mean()
        covariance = by_advantage * (logprob - logprob[valid].mean())
        count = max(1, _share_below(recipe["cov_fraction"], tokens))
        if recipe["objective"] == "kl-cov":
            penalty = recipe["kl_cov_coef"] * _largest(covariance, valid, count)
        else:
            in_band = (covariance > recipe["cov_low"]) & (
                covariance < recipe["cov_high"]
            )
            drawn = _largest(torch.rand_like(raw), valid & in_band & ~clipped, count)
            keep = keep.masked_fill(drawn, 0.0)
    if recipe["high_entropy_fraction"] < 1:
        count = max(1, _share_above(recipe["high_entropy_fraction"], tokens))
        keep = keep * _largest(_entropy(batch), valid, count)
    positive = valid & (raw > 0)
    count = _share_below(recipe["random_clip_fraction"], int(positive.sum()))
    return (
        keep.masked_fill(_largest(torch.rand_like(raw), positive, count), 0.0),
        penalty,
    )


def _largest(scores: Tensor, eligible: Tensor, count: int) -> Tensor:
    """True at the `count` largest scores, and at those that tie with the last."""
    values = scores[eligible]
    if count <= 0 or values.numel() == 0:
        return torch.zeros_like(eligible)
    last = values.topk(min(count, values.numel())).values[-1]
    return eligible & (scores >= last)


def _ratio(log_ratio: Tensor) -> Tensor:
    return log_ratio.clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT).exp()


def _entropy(batch: Batch) -> Tensor:
    if batch.entropy is None:
        raise ValueError("this recipe needs the entropy of each token")
    return batch.entropy


def _share_below(share: float, tokens: int) -> int:
    # A share is a decimal: 0.29 x 100 is below 29 in binary.
    return math.floor(share * tokens + 1e-9)


def _share_above(share: float, tokens: int) -> int:
    return math.ceil(share * tokens - 1e-9)
