# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a report tells of the network that leaves a run: its worth, mistakes and outline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from snas_tf import reports, space
from snas_tf.programs import found_network, problems
from snas_tf.runs import results
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES


def of_run(directory: RunDirectory) -> found_network.FoundNetwork | None:
    """The network that leaves a run; None before there is one.

    Args:
        directory: The run directory.
    """
    return found_network.choose(directory) if found_network.candidates(directory) else None


def headline(
    directory: RunDirectory,
    leaving: found_network.FoundNetwork | None,
    measured: Sequence[reports.Result],
    unit: str = "images",
) -> reports.Headline | None:
    """Which network to use, and how good it is; None before there is one, or where none has an
    accuracy.

    Args:
        directory: The run directory.
        leaving: From `of_run`.
        measured: What was measured in the run. As long as nothing is of test images, the worth is
            that on validation images.
        unit: What was counted.
    """
    if leaving is None or leaving.result.accuracy is None:
        return None
    plain = directory.plain_network_path
    tested = [each for each in measured if (each.name, each.split) == (leaving.name, "test")]
    return reports.Headline(
        file=plain.name if plain.exists() else leaving.path.name,
        network=leaving.words,
        reason=leaving.reason,
        result=tested[0] if tested else leaving.result,
        unit=unit,
    )


def mistakes(
    directory: RunDirectory, leaving: found_network.FoundNetwork | None
) -> tuple[reports.Mistake, ...]:
    """Test images on which it is wrong, if they were looked at.

    Args:
        directory: The run directory.
        leaving: From `of_run`.
    """
    if leaving is None:
        return ()
    return results.recorded_mistakes(directory.mistakes_path, leaving.name)


def outline(
    directory: RunDirectory, architecture: space.Architecture | None, dataset: dict[str, Any]
) -> tuple[reports.Stage, ...]:
    """The whole network that was found, or is trained, where its family draws but parts of it.

    Args:
        directory: The run directory.
        architecture: What was found; None if there is nothing yet.
        dataset: What was recorded of the data set.
    """
    if architecture is None or "image_shape" not in dataset:
        return ()
    stage = next(each for each in reversed(STAGES) if directory.recorded(each))
    problem = problems.of_run(directory, stage, dataset)
    return problem.outline(architecture) if hasattr(problem, "outline") else ()
