# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The open sizes of a model as plain data: in JSON a size is a number, and no longer open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from snas_tf import keras_internals
from snas_tf.layers.choices.open_sizes import open_sizes
from snas_tf.space.choices.one_of import OneOf


def recorded_sizes(model: keras.Model) -> list[list[Any]]:
    """What `restore_sizes` puts back.

    Args:
        model: The model.

    Returns:
        [position of the layer, argument, positions within the argument or None, sizes, decision] of
        every open size.
    """
    records: list[list[Any]] = []
    for position, layer in enumerate(keras_internals.all_sublayers(model)):
        for argument, sizes in open_sizes(layer).items():
            value = getattr(layer, argument)
            places = None
            if isinstance(value, (list, tuple)):
                places = [place for place, part in enumerate(value) if isinstance(part, OneOf)]
            records.append([position, argument, places, list(sizes.sizes), sizes.decision])
    return records


def restore_sizes(model: keras.Model, records: Sequence[Sequence[Any]]) -> None:
    """Opens the sizes of a model anew that was read from its config.

    Args:
        model: The model.
        records: From `recorded_sizes` of the one that was written.
    """
    layers = keras_internals.all_sublayers(model)
    for position, argument, places, sizes, decision in records:
        opened: Any = OneOf(*sizes, decision=decision)
        if places is not None:
            value = getattr(layers[position], argument)
            opened = tuple(opened if i in places else part for i, part in enumerate(value))
        setattr(layers[position], argument, opened)
