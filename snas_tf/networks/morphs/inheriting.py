# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A grown network that begins where the network ended that it grew from.

Outside training it answers the same, to the rounding of float32. In training a normalisation that
is new uses the statistics of its batch, which is no identity; all other morphs answer the same
there too, but for dropout.

A channel that stands twice after a widening is read in shares that sum to one (Net2Net, arXiv
1511.05641, halves it). The shares are drawn at random, another for each reading channel: so the
copies get different gradients and no noise is needed to tell them apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import keras
import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.networks.morphs.building import build
from snas_tf.networks.morphs.reading import layer_graph
from snas_tf.space.morphs import layer_kinds
from snas_tf.space.morphs.inheritance import Origin, inheritance
from snas_tf.space.morphs.layer_graph import Layer, LayerGraph

Weights = dict[str, np.ndarray]
"""The weights of a layer, by Keras's names of them."""


def inherit(
    parent_model: keras.Model,
    architecture: LayerGraph,
    *,
    parent_architecture: LayerGraph | None = None,
    seed: int = 0,
) -> keras.Model:
    """The network of a layer graph, with the weights of one that it grew from by morphs.

    Args:
        parent_model: The trained network.
        architecture: The graph of the new one.
        parent_architecture: The graph of the trained one; None to read it off the model.
        seed: Of the shares in which copied channels are read, at least 0.

    Returns:
        A functional model like those of `build`, which answers as the parent outside training.

    Raises:
        InvalidInput: The graph does not grow from the parent.
    """
    parent = layer_graph(parent_model) if parent_architecture is None else parent_architecture
    model = build(architecture, dtype=_policy(parent_model), name=parent_model.name)
    take_inherited(model, architecture, parent_model, parent, seed=seed)
    return model


def take_inherited(
    model: keras.Model,
    architecture: LayerGraph,
    parent_model: keras.Model,
    parent: LayerGraph,
    *,
    seed: int = 0,
) -> None:
    """Gives a network the weights of one that it grew from; see `inherit`.

    Args:
        model: The grown network, whose weights are replaced.
        architecture: Its graph.
        parent_model: The trained network.
        parent: Its graph.
        seed: As for `inherit`.

    Raises:
        InvalidInput: The graph does not grow from the parent.
    """
    origins = inheritance(parent, architecture)
    if origins is None:
        missing = [name for name in parent.by_name if name not in architecture.by_name]
        raise InvalidInput(
            "a network can inherit from one that it grew from by morphs alone: given one "
            + (f"without its layer {missing[0]!r}" if missing else "whose layers read others")
        )
    layers = {layer.name: layer for layer in model.layers}
    for record in architecture.layers[1:]:
        layer, origin = layers[record.name], origins[record.name]
        own = _weights(layer)
        if origin.old and own:
            theirs = _weights(parent_model.get_layer(record.name))
            rng = np.random.default_rng((seed, zlib.crc32(record.name.encode())))
            own.update(_copied(record, origin, theirs, own, rng))
        elif own:
            own.update(_begun(record, origin, layer, own))
        _set(layer, own)


def _policy(model: keras.Model) -> object:
    """The dtype policy of most of a network's layers: the first that has weights."""
    return next((layer.dtype_policy for layer in model.layers if layer.weights), None)


def _weights(layer: keras.layers.Layer) -> Weights:
    return {weight.name: keras.ops.convert_to_numpy(weight) for weight in _kept(layer)}


def _kept(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The weights of a layer but for the states of its random numbers."""
    return [weight for weight in layer.weights if "seed_generator" not in weight.path]


def _set(layer: keras.layers.Layer, weights: Mapping[str, np.ndarray]) -> None:
    for weight in _kept(layer):
        weight.assign(weights[weight.name])


def _copied(
    record: Layer, origin: Origin, theirs: Weights, own: Weights, rng: np.random.Generator
) -> Weights:
    """The weights of a layer that the parent has, for more channels."""
    if all(value.shape == own[name].shape for name, value in theirs.items()) and (
        _is_plain(origin.read) and _is_plain(origin.given)
    ):
        return theirs
    if record.kind == layer_kinds.BN:
        return {name: _at(value, origin.given, own[name]) for name, value in theirs.items()}
    found = {}
    if "bias" in theirs:
        found["bias"] = theirs["bias"][origin.given]
    if record.kind == "DepthwiseConv2D":
        kernel = np.moveaxis(
            _at(_first(theirs["kernel"]), origin.read, _first(own["kernel"])), 0, 2
        )
        if "bias" in theirs:
            found["bias"] = _at(theirs["bias"], origin.given, own["bias"])
        return {**found, "kernel": kernel}
    mixing = "pointwise_kernel" if record.kind == "SeparableConv2D" else "kernel"
    if record.kind == "SeparableConv2D":
        name = "depthwise_kernel"
        found[name] = np.moveaxis(_at(_first(theirs[name]), origin.read, _first(own[name])), 0, 2)
    return {**found, mixing: _mixed(theirs[mixing], origin, rng)}


def _mixed(kernel: np.ndarray, origin: Origin, rng: np.random.Generator) -> np.ndarray:
    """A kernel (..., channels, width) that reads copies in shares, and zero of what is unknown."""
    read, given = origin.read, origin.given
    raw = rng.uniform(0.5, 1.5, (len(read), len(given)))
    raw[read < 0] = 0.0
    sums = np.zeros((kernel.shape[-2], len(given)))
    np.add.at(sums, np.maximum(read, 0), raw)
    shares = raw / sums[np.maximum(read, 0)]
    wide = kernel[..., np.maximum(read, 0), :][..., given]
    return (wide * shares).astype(kernel.dtype)


def _begun(record: Layer, origin: Origin, layer: keras.layers.Layer, own: Weights) -> Weights:
    """The weights of a new layer: the identity, or zero."""
    if record.kind == layer_kinds.BN:
        # Of mean 0 and variance 1 it divides by sqrt(1 + epsilon).
        gamma = np.full_like(own["gamma"], np.sqrt(1.0 + layer.epsilon)) if "gamma" in own else None
        return {} if gamma is None else {"gamma": gamma}
    if "kernel" not in own:
        return {}
    kernel = np.zeros_like(own["kernel"])
    if not origin.zero:
        kernel[(*(size // 2 for size in kernel.shape[:-2]),)] = _identity(origin)
    return {**{name: np.zeros_like(value) for name, value in own.items()}, "kernel": kernel}


def _identity(origin: Origin) -> np.ndarray:
    """(channels, width): every channel that is given is the mean of those that equal it."""
    read, given = origin.read, origin.given
    if (given < 0).any():  # of what is not known: channel by channel
        equal = np.arange(len(read))[:, None] == np.arange(len(given)) % len(read)
    else:
        equal = read[:, None] == given
    return equal / np.maximum(equal.sum(axis=0), 1)


def _at(values: np.ndarray, numbers: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Values by old channels, along the first axis; fresh ones where the channel is not known."""
    known = (numbers >= 0).reshape(-1, *[1] * (values.ndim - 1))
    return np.where(known, values[np.maximum(numbers, 0)], fresh)


def _first(kernel: np.ndarray) -> np.ndarray:
    """A depthwise kernel (height, width, channels, 1), its channels first."""
    return np.moveaxis(kernel, 2, 0)


def _is_plain(numbers: np.ndarray) -> bool:
    return np.array_equal(numbers, np.arange(len(numbers)))
