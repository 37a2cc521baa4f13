# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Who learns in a step: the weights, the logits, or both.

SNAS moves both from one pass on one batch. Beside that there are

    a warm-up    the weights alone, under relaxed samples of the uniform distribution;
    a gate       the weights alone in the steps in which it is 0, under the search's own samples;
    two levels   the logits on one batch, the weights on the next, by turns, and never both: the
                 first-order bi-level search of DARTS (Liu et al., arXiv 1806.09055, section 2.3),
                 whose batches for the logits are of examples that the weights never see.

Whoever does not learn stays as it is, to the bit, together with all that its optimizer remembers.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from snas_tf.search.schedules import Scheduled, is_constant, value_at

Flag = tf.Tensor | None
"""bool scalar; None for false in every step, so that nothing need be computed of it."""


@dataclasses.dataclass(frozen=True)
class Turn:
    """What a step does.

    Attributes:
        warm: Whether it belongs to the warm-up.
        holds_weights: Whether the weights stay as they are.
        holds_logits: Whether the logits do.
    """

    warm: Flag = None
    holds_weights: Flag = None
    holds_logits: Flag = None


def turn_of(step: tf.Tensor, warmup_steps: int, gate: Scheduled, bilevel: bool) -> Turn:
    """Whose turn it is.

    Args:
        step: Integer scalar, counted from 0.
        warmup_steps: Length of the warm-up.
        gate: 0 where the logits are held, of all steps.
        bilevel: Whether weights and logits take turns after the warm-up; the logits begin.
    """
    warm = step < warmup_steps if warmup_steps else None
    held = None if is_constant(gate) else tf.equal(value_at(gate, step), 0.0)
    of_weights = of_logits = None
    if bilevel:
        odd = tf.equal((step - warmup_steps) % 2, 1)
        of_weights = odd if warm is None else warm | odd
        of_logits = ~of_weights
    return Turn(warm, of_logits, any_of(warm, held, of_weights))


def steps_of_weights(steps: int, warmup_steps: int, bilevel: bool) -> int:
    """In how many of a search's steps the weights learn.

    Args:
        steps: All of them.
        warmup_steps: Length of the warm-up.
        bilevel: As for `turn_of`.
    """
    warm = min(steps, warmup_steps)
    return warm + (steps - warm) // 2 if bilevel else steps


def any_of(*flags: Flag) -> Flag:
    """Whether one of them is true; None where none ever is."""
    present = [flag for flag in flags if flag is not None]
    if not present:
        return None
    result = present[0]
    for flag in present[1:]:
        result |= flag
    return result
