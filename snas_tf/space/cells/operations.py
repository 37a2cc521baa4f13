# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The records of the candidate operations: those of the paper, and those of NAS-Bench-201.

Pictures give a family
one hue: poolings teal, skip connections green, separable convolutions blue, dilated ones orange,
ordinary ones purple; the larger or stronger of two is darker.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space.cells import kept_by_operation as keeps
from snas_tf.space.cells.operation import Execution, Kept, Operation, Place
from snas_tf.space.cells.primitives import factorized_reduction_cost
from snas_tf.space.cost import Cost, Resolution, convolution_cost, halved

_LAYERS = "snas_tf.layers"
_PLAIN = "snas_tf.networks.cells.plain_candidates"


def _no_cost(channels: int, resolution: Resolution, stride: int) -> Cost:
    return Cost()


def _identity_cost(channels: int, resolution: Resolution, stride: int) -> Cost:
    place = Place(channels, resolution, stride)
    return Cost(memory_access=place.node + place.output)


def _reduction_cost(channels: int, resolution: Resolution, stride: int) -> Cost:
    return factorized_reduction_cost(channels, channels, resolution)


def _pooling_cost(channels: int, resolution: Resolution, stride: int) -> Cost:
    """Nine multiply-adds an output, as the authors charge it."""
    place = Place(channels, resolution, stride)
    return Cost(multiply_adds=9 * place.output, memory_access=place.node + place.output)


def _separable_cost(
    size: int, stages: int, channels: int, resolution: Resolution, stride: int
) -> Cost:
    total = Cost()
    for _ in range(stages):
        total += convolution_cost(channels, channels, size, resolution, stride, channels)
        resolution, stride = halved(resolution, stride), 1
        total += convolution_cost(channels, channels, 1, resolution)
    return total


def _convolution_cost(size: int, channels: int, resolution: Resolution, stride: int) -> Cost:
    return convolution_cost(channels, channels, size, resolution, stride)


def _pooling(name: str, layer: str, keeps: Callable[[Place, Execution], Kept], color: str) -> Any:
    return Operation(
        name,
        _pooling_cost,
        f"{_LAYERS}:{layer}",
        normalizations=1,
        shares_normalization=True,
        kept=keeps,
        group="pool",
        color=color,
        plain=f"{_PLAIN}:pooling",
    )


def _separable(name: str, size: int, color: str) -> Operation:
    return Operation(
        name,
        functools.partial(_separable_cost, size, 2),
        f"{_LAYERS}:SeparableConvolution",
        {"kernel_size": size},
        normalizations=2,
        kept=functools.partial(keeps.separable, 2),
        native_stages=2,
        color=color,
        plain=f"{_PLAIN}:separable_convolution",
    )


def _dilated(name: str, size: int, color: str) -> Operation:
    return Operation(
        name,
        functools.partial(_separable_cost, size, 1),
        f"{_LAYERS}:DilatedConvolution",
        {"kernel_size": size},
        normalizations=1,
        kept=keeps.dilated,
        native_stages=1,
        color=color,
        plain=f"{_PLAIN}:dilated_convolution",
    )


def _convolution(name: str, size: int, color: str) -> Operation:
    strided = Operation(
        name,
        functools.partial(_convolution_cost, size),
        f"{_LAYERS}:Convolution",
        {"kernel_size": size},
        normalizations=1,
        kept=keeps.convolution,
        color=color,
        plain=f"{_PLAIN}:convolution",
    )
    return dataclasses.replace(strided, native_stages=1, strided=strided)


_REDUCTION = Operation(
    "skip_connect",
    _reduction_cost,
    f"{_LAYERS}:FactorizedReduction",
    normalizations=1,
    kept=keeps.reduction,
    group="skip",
    color="#6fa83a",
    plain=f"{_PLAIN}:factorized_reduction",
)

