# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is known of Keras's layers without Keras: shapes, weights, what they do to channels.

Arguments that a config leaves out are Keras's defaults. Images are channels-last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from snas_tf.errors import InvalidInput

Shape = tuple[int, ...]
"""(height, width, channels) or (features,), without the batch."""

Config = Mapping[str, Any]

INPUT = "InputLayer"
WEIGHTED = {
    "Conv2D": "filters",
    "SeparableConv2D": "filters",
    "Dense": "units",
}
"""Layers that mix channels, and the argument that is their width."""

CONVOLUTIONS = ("Conv2D", "SeparableConv2D", "DepthwiseConv2D")
POOLINGS = ("MaxPooling2D", "AveragePooling2D")
GLOBAL_POOLINGS = ("GlobalAveragePooling2D", "GlobalMaxPooling2D")
SUMS = ("Add", "Average", "Maximum")
"""Merges of tensors of one shape, channel by channel."""

MERGES = (*SUMS, "Concatenate")
ELEMENTWISE = (
    "Activation",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "Rescaling",
    "SpatialDropout2D",
)
"""Each number by itself, without weights."""

BN = "BatchNormalization"
BN_MOMENTUM = 0.9
"""Of normalisations that are ours: Keras's 0.99 lags behind in short trainings."""

CHANNELWISE = (
    *ELEMENTWISE,
    *POOLINGS,
    *GLOBAL_POOLINGS,
    BN,
    "Cropping2D",
    "DepthwiseConv2D",
    "ZeroPadding2D",
)
"""Each channel by itself: what their input has twice, their output has twice."""

FIXED = ("Normalization", "Softmax")
"""Layers whose channels stay what they are."""

KINDS = (INPUT, *WEIGHTED, *CHANNELWISE, *FIXED, *MERGES, "Flatten")
MIXING = ("log_softmax", "softmax", "sparsemax")
"""Activations in which channels are not each by itself."""

KEEPS_SIGN = (
    *POOLINGS,
    *GLOBAL_POOLINGS,
    *MERGES,
    "Cropping2D",
    "Dropout",
    "Flatten",
    "Identity",
    "SpatialDropout2D",
    "ZeroPadding2D",
)
"""What they give is not negative where what they read is not."""

DROPOUTS = ("Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D")
"""Nothing happens in them outside training."""


def check(name: str, kind: str, config: Config) -> None:
    """Refuses a layer that morphs do not know.

    Raises:
        InvalidInput: Its class is none of `KINDS`, or it has its channels elsewhere than last.
    """
    if kind not in KINDS:
        raise InvalidInput(
            f"the layer {name!r} must be one of {', '.join(sorted(KINDS))}: given {kind}"
        )
    if config.get("data_format") == "channels_first":
        raise InvalidInput(f"the layer {name!r} must be channels_last: given channels_first")
    if kind in (BN, "Concatenate") and config.get("axis", -1) != -1:
        raise InvalidInput(f"the layer {name!r} must work on axis -1: given {config['axis']}")
    activation = config.get("activation")
    if not isinstance(activation, (str, type(None))) or activation == "glu":
        raise InvalidInput(
            f"the layer {name!r} must have an activation of Keras's own, by its name, that keeps "
            f"the shape: given {activation!r:.80}"
        )
    if kind == "Rescaling" and any(isinstance(value, (list, dict)) for value in config.values()):
        raise InvalidInput(f"the layer {name!r} must rescale all channels alike: given {config}")


def canonical(kind: str, config: Config) -> dict[str, Any]:
    """The arguments of a layer, written in the one way in which equal layers are equal.

    Sizes that are alike in both directions are one number, and some arguments that say what is the
    default are left out.
    """
    found = dict(config)
    for key in ("kernel_size", "pool_size", "strides", "dilation_rate"):
        if isinstance(found.get(key), (list, tuple)):
            sizes = [int(size) for size in found[key]]
            found[key] = sizes[0] if len({*sizes}) == 1 else sizes
    if kind in POOLINGS and found.get("strides") == found.get("pool_size", 2):
        found.pop("strides", None)
    defaults = {"activation": "linear", "padding": "valid", "dilation_rate": 1, "use_bias": True}
    if kind in CONVOLUTIONS:
        defaults["strides"] = 1
    if kind in POOLINGS:
        defaults["pool_size"] = 2
    absent = {name for name, default in defaults.items() if found.get(name) in (None, default)}
    kept = absent - ({"activation"} if kind == "Activation" else set())
    kept -= {"padding"} if kind == "ZeroPadding2D" else set()
    return {name: value for name, value in found.items() if name not in kept}


