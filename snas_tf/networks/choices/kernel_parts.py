# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which part of a convolution's greatest kernel a smaller kernel is.

Where a smaller one lies follows from the zeros that "same" puts before an axis: of odd sizes it is
the centre, but at a stride it need not be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from snas_tf.errors import InvalidInput
from snas_tf.space.choices.one_of import OneOf


def kernel_parts(layer: Any, shape: Sequence[int | None]) -> list[tuple[slice, ...]]:
    """The part of the greatest kernel that each option of an open kernel size is.

    Args:
        layer: A convolution with a `OneOf` in its `kernel_size`.
        shape: Of what it is called with, (batch, *axes, channels).

    Returns:
        For each option the slices of the axes of size.

    Raises:
        InvalidInput: The layer's padding changes the shape of its answer; its axes have different
            open sizes; or no part of the greatest kernel answers what a smaller one does.
    """
    sizes = next(size for size in layer.kernel_size if isinstance(size, OneOf))
    if not all(sizes.is_like(size) for size in layer.kernel_size if isinstance(size, OneOf)):
        raise InvalidInput(
            f"the kernel_size of {layer.name!r} must be one OneOf for all its axes: given "
            f"{layer.kernel_size}; do give one, or a Choice of layers"
        )
    if layer.padding not in ("same", "causal"):
        raise InvalidInput(
            f"{layer.name!r} must have padding='same' where its kernel_size is a OneOf, so that "
            f"all sizes answer one shape: given {layer.padding!r}"
        )
    return [
        tuple(
            _part(layer, axis, size if isinstance(most, OneOf) else int(most), shape[1 + axis])
            for axis, most in enumerate(layer.kernel_size)
        )
        for size in sizes.sizes
    ]


def _part(layer: Any, axis: int, size: int, length: int | None) -> slice:
    most, stride = int(layer.kernel_size[axis]), _of(layer.strides, axis)
    dilation = _of(layer.dilation_rate, axis)

    def before(kernel: int, length: int) -> int:
        covered = (kernel - 1) * dilation + 1
        if layer.padding == "causal":
            return covered - 1
        zeros = (math.ceil(length / stride) - 1) * stride + covered - length
        return max(0, zeros) // 2

    # Only the remainder of the length counts.
    lengths = [length] if length is not None else range(stride, 2 * stride)
    offsets = {before(most, n) - before(size, n) for n in lengths}
    start, rest = divmod(min(offsets), dilation)
    if len(offsets) > 1 or rest or not 0 <= start <= most - size:
        raise InvalidInput(
            f"the kernel_size of {layer.name!r} must be sizes of which each is a part of the "
            f"greatest: {size} of {most} is not, at strides {layer.strides}, dilation "
            f"{layer.dilation_rate} and length {length}; do take sizes that are all odd, name the "
            "length in the Input, or give a Choice of layers"
        )
    return slice(start, start + size)


def _of(numbers: Any, axis: int) -> int:
    return numbers[axis] if isinstance(numbers, (list, tuple)) else numbers
