# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is searched and trained: a file a family of spaces, the only place that knows all of one.

Programs ask a `Problem`, or before there are images its `Family`. A family that moves in is a file
of such functions and a line in `FAMILIES`; nothing here imports TensorFlow before it is needed, for
a config is checked by these too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snas_tf import space
from snas_tf.errors import InvalidInput, told_by_keys
from snas_tf.programs.problems import cells, chains, choices, graphs, morphs
from snas_tf.programs.problems.problem import Family, Images, Problem
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES

__all__ = [
    "FAMILIES",
    "Family",
    "Images",
    "Problem",
    "family",
    "of",
    "of_run",
    "prepare",
    "recorded_family",
    "recorded_space",
    "recorded_uses",
]

FAMILIES: Mapping[str, Family] = {
    "cells": cells,
    "nas_bench_201": cells,
    "chain": chains,
    "keras": choices,
    "graph": graphs,
    "morphism": morphs,
}
"""Who knows all of a space, by `space.name`; NAS-Bench-201 is values of the family of cells."""

_NUMBERS = 1
"""What a network tells of each example where labels are numbers."""


def family(config: Mapping[str, Any]) -> Family:
    """Who knows all of the space of a config, or of what a stage recorded of one."""
    return FAMILIES[config["space"]["name"]]


def of(config: Mapping[str, Any], stage: str, images: Images) -> Problem:
    """The problem of a stage.

    Args:
        config: The config, or what the stage recorded of it.
        stage: "search" or "train", whose networks may be larger.
        images: The data set, of which the sizes count.

    Raises:
        InvalidInput: It is of another kind than the networks of the space take.
    """
    made = family(config)
    if getattr(images, "dtype", "") == "int32" and not getattr(made, "TAKES_NAMES", False):
        raise InvalidInput(
            "`--config.data.source` must hold images or measurements with "
            f"`--config.space.name={config['space']['name']}`, whose networks multiply what they "
            f"are given: given whole numbers (int32) {tuple(images.image_shape)}, which are names; "
            "do save pixels as uint8, and measurements as floating-point numbers"
        )
    with told_by_keys({"image_shape": "data.source"}):
        return made.problem(
            config,
            stage,
            num_classes=images.num_classes or _NUMBERS,
            image_shape=tuple(images.image_shape),
        )


def of_run(directory: RunDirectory, stage: str, dataset: Mapping[str, Any]) -> Problem:
    """The problem of a stage of a run, from what the run recorded.

    Args:
        directory: The run directory, in which the stage has begun.
        stage: "search" or "train".
        dataset: What the run recorded of its data set.
    """
    recorded = directory.recorded(stage)
    return family(recorded).problem(
        recorded,
        stage,
        num_classes=len(dataset["class_names"]) or _NUMBERS,
        image_shape=tuple(dataset["image_shape"]),
    )


def prepare(directory: RunDirectory) -> None:
    """Makes known to Keras what the networks of a run hold beyond Keras and this package.

    Args:
        directory: The run directory.
    """
    for stage in STAGES:
        if recorded := directory.recorded(stage):
            getattr(family(recorded), "prepare", lambda config: None)(recorded)


def recorded_family(directory: RunDirectory) -> Family:
    """The family of a run in which a stage has begun."""
    return family(_recorded(directory))


def recorded_space(directory: RunDirectory) -> space.DecisionSpace:
    """The space of a run in which a stage has begun."""
    return recorded_family(directory).space_of(_recorded(directory))


def recorded_uses(directory: RunDirectory, dataset: Mapping[str, Any]) -> tuple[str, ...]:
    """The decisions that have a part in the networks of a run.

    Args:
        directory: The run directory, in which a stage has begun.
        dataset: What the run recorded of its data set; {} for nothing, which tells of no network.

    Returns:
        Their names in the order of the space; all where nothing is known.
    """
    known = tuple(decision.name for decision in recorded_space(directory).decisions)
    there = {
        name
        for stage in STAGES
        if dataset and directory.recorded(stage)
        for name in of_run(directory, stage, dataset).uses
    }
    return tuple(name for name in known if name in there) or known


def _recorded(directory: RunDirectory) -> Mapping[str, Any]:
    return next(found for stage in STAGES if (found := directory.recorded(stage)))
