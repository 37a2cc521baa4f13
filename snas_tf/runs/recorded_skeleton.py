# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The plan of a run's networks, from what the run recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snas_tf import space
from snas_tf.runs import recorded_problem
from snas_tf.runs.run_directory import STAGES, RunDirectory


def skeleton(directory: RunDirectory, stage: str, dataset: Mapping[str, Any]) -> space.Skeleton:
    """The plan of a stage's networks.

    Args:
        directory: The run directory, in which the stage has begun.
        stage: "search" or "train".
        dataset: What the run recorded of its data set.
    """
    recorded = directory.recorded(stage)
    sizes = recorded["network" if stage == "search" else "train"]
    return recorded_problem.skeleton(
        recorded["space"],
        num_cells=sizes["num_cells"],
        init_channels=sizes["init_channels"],
        num_classes=len(dataset["class_names"]),
        image_shape=tuple(dataset["image_shape"]),
        stem=recorded["network"]["stem"],
    )


def kinds(directory: RunDirectory, dataset: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of cell that the networks of a run have: those of one or two cells only reduce.

    Args:
        directory: The run directory.
        dataset: What the run recorded of its data set; {} for nothing.
    """
    there = {
        kind
        for stage in STAGES
        if dataset and directory.recorded(stage)
        for kind in skeleton(directory, stage, dataset).kinds
    }
    sections = (directory.recorded(stage) for stage in STAGES)
    known = recorded_problem.cells(next(each for each in sections if each)["space"]).kinds
    return tuple(kind for kind in known if kind in there) or known
