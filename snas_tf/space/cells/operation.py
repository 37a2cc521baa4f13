# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a candidate operation is to all that plan, count, build and draw it: one record.

Spaces, genotypes and files name an operation. A name of `snas_tf.space.OPERATIONS` is one of ours;
"module:attribute" is the user's own, the record that stands there. So nothing is registered.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space.cost import Cost, Resolution, halved

GROUPS = ("none", "skip", "pool", "conv")
"""Nothing at all; what passes a node on, learning little or nothing; pooling; all else."""

SOURCE = "source"
"""A kept tensor that is the node itself, which the branches of a conditional share too."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where an operation stands.

    Attributes:
        channels: Channels of the node, and of what the operation answers.
        resolution: (height, width) of the node.
        stride: 1, or 2 where the operation halves the resolution.
    """

    channels: int
    resolution: Resolution
    stride: int = 1

    @property
    def node(self) -> int:
        """Numbers an image of the node."""
        return self.channels * self.resolution[0] * self.resolution[1]

    @property
    def output(self) -> int:
        """Numbers an image of the output."""
        height, width = halved(self.resolution, self.stride)
        return self.channels * height * width


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a training step runs the operations of a cell.

    Attributes:
        supernet: Whether Z weighs what they answer.
        native: Whether custom C++ ops compute those that they can.
        in_branch: Whether each edge runs one operation, in the branch of a conditional.
    """

    supernet: bool = False
    native: bool = False
    in_branch: bool = False

    @property
    def weighed(self) -> bool:
        """Whether Z weighs a tensor that edges share: for one edge it is in the normalisation."""
        return self.supernet and not self.in_branch


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """What the forward pass leaves for the backward pass, in numbers an image.

    Attributes:
        shared: {name: numbers} of tensors that edges share, and operations that name the same.
        each: Of the tensors that every edge has for itself.
    """

    shared: Mapping[str, int] = dataclasses.field(default_factory=dict)
    each: int = 0


def input_and_output(place: Place, execution: Execution) -> Kept:
    """What an operation keeps that says nothing of it: what goes in, activated, and what comes out.

    Args:
        place: Where the operation stands.
        execution: How it is run.
    """
    return Kept({"activated": place.node}, place.output)


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """A candidate operation.

    Attributes:
        name: What genotypes call it. One of the user's own is "module:attribute", where this record
            stands, in a module that Python can import.
        cost: (channels, (height, width) of the input, stride) -> its cost on one edge, by the
            authors' formulas: convolutions and poolings alone, without batch normalisation.
        layer: What builds its layer, or "module:attribute" for that, which is then looked up where
            layers are built. It is called with `num_edges`, `stride`, `affine`, the arguments of
            this record and those of a Keras layer, and answers an unbuilt
            `snas_tf.layers.EdgeOperation`.
        arguments: Further arguments of `layer`.
        normalizations: Batch normalisations that an edge has, each with a trained scale and shift
            in a child network.
        shares_normalization: Whether they normalise what all edges that leave a node share.
        kept: What it leaves for the backward pass; asked by the estimate of a step's memory.
        native_stages: Number of [ReLU, depthwise, pointwise, BN] that a custom C++ op computes.
        group: One of `GROUPS`; what is told of a cell goes by it.
        color: Of pictures, "#rrggbb".
        plain: What writes its built layer, of one edge, in Keras's own layers: (the
            `snas_tf.networks.plain_operations.PlainOperations`, layer, inputs) -> output; or
            "module:attribute" for that, or None where nobody has said how.
        strided: What it is at stride 2, where that is another operation.

    Raises:
        InvalidInput: The group or the color is none.
    """

    name: str
    cost: Callable[[int, Resolution, int], Cost]
    layer: str | Callable[..., Any]
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    normalizations: int = 0
    shares_normalization: bool = False
    kept: Callable[[Place, Execution], Kept] = input_and_output
    native_stages: int = 0
    group: str = "conv"
    color: str = "#9a6fd6"
    plain: str | Callable[..., Any] | None = None
    strided: Operation | None = None

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise InvalidInput(f"`group` must be one of {', '.join(GROUPS)}: given {self.group!r}")
        if not re.fullmatch("#[0-9a-f]{6}", self.color):
            raise InvalidInput(f"`color` must be #rrggbb, in small letters: given {self.color!r}")

    def at(self, stride: int) -> Operation:
        """The operation that it is at a stride, 1 or 2."""
        return self.strided if stride == 2 and self.strided else self

    @property
    def label(self) -> str:
        """Its name in pictures and in the names of layers: without the module."""
        return self.name.rpartition(":")[2]


def attribute(reference: str) -> Any:
    """What "module:attribute" names, imported if need be.

    Args:
        reference: One that stands in a record, or that the user has typed. A file may not say
            what to import.

    Raises:
        InvalidInput: There is no such thing.
    """
    module, _, name = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidInput(f"{reference!r} must be module:attribute: {error}") from error
