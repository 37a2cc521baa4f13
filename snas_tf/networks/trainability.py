# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which parts of a network are frozen, as plain data: what a saved network is to remember.

Keras writes `trainable` of every layer of a functional model, but nothing of the layers within a
layer, and leaves what a model with a constructor of its own remembers to its `get_config`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import keras

from snas_tf.keras_internals import sublayers

Flags = Mapping[str, bool]
"""{place of a layer: its `trainable`} where it differs from that of the layer around it; outer
layers first. The place is the names from the network down to the layer, such as
"cell_0_normal/source_1"; that of the network itself is ""."""


def flags(network: keras.Model) -> dict[str, bool]:
    """Where training is switched off, and within that on again.

    Args:
        network: The network, built.

    Returns:
        See `Flags`; empty where nothing is frozen.
    """
    return dict(_changes(network, "", True))


def restore(network: keras.Model, flags: Flags, missing: bool = False) -> None:
    """Freezes what `flags` says of a network of the same layers, all of which are trainable.

    Args:
        network: The network, built.
        flags: What `flags` returned.
        missing: Whether layers may be missing; what is said of them is left out.

    Raises:
        ValueError: A layer is missing.
    """
    for place, trainable in flags.items():
        layer = _at(network, place)
        if layer is not None:
            layer.trainable = trainable
        elif not missing:
            raise ValueError(f"`flags` names a layer that {network.name!r} has not: {place!r}.")


def _changes(layer: keras.layers.Layer, place: str, around: bool) -> Iterator[tuple[str, bool]]:
    if layer.trainable != around:
        yield place, layer.trainable
    for part in sublayers(layer):
        yield from _changes(part, f"{place}/{part.name}".lstrip("/"), layer.trainable)


def _at(network: keras.Model, place: str) -> keras.layers.Layer | None:
    layer = network
    for name in filter(None, place.split("/")):
        layer = {part.name: part for part in sublayers(layer)}.get(name)
        if layer is None:
            return None
    return layer
