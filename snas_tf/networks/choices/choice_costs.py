# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks in a model that leaves something open cost, for layers of any kind."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_layer import OpenLayer
from snas_tf.networks.choices.graphs import RowGraph, Site
from snas_tf.networks.choices.size_costs import SizeCosts, size_costs
from snas_tf.networks.traced_cost import multiply_adds
from snas_tf.space import CostTable, ProductSpace
from snas_tf.space.joint_costs import Ties


def choice_costs(model: keras.Model, space: ProductSpace, mixture: RowGraph) -> CostTable:
    """Trainable weights and multiply-adds of every option, and of what all networks share.

    They are exact; where open sizes meet, as those of two convolutions in a row, by costs of the
    decisions together, as far as `size_costs` tells.

    Args:
        model: The user's model.
        space: What it leaves open.
        mixture: Its graph that takes rows, in which all options run.

    Returns:
        The table, of "parameters" and "multiply_adds"; of the first alone where the model does not
        know the shapes of its tensors, such as the length of a series.
    """
    ties = Ties({name: len(options) for name, options in _options(space)})
    found = {"parameters": _parameters_of(model, space, mixture, ties)}
    # A shape may not be known in advance.
    with contextlib.suppress(InvalidInput):
        found["multiply_adds"] = _multiply_adds_of(space, mixture, ties)
    sizes = {name: len(options) for name, options in _options(space)}
    tables = {
        name: _columns([added[name] + of.own.get(name, 0.0) for _, added, of in found.values()])
        for name in sizes
    }
    bounds = {
        name: _columns([added[name] + of.bound.get(name, 0.0) for _, added, of in found.values()])
        for name in sizes
    }
    joint = {
        names: np.stack([of.joint.get(names, nothing) for _, _, of in found.values()], axis=-1)
        for names in {names: None for _, _, of in found.values() for names in of.joint}
        for nothing in [np.zeros([sizes[name] for name in names])]
    }
    return CostTable(
        [*found],
        [fixed for fixed, _, _ in found.values()],
        tables,
        uses={name: (bound[None], np.ones(1)) for name, bound in bounds.items()},
        joint=joint,
    )


_Found = tuple[float, dict[str, np.ndarray], SizeCosts]
"""What all networks share, {decision: what options of layers add}, and what those of sizes add."""


def _columns(costs: list[np.ndarray]) -> np.ndarray:
    """(1, options, costs)."""
    return np.stack(costs, axis=-1)[None]


def _parameters_of(
    model: keras.Model, space: ProductSpace, mixture: RowGraph, ties: Ties
) -> _Found:
    layers = {id(site.layer): site.layer for site in mixture.sites}.values()
    fixed = _parameters([model]) - sum(_parameters([layer]) for layer in layers)
    added = {name: np.zeros(len(options)) for name, options in _options(space)}
    for layer in layers:
        added[layer.decision] += [_parameters(layer.kept(k)) for k in _positions(layer)]
    sizes = size_costs(mixture.plan, "parameters", ties)
    return fixed + sizes.fixed, added, sizes


def _multiply_adds_of(space: ProductSpace, mixture: RowGraph, ties: Ties) -> _Found:
    added = {name: np.zeros(len(options)) for name, options in _options(space)}
    fixed: float = multiply_adds(mixture.model)
    for site in mixture.sites:
        added[site.layer.decision] += [_at(site, k) for k in _positions(site.layer)]
        fixed -= _at(site, None)
    sizes = size_costs(mixture.plan, "multiply_adds", ties)
    return fixed + sizes.fixed, added, sizes


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
