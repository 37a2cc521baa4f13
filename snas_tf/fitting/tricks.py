# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a config says of how a search's step is taken, as arguments of `Snas`."""

from __future__ import annotations

from typing import Any

from ml_collections import ConfigDict

from snas_tf.search.perturbation import Perturbation
from snas_tf.search.schedules import Change, Gate, Scheduled


def arguments(search: ConfigDict, steps_per_epoch: int) -> dict[str, Any]:
    """What the config gives by schedules, and who learns when.

    Args:
        search: The config's section, checked.
        steps_per_epoch: Steps of an epoch.

    Returns:
        Arguments of `Snas`.
    """
    steps = search.epochs * steps_per_epoch
    warmup_steps = search.warmup_epochs * steps_per_epoch
    learning = steps - warmup_steps
    return {
        "temperature": Change(
            search.initial_temperature,
            search.final_temperature,
            learning,
            search.temperature_schedule,
        ),
        "warmup_steps": warmup_steps,
        "gate": _gate(steps - search.settling_epochs * steps_per_epoch, steps),
        "drop_path": strength(search.drop_path, search.drop_path_schedule, steps),
        "perturbation": _perturbation(search, learning),
        "label_smoothing": strength(search.label_smoothing, search.label_smoothing_schedule, steps),
        "bilevel": search.bilevel,
    }


def strength(value: float, schedule: str, steps: int) -> Scheduled:
    """A number that does not change, rises to its value, or falls from it.

    Args:
        value: The number.
        schedule: One of `snas_tf.config.tricks_keys.STRENGTHS`.
        steps: How many steps it takes.
    """
    if schedule == "constant" or value == 0:
        return value
    return Change(0.0, value, steps) if schedule == "rising" else Change(value, 0.0, steps)


def _gate(closes: int, steps: int) -> Scheduled:
    return 1.0 if closes == steps else Gate(0, closes)


def _perturbation(search: ConfigDict, learning: int) -> Perturbation | None:
    if search.perturbation == "none":
        return None
    size = strength(search.perturbation_size, search.perturbation_schedule, learning)
    return Perturbation(size, search.perturbation)
