# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks in a model with open layers cost: exact, for layers of any kind."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.networks.choices.graphs import Site
from snas_tf.networks.traced_cost import multiply_adds
from snas_tf.space import CostTable, ProductSpace


def choice_costs(
    model: keras.Model, mixture: keras.Model, space: ProductSpace, sites: Sequence[Site]
) -> CostTable:
    """Trainable weights and multiply-adds of every option, and of what all networks share.

    Args:
        model: The user's model.
        mixture: Its graph that takes rows, in which all options run.
        space: What it leaves open.
        sites: Where the mixture calls open layers.

    Returns:
        The table, of "parameters" and "multiply_adds"; of the first alone where the model does not
        know the shapes of its tensors, such as the length of a series.
    """
    layers = {id(site.layer): site.layer for site in sites}.values()
    fixed = _parameters([model]) - sum(_parameters([layer]) for layer in layers)
    parameters = {name: np.zeros(len(options)) for name, options in _options(space)}
    for layer in layers:
        parameters[layer.decision] += [_parameters(layer.kept(k)) for k in _positions(layer)]
    names, fixes, columns = ["parameters"], [fixed], [parameters]
    try:
        fixed, added = _multiply_adds(mixture, space, sites)
    except InvalidInput:  # a shape is not known in advance
        pass
    else:
        names, fixes, columns = [*names, "multiply_adds"], [*fixes, fixed], [*columns, added]
    tables = {
        name: np.stack([column[name] for column in columns], axis=-1)[None]
        for name, _ in _options(space)
    }
    return CostTable(names, fixes, tables)


def _multiply_adds(
    mixture: keras.Model, space: ProductSpace, sites: Sequence[Site]
) -> tuple[int, dict[str, np.ndarray]]:
    """What all networks share, and {decision: what each option adds}."""
    added = {name: np.zeros(len(options)) for name, options in _options(space)}
    fixed = multiply_adds(mixture)
    for site in sites:
        added[site.layer.decision] += [_at(site, k) for k in _positions(site.layer)]
        fixed -= _at(site, None)
    return fixed, added


def _at(site: Site, position: int | None) -> int:
    """The multiply-adds of an option where it is called; None is of all, as the mixture runs."""
    args, kwargs = keras.tree.map_structure(_input, (site.args, dict(site.kwargs)))
    layer = site.layer
    if position is None:
        answer = layer.compute_all(*args, **kwargs)
    else:
        answer = layer.compute(position, *args, **kwargs)
    tensors = keras.tree.flatten((args, kwargs))
    inputs = [tensor for tensor in tensors if isinstance(tensor, keras.KerasTensor)]
    return multiply_adds(keras.Model(inputs, keras.tree.flatten(answer)))


def _input(argument: object) -> object:
    if not isinstance(argument, keras.KerasTensor):
        return argument
    return keras.Input(batch_shape=argument.shape, dtype=argument.dtype, sparse=argument.sparse)


def _parameters(layers: Iterable[keras.layers.Layer]) -> int:
    weights = {id(weight): weight for layer in layers for weight in layer.trainable_weights}
    return sum(math.prod(weight.shape) for weight in weights.values())


def _positions(layer: OpenLayer) -> range:
    return range(len(layer.options))


def _options(space: ProductSpace) -> list[tuple[str, tuple[str, ...]]]:
    return [(decision.name, decision.options) for decision in space.decisions]