_RECORDS = (
    Operation(
        "none", _no_cost, f"{_LAYERS}:Zero", kept=keeps.nothing, group="none", color="#afb8c1"
    ),
    _pooling("max_pool_3x3", "MaxPooling", keeps.max_pooling, "#20838a"),
    _pooling(
        "avg_pool_3x3",
        "AveragePooling",
        functools.partial(keeps.pooling, "avg_pool_3x3"),
        "#5fb8bd",
    ),
    Operation(
        "skip_connect",
        _identity_cost,
        f"{_LAYERS}:SkipConnection",
        kept=keeps.identity,
        group="skip",
        color="#6fa83a",
        plain=f"{_PLAIN}:identity",
        strided=_REDUCTION,
    ),
    _separable("sep_conv_3x3", 3, "#67a5f5"),
    _separable("sep_conv_5x5", 5, "#346bd1"),
    _dilated("dil_conv_3x3", 3, "#f0985b"),
    _dilated("dil_conv_5x5", 5, "#cf5b1e"),
    _convolution("nor_conv_1x1", 1, "#c39be8"),
    _convolution("nor_conv_3x3", 3, "#7d3fb8"),
    Operation(
        "avg_pool_3x3_plain",
        _pooling_cost,
        f"{_LAYERS}:PlainAveragePooling",
        kept=keeps.plain_pooling,
        group="pool",
        color="#2f9e92",
        plain=f"{_PLAIN}:plain_pooling",
    ),
)

OPERATIONS = {record.name: record for record in _RECORDS}
"""Our operations by name. `avg_pool_3x3_plain` is what NAS-Bench-201 calls avg_pool_3x3: no BN."""


def operation(name: str) -> Operation:
    """The record of an operation.

    Args:
        name: One of `OPERATIONS`, or "module:attribute" of a record of the user's own, whose module
            has been imported: a genotype that somebody wrote does not say what is to be imported.

    Returns:
        The record.

    Raises:
        InvalidInput: There is none.
    """
    if (found := _found(name)) is not None:
        return found
    module, _, attribute = str(name).partition(":")
    remedy = f"; do import {module}, and name a record of it" if attribute else ""
    raise InvalidInput(
        f"`operation` must be one of {', '.join(OPERATIONS)}, or module:attribute of a record of "
        f"yours: given {name!r}{remedy}"
    )


def is_operation(name: str) -> bool:
    """Whether `operation` has a record of that name."""
    return _found(name) is not None


def _found(name: str) -> Operation | None:
    if name in OPERATIONS:
        return OPERATIONS[name]
    module, _, attribute = str(name).partition(":")
    found = getattr(sys.modules.get(module), attribute, None) if attribute else None
    return found if isinstance(found, Operation) else None


def operation_names(operations: object) -> tuple[str, ...]:
    """The names of operations that are given by name or as records.

    Args:
        operations: Names and records.

    Returns:
        A name each.

    Raises:
        InvalidInput: One is unknown, or a record stands elsewhere than its name says.
    """
    if isinstance(operations, str):
        raise InvalidInput(f"`primitives` must be several names: given {operations!r}")
    names = []
    for given in operations:
        name = given.name if isinstance(given, Operation) else given
        if operation(name) is not given and isinstance(given, Operation):
            raise InvalidInput(
                f"the name of an operation of yours must be module:attribute, where its record "
                f"stands: {name!r} is another one"
            )
        names.append(name)
    return tuple(names)


def operation_cost(name: str, channels: int, resolution: Resolution, stride: int = 1) -> Cost:
    """A candidate operation on one edge.

    Args:
        name: See `operation`.
        channels: Channels of input and output.
        resolution: (height, width) of the input.
        stride: 1, or 2 on the edges from the inputs of a reduction cell.

    Returns:
        The cost by the authors' formulas; see `primitives`.

    Raises:
        InvalidInput: The operation is unknown.
    """
    return operation(name).at(stride).cost(channels, resolution, stride)
