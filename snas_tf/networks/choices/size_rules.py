# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What Keras's layers do with channels of which some may be missing.

A layer that works on each channel for itself may run on all of them: what it makes of a missing one
is read by nobody. A layer that mixes channels must be given zeros for the missing ones. Both are
true only of layers that are known, so all others are refused by name.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from snas_tf.errors import InvalidInput
from snas_tf.layers.choices.open_sizes import open_sizes
from snas_tf.space.choices.channels import Channels, Width
from snas_tf.space.choices.one_of import OneOf

Axes = tuple[str | None, ...]
"""The last axes of a weight: "in", "inner" (what a depthwise convolution answers), "out"; None is
an axis that nothing is cut off."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a layer with weights does with channels.

    Attributes:
        kernels: {attribute: its axes} of the weights that are multiplied at every position of the
            answer; before these axes are those of the kernel's size.
        others: Likewise, of weights that are only added, or looked up.
        may_be_open: The arguments that may be a `OneOf`.
        answer: The answer's channels, as an axis is named.
        mixes: Whether it must be given zeros for what is missing.
    """

    kernels: Mapping[str, Axes]
    others: Mapping[str, Axes]
    may_be_open: tuple[str, ...] = ()
    answer: str = "out"
    mixes: bool = True


_CONVOLUTION = Rule({"kernel": ("in", "out")}, {"bias": ("out",)}, ("filters", "kernel_size"))
_DEPTHWISE = Rule(
    {"kernel": ("in", None)}, {"bias": ("inner",)}, ("kernel_size",), "inner", mixes=False
)
_SEPARABLE = Rule(
    {"depthwise_kernel": ("in", None), "pointwise_kernel": ("inner", "out")},
    {"bias": ("out",)},
    ("filters", "kernel_size"),
)
_NORMALIZATION = dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), ("in",))

RULES: Mapping[type, Rule] = {
    **dict.fromkeys((layers.Conv1D, layers.Conv2D, layers.Conv3D), _CONVOLUTION),
    **dict.fromkeys((layers.DepthwiseConv1D, layers.DepthwiseConv2D), _DEPTHWISE),
    **dict.fromkeys((layers.SeparableConv1D, layers.SeparableConv2D), _SEPARABLE),
    layers.Dense: Rule({"kernel": ("in", "out")}, {"bias": ("out",)}, ("units",)),
    layers.Embedding: Rule({}, {"embeddings": (None, "out")}, ("output_dim",)),
    layers.BatchNormalization: Rule({}, _NORMALIZATION, answer="in", mixes=False),
}
"""{class: what it does}."""

