# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks in a model that leaves something open cost, for layers of any kind."""

from __future__ import annotations

import math
from collections.abc import Iterable

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.networks.choices.graphs import RowGraph, Site
from snas_tf.networks.choices.size_costs import size_costs
from snas_tf.networks.traced_cost import multiply_adds
from snas_tf.space import CostTable, ProductSpace


def choice_costs(model: keras.Model, space: ProductSpace, mixture: RowGraph) -> CostTable:
    """Trainable weights and multiply-adds of every option, and of what all networks share.

    They are exact where no open sizes meet. Where they do, as those of two convolutions in a row,
    the cost is no sum over decisions; see `size_costs` for the bound that stands here instead.

    Args:
        model: The user's model.
        space: What it leaves open.
        mixture: Its graph that takes rows, in which all options run.

    Returns:
        The table, of "parameters" and "multiply_adds"; of the first alone where the model does not
        know the shapes of its tensors, such as the length of a series.
    """
    layers = {id(site.layer): site.layer for site in mixture.sites}.values()
    fixed = _parameters([model]) - sum(_parameters([layer]) for layer in layers)
    parameters = {name: np.zeros(len(options)) for name, options in _options(space)}
    for layer in layers:
        parameters[layer.decision] += [_parameters(layer.kept(k)) for k in _positions(layer)]
    fixed += size_costs(mixture.plan, parameters, "parameters")
    names, fixes, columns = ["parameters"], [fixed], [parameters]
    try:
        fixed, added = _multiply_adds(space, mixture)
    except InvalidInput:  # a shape is not known in advance
        pass
    else:
        names, fixes, columns = [*names, "multiply_adds"], [*fixes, fixed], [*columns, added]
    tables = {
        name: np.stack([column[name] for column in columns], axis=-1)[None]
        for name, _ in _options(space)
    }
    return CostTable(names, fixes, tables)


def _multiply_adds(space: ProductSpace, mixture: RowGraph) -> tuple[float, dict[str, np.ndarray]]:
    """What all networks share, and {decision: what each option adds}."""
    added = {name: np.zeros(len(options)) for name, options in _options(space)}
    fixed: float = multiply_adds(mixture.model)
    for site in mixture.sites:
        added[site.layer.decision] += [_at(site, k) for k in _positions(site.layer)]
        fixed -= _at(site, None)
    return fixed + size_costs(mixture.plan, added, "multiply_adds"), added


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
