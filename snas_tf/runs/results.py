# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What was measured of the networks of a run, kept in files that people and programs can read."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from etils import epath

from snas_tf import space
from snas_tf.reports import (
    Choice,
    ClassResult,
    Confusion,
    Judged,
    Mistake,
    Result,
    SeedResult,
)
from snas_tf.runs.files import read_json, write_json

SUPERNET = "supernet, sampled"
CHILD = "child without retraining"
TRAINED = "trained, last epoch"
BEST = "trained, best epoch"
OF_TRIAL = "network of the best trial"
"""The networks of a run, by the names that results and reports give them."""


def record(path: epath.Path, results: Iterable[Result]) -> None:
    """Adds results to a file; each replaces the one of the same network on the same images.

    Args:
        path: The JSON file, new or written by this function.
        results: What was measured.
    """
    merged = {(result.name, result.split): result for result in (*recorded(path), *results)}
    write_json(path, [dataclasses.asdict(result) for result in merged.values()])


def recorded(path: epath.Path) -> tuple[Result, ...]:
    """The results in a file, in the order of their first recording; () where there is none."""
    return tuple(_result(entry) for entry in read_json(path, ()))


def record_seeds(path: epath.Path, seeds: Iterable[SeedResult]) -> None:
    """Writes what several searches gave.

    Args:
        path: The JSON file.
        seeds: A result a search.
    """
    write_json(path, [dataclasses.asdict(seed) for seed in seeds])


def recorded_seeds(path: epath.Path) -> tuple[SeedResult, ...]:
    """What `record_seeds` wrote; () where there is none."""
    return tuple(
        SeedResult(**{**entry, "cost": space.Cost(**entry["cost"])})
        for entry in read_json(path, ())
    )


def record_mistakes(path: epath.Path, network: str, mistakes: Iterable[Mistake]) -> None:
    """Writes the test images on which a network is wrong.

    Args:
        path: The JSON file; what it held of another network is no longer told.
        network: What results call the network.
        mistakes: The images.
    """
    found = [dataclasses.asdict(mistake) for mistake in mistakes]
    write_json(path, {"network": network, "mistakes": found})


def recorded_mistakes(path: epath.Path, network: str) -> tuple[Mistake, ...]:
    """What `record_mistakes` wrote of a network; () where there is nothing of it."""
    held = read_json(path, {})
    if held.get("network") != network:
        return ()
    return tuple(Mistake(**entry) for entry in held["mistakes"])


def record_choice(path: epath.Path, choice: Choice) -> None:
    """Writes how a network was chosen.

    Args:
        path: The JSON file.
        choice: How it was.
    """
    candidates = [
        {
            "architecture": one.architecture,
            "metrics": {k: v if math.isfinite(v) else None for k, v in one.metrics.items()},
        }
        for one in choice.candidates
    ]
    write_json(path, {"told": choice.told, "candidates": candidates})


def recorded_choice(path: epath.Path) -> Choice | None:
    """What `record_choice` wrote; None where there is none."""
    entry = read_json(path)
    if entry is None:
        return None
    candidates = (
        Judged(
            one["architecture"],
            {k: -math.inf if v is None else v for k, v in one["metrics"].items()},
        )
        for one in entry["candidates"]
    )
    return Choice(entry["told"], tuple(candidates))


def _result(entry: dict) -> Result:
    cost = entry["cost"] and space.Cost(**entry["cost"])
    classes = tuple(ClassResult(**one) for one in entry.get("classes", ()))
    confusions = tuple(Confusion(**one) for one in entry.get("confusions", ()))
    return Result(**{**entry, "cost": cost, "classes": classes, "confusions": confusions})
