# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""When the search of a run stops before its last epoch, as its config says, and what it keeps.

It follows from what the run has been through alone, so that nothing of it is recorded: reports and
resumed runs find the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from snas_tf import data, space
from snas_tf.fitting.fit import validation_dataset
from snas_tf.fitting.history import History
from snas_tf.search.curvature import MeasureCurvature
from snas_tf.search.early_stopping import Decided, Past, Policy, Sharp, Skips, Stop, first_stop


def policies(search: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The policies of a config's section `search`, or of what a run recorded of it."""
    found = []
    if search["stop_entropy"]:
        found.append(Decided(search["stop_entropy"]))
    if search["stop_skips"]:
        found.append(Skips(search["stop_skips"], tuple(search["stop_options"])))
    if search["stop_curvature"]:
        found.append(Sharp(search["stop_curvature"], search["stop_window"]))
    return tuple(found)


def stop(
    search: Mapping[str, Any],
    past: History,
    searched: space.DecisionSpace,
    uses: Sequence[str],
) -> Stop | None:
    """Where a search stops by what it has been through.

    Args:
        search: The section `search`, or what a run recorded of it.
        past: What it has been through.
        searched: The space.
        uses: The decisions that have a part in the network.

    Returns:
        Where, and why; None where it goes to its last epoch.
    """
    asked = policies({**_NEVER, **search})
    if not asked or not past.epochs:
        return None
    rows = {name: values for name, values in past.probabilities.items() if name in uses}
    found = first_stop(
        asked, Past(past.rows, rows), searched, first_epoch=search["warmup_epochs"] + 1
    )
    whole = found is not None and found.epoch == found.kept == search["epochs"]
    return None if whole else found


def kept(found: Stop | None, past: History) -> dict[str, np.ndarray] | None:
    """The probabilities of an earlier epoch, where those are kept; None for the last ones."""
    if found is None or found.kept == past.epochs:
        return None
    return {name: values[found.kept - 1] for name, values in past.probabilities.items()}


def measurements(
    search: Mapping[str, Any], images: data.ImageData, batch_size: int
) -> list[keras.callbacks.Callback]:
    """What the policies want to be measured after every epoch."""
    if not search["stop_curvature"]:
        return []
    (batch,) = validation_dataset(images, batch_size).take(1)
    return [MeasureCurvature(batch)]


_NEVER = {"stop_entropy": 0.0, "stop_skips": 0.0, "stop_curvature": 0.0}
"""For the records of runs by earlier versions."""
