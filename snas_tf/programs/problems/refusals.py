# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What families whose networks are no cells refuse alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from snas_tf.errors import InvalidInput

if TYPE_CHECKING:
    import keras


def refuse_extras(
    family: str,
    auxiliary: bool,
    drop_path: float,
    instead: str = ", whose networks have nothing of it",
) -> None:
    """Refuses an auxiliary head and paths to drop.

    Args:
        family: The family, as `space.name` has it.
        auxiliary: Whether a head is asked for.
        drop_path: How often a path is to be dropped, 0 for never.
        instead: The end of the line: why, or what to do.

    Raises:
        InvalidInput: One of them is asked for.
    """
    if auxiliary or drop_path:
        key = "auxiliary_weight" if auxiliary else "drop_path"
        raise InvalidInput(
            f"`--config.train.{key}` must be 0 with `--config.space.name={family}`{instead}"
        )


def refuse_latency(family: str, measured: bool = True) -> NoReturn:
    """Refuses a table of latencies: no network of the family is a sum of pieces.

    Args:
        family: The family, as `space.name` has it.
        measured: Whether its networks can be timed as a whole, by a measure of trials.

    Raises:
        InvalidInput: Always.
    """
    remedy = "; for its latency add latency_ms to --config.trials.measures" if measured else ""
    raise InvalidInput(
        "`--mode=latency` must be of cells or of options of a model (space.name=keras), whose "
        "networks are taken for sums of these: given "
        f"`--config.space.name={family}`{remedy}"
    )


def refuse_other_sizes(network: keras.Model, skeleton: object) -> None:
    """Refuses a network of another data set, from which a training cannot inherit.

    Args:
        network: The network of the search.
        skeleton: The sizes of the training.

    Raises:
        InvalidInput: The network has others.
    """
    if network.skeleton != skeleton:
        raise InvalidInput(
            "`--config.train.inherit` needs images and classes as in the search: given "
            f"{skeleton}, and {network.skeleton} was searched"
        )