def pair(value: Any) -> tuple[int, int]:
    """Height and width of what may be given as one number."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def is_relu(kind: str, config: Config) -> bool:
    """Whether a layer ends in a plain ReLU, which changes no number that is not negative."""
    if kind == "ReLU":
        slope, threshold = config.get("negative_slope", 0.0), config.get("threshold", 0.0)
        return config.get("max_value") is None and not slope and not threshold
    return config.get("activation") == "relu"


def kernel_size(kind: str, config: Config) -> tuple[int, int]:
    """Of a convolution or a pooling."""
    return pair(config.get("pool_size", 2) if kind in POOLINGS else config["kernel_size"])


def strides(kind: str, config: Config) -> tuple[int, int]:
    """Of a convolution or a pooling."""
    if kind in POOLINGS:
        given = config.get("strides")
        return kernel_size(kind, config) if given is None else pair(given)
    return pair(config.get("strides", 1))


def output_shape(name: str, kind: str, config: Config, inputs: Sequence[Shape]) -> Shape:
    """The shape that a layer gives.

    Args:
        name: Its name, for the refusal.
        kind: Its class.
        config: Its constructor's arguments.
        inputs: The shapes that it reads.

    Raises:
        InvalidInput: They do not fit it, or nothing would be left of the image.
    """
    if kind == INPUT:
        return _input_shape(name, config)
    first = inputs[0]
    wanted = 3 if kind in (*CONVOLUTIONS, *POOLINGS, *GLOBAL_POOLINGS, *_BORDERS) else None
    if (wanted and len(first) != wanted) or (kind == "Dense" and len(first) != 1):
        raise InvalidInput(f"the layer {name!r} ({kind}) cannot read the shape {first}")
    if kind not in MERGES and len(inputs) != 1:
        raise InvalidInput(f"the layer {name!r} ({kind}) must read one layer: given {len(inputs)}")
    shape = _output_shape(kind, config, list(inputs))
    if shape is None or min(shape) < 1:
        raise InvalidInput(f"the layer {name!r} ({kind}) cannot read the shapes {[*inputs]}")
    return shape


_BORDERS = ("Cropping2D", "ZeroPadding2D")


def _output_shape(kind: str, config: Config, inputs: list[Shape]) -> Shape | None:
    first = inputs[0]
    if kind in WEIGHTED and kind != "Dense":
        return (*_slid(kind, config, first), int(config["filters"]))
    if kind == "Dense":
        return (int(config["units"]),)
    if kind == "DepthwiseConv2D":
        return (*_slid(kind, config, first), first[-1] * int(config.get("depth_multiplier", 1)))
    if kind in POOLINGS:
        return (*_slid(kind, config, first), first[-1])
    if kind in GLOBAL_POOLINGS:
        return (1, 1, first[-1]) if config.get("keepdims") else (first[-1],)
    if kind == "Flatten":
        return (math.prod(first),)
    if kind in _BORDERS:
        sign = 1 if kind == "ZeroPadding2D" else -1
        border = config.get("padding" if sign == 1 else "cropping", 1 if sign == 1 else 0)
        (above, below), (left, right) = _border(border)
        return (first[0] + sign * (above + below), first[1] + sign * (left + right), first[2])
    if kind in SUMS:
        return first if {*inputs} == {first} and len(inputs) > 1 else None
    if kind == "Concatenate":
        same = len({shape[:-1] for shape in inputs}) == 1 and len(inputs) > 1
        return (*first[:-1], sum(shape[-1] for shape in inputs)) if same else None
    return first


def _input_shape(name: str, config: Config) -> Shape:
    shape = config.get("shape")
    sizes = tuple(shape) if isinstance(shape, (list, tuple)) else ()
    if len(sizes) not in (1, 3) or not all(type(size) is int and size > 0 for size in sizes):
        raise InvalidInput(
            f"the input {name!r} must have `shape` (height, width, channels) or (features,), in "
            f"positive whole numbers: given {shape}"
        )
    return sizes


def _slid(kind: str, config: Config, shape: Shape) -> tuple[int, int]:
    """Height and width behind a window that slides."""
    sizes = []
    dilation = pair(config.get("dilation_rate", 1))
    for axis, (size, stride) in enumerate(
        zip(kernel_size(kind, config), strides(kind, config), strict=True)
    ):
        window = (size - 1) * dilation[axis] + 1
        if config.get("padding", "valid") == "same":
            sizes.append(-(-shape[axis] // stride))
        else:
            sizes.append((shape[axis] - window) // stride + 1)
    return sizes[0], sizes[1]


def _border(given: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    if isinstance(given, int):
        return (given, given), (given, given)
    vertical, horizontal = given
    return pair(vertical), pair(horizontal)


def weight_shapes(kind: str, config: Config, channels: int) -> dict[str, Shape]:
    """The weights that are trained, {name: shape}, in Keras's order.

    Args:
        kind: The class of the layer.
        config: Its constructor's arguments.
        channels: Channels or features of its input.
    """
    if kind == BN:
        kept = (("gamma", config.get("scale", True)), ("beta", config.get("center", True)))
        return {name: (channels,) for name, there in kept if there}
    if kind == "Dense":
        width = int(config["units"])
        shapes = {"kernel": (channels, width)}
    elif kind == "Conv2D":
        width = int(config["filters"])
        groups = int(config.get("groups", 1))
        shapes = {"kernel": (*kernel_size(kind, config), channels // groups, width)}
    elif kind in CONVOLUTIONS:
        multiplier = int(config.get("depth_multiplier", 1))
        width = channels * multiplier
        spatial = (*kernel_size(kind, config), channels, multiplier)
        if kind == "DepthwiseConv2D":
            shapes = {"kernel": spatial}
        else:
            width = int(config["filters"])
            shapes = {
                "depthwise_kernel": spatial,
                "pointwise_kernel": (1, 1, channels * multiplier, width),
            }
    else:
        return {}
    return {**shapes, "bias": (width,)} if config.get("use_bias", True) else shapes