_OF_DIMENSIONS = (
    *("SpatialDropout", "MaxPooling", "AveragePooling", "GlobalMaxPooling"),
    *("GlobalAveragePooling", "UpSampling", "ZeroPadding", "Cropping"),
)
_KEEP_ZERO = (
    *("ReLU", "LeakyReLU", "ELU", "Dropout", "GaussianDropout", "Identity", "Activation"),
    *(f"{name}{n}D" for name in _OF_DIMENSIONS for n in (1, 2, 3)),
)
_ALIKE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
_OPERATIONS = (
    *("Absolute", "Celu", "Elu", "Gelu", "HardSigmoid", "HardSilu", "HardSwish", "LeakyRelu"),
    *("Mish", "Negative", "Relu", "Relu6", "Selu", "Sigmoid", "Silu", "Softplus", "Softsign"),
    *("Square", "Tanh", "Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Maximum"),
    "Minimum",
)
"""Operations of `keras.ops` in a graph, by the names of their classes."""
_ACTIVATIONS = {
    *("celu", "elu", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu"),
    *("linear", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign"),
    *("swish", "tanh", "exponential"),
}
_NOT_ZERO = {"hard_sigmoid", "sigmoid", "softplus", "exponential"}
_ANY_CHANNELS = {getattr(layers, name) for name in (*_KEEP_ZERO, *_ALIKE, "GaussianNoise")}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a layer answers to channels.

    Attributes:
        channels: Of the answer.
        of_axes: {"in", "inner", "out": the channels}, of a layer with weights; else empty.
        keeps_zero: Whether what is missing is zero in the answer where it was in what was given.
    """

    channels: Channels
    of_axes: Mapping[str, Channels]
    keeps_zero: bool


def answer_of(
    layer: Any, given: Sequence[Channels], shapes: Sequence[tuple[int | None, ...]]
) -> Answer:
    """What a layer makes of channels, of which some may be missing.

    Args:
        layer: The layer, or operation of a graph.
        given: The channels of each of the tensors that it is called with.
        shapes: Their shapes.

    Returns:
        The answer.

    Raises:
        InvalidInput: The layer is not known to leave alone what is missing, or cannot be cut.
    """
    if type(layer) in RULES:
        return _of_rule(layer, RULES[type(layer)], given[0], shapes[0])
    if unknown := open_sizes(layer):
        raise _refused(layer, f"{', '.join(unknown)} cannot be a OneOf there")
    _check_axes(layer)
    kind = type(layer).__name__
    if type(layer) is layers.Flatten:
        return Answer(given[0].tiled(_positions(layer, shapes[0])), {}, True)
    if type(layer) is layers.Concatenate and layer.axis in (-1, len(shapes[0]) - 1):
        return Answer(Channels.joined(given), {}, True)
    known = type(layer) in _ANY_CHANNELS or type(layer) is layers.Concatenate
    if not known and not (_is_operation(layer) and kind in _OPERATIONS):
        raise _refused(layer, "it may read what is missing")
    zero = kind in _KEEP_ZERO and _activation(layer) not in _NOT_ZERO
    return Answer(common_channels(layer, given), {}, zero)


def rule_of(layer: Any) -> Rule | None:
    """What a layer with weights does with channels, None of all others."""
    return RULES.get(type(layer))


def _of_rule(layer: Any, rule: Rule, given: Channels, shape: tuple[int | None, ...]) -> Answer:
    left_open = open_sizes(layer)
    if unknown := [name for name in left_open if name not in rule.may_be_open]:
        raise _refused(layer, f"{', '.join(unknown)} cannot be a OneOf there")
    _check_axes(layer)
    if getattr(layer, "groups", 1) != 1:
        raise _refused(layer, "its groups are cut out of channels that may be missing")
    of_axes = {"in": given}
    if type(layer) is layers.BatchNormalization:
        if layer.axis not in (-1, len(shape) - 1):
            raise _refused(layer, f"it normalises the axis {layer.axis}, not the last")
        return Answer(given, of_axes, False)
    if hasattr(layer, "depth_multiplier"):
        of_axes["inner"] = given.repeated(layer.depth_multiplier)
    if rule.answer == "out":
        of_axes["out"] = _out(layer, left_open, rule)
    channels = of_axes[rule.answer]
    bias = getattr(layer, "use_bias", True) and rule.answer == "inner"
    zero = not (channels.is_open and (_activation(layer) in _NOT_ZERO or bias))
    return Answer(channels, of_axes, zero)


def _out(layer: Any, left_open: Mapping[str, OneOf], rule: Rule) -> Channels:
    argument = next(a for a in ("filters", "units", "output_dim") if hasattr(layer, a))
    if argument in left_open:
        sizes = left_open[argument]
        return Channels.open(Width(decision_of(layer, argument, sizes), sizes.sizes))
    return Channels.closed(int(getattr(layer, argument)))


def decision_of(layer: Any, argument: str, sizes: OneOf) -> str:
    """Name of what decides a size."""
    return sizes.decision or f"{layer.name}_{argument}"


def _activation(layer: Any) -> str:
    """Name of the activation within a layer; one that mixes channels is refused."""
    function = getattr(layer, "activation", None)
    if function is None:
        return "linear"
    name = getattr(function, "__name__", type(function).__name__)
    if getattr(keras.activations, name, None) is not function or name not in _ACTIVATIONS:
        raise _refused(layer, f"its activation {name} may read what is missing")
    return name


def _check_axes(layer: Any) -> None:
    if getattr(layer, "data_format", None) == "channels_first":
        raise _refused(layer, "only the last axis of a tensor can be cut, and it is channels_first")
    if getattr(layer, "noise_shape", None) is not None:
        raise _refused(layer, "its noise_shape may be of channels that are missing")


def _positions(layer: Any, shape: tuple[int | None, ...]) -> int:
    if None in shape[1:]:
        raise _refused(layer, f"a shape is not known: {shape}")
    return math.prod(shape[1:-1])


def common_channels(layer: Any, given: Sequence[Channels]) -> Channels:
    """The channels that all tensors have, where one of a single channel is spread over them."""
    wide = [channels for channels in given if channels.is_open or len(channels) > 1] or given[:1]
    if not all(channels.same(wide[0]) for channels in wide):
        names = sorted({width.decision for channels in wide for width in channels.widths})
        raise InvalidInput(
            f"all that {layer.name!r} ({type(layer).__name__}) joins must have the same channels: "
            f"given others, of the widths {', '.join(names)}; do give the layers before it one "
            'width, as filters=OneOf(16, 32, decision="width")'
        )
    return wide[0]


def _is_operation(layer: Any) -> bool:
    """Whether it is Keras's, and no layer."""
    known = type(layer).__module__.partition(".")[0] == "keras"
    return known and not isinstance(layer, keras.layers.Layer)


def _refused(layer: Any, why: str) -> InvalidInput:
    return InvalidInput(
        f"{layer.name!r} ({type(layer).__name__}) must not read channels, or have sizes, that a "
        f"OneOf leaves open: {why}; do put a Dense or a convolution of a fixed width before it, or "
        "leave the size to a Choice"
    )
