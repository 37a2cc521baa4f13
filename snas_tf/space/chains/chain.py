# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains of convolutions: how many filters each has, and of which size.

A small network in the manner of AlexNet, as MONAS (arXiv 1806.10332) searches it by trials: a chain
of convolutions, each with batch normalisation and ReLU, max pooling between them, and a classifier
behind. The numbers to choose from are ours to set; the paper's we do not know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from snas_tf.errors import InvalidInput
from snas_tf.space.cost import Cost, Resolution, convolution_cost
from snas_tf.space.decision import Decision
from snas_tf.space.image_plan import ImagePlan
from snas_tf.space.product_space import ProductSpace, Selection

FILTERS, KERNELS = "filters", "kernel_size"
"""The decisions."""


def chain_space(
    num_layers: int = 3,
    filters: Sequence[str | int] = ("8", "16", "32", "48", "64"),
    kernel_sizes: Sequence[str | int] = ("1", "3", "5", "7"),
) -> ProductSpace:
    """All chains of some convolutions: a filter number and a kernel size a layer.

    Args:
        num_layers: Number of convolutions, at least 1.
        filters: The filter numbers to choose from, positive.
        kernel_sizes: The kernel sizes to choose from, positive and odd.

    Returns:
        The space, whose decisions are `FILTERS` and `KERNELS`, of the same places.

    Raises:
        InvalidInput: An argument is out of range.
    """
    if type(num_layers) is not int or num_layers < 1:
        raise InvalidInput(f"`num_layers` must be a whole number, at least 1: given {num_layers!r}")
    places = tuple(f"layer {number}" for number in range(1, num_layers + 1))
    return ProductSpace(
        (
            Decision(FILTERS, places, _numbers("filters", filters, odd=False)),
            Decision(KERNELS, places, _numbers("kernel_sizes", kernel_sizes, odd=True)),
        )
    )


class ChainLayer(NamedTuple):
    """A convolution of a chain.

    Attributes:
        channels: Channels of its input.
        filters: Channels of its output.
        kernel_size: Height and width of its kernel.
        resolution: (height, width) of its input and output.
        pooled: Whether 2x2 max pooling of stride 2 stands behind it.
    """

    channels: int
    filters: int
    kernel_size: int
    resolution: Resolution
    pooled: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ChainPlan(ImagePlan):
    """What is fixed around the choices of a chain; see `ImagePlan`."""

    def layers(self, architecture: Selection) -> tuple[ChainLayer, ...]:
        """The convolutions of an architecture, in their order.

        Behind each but the last the images shrink to half, as long as 4 pixels are left.

        Args:
            architecture: Of a `chain_space`.
        """
        (*resolution, channels), found = self.image_shape, []
        pairs = [*zip(architecture[FILTERS], architecture[KERNELS], strict=True)]
        for position, (filters, kernel_size) in enumerate(pairs):
            pooled = position < len(pairs) - 1 and min(resolution) >= 4
            layer = ChainLayer(channels, int(filters), int(kernel_size), tuple(resolution), pooled)
            found.append(layer)
            channels = layer.filters
            resolution = [size // 2 for size in resolution] if pooled else resolution
        return tuple(found)


def chain_cost(architecture: Selection, plan: ChainPlan) -> Cost:
    """The cost of the network of a chain for one image, exactly.

    Args:
        architecture: Of a `chain_space`.
        plan: What stands around it.

    Returns:
        All trainable weights, those of batch normalisation and the classifier included; the
        multiply-adds of convolutions and classifier; and the elements that convolutions, poolings
        and classifier read and write.
    """
    layers = plan.layers(architecture)
    total = Cost()
    for layer in layers:
        height, width = layer.resolution
        total += convolution_cost(
            layer.channels, layer.filters, layer.kernel_size, layer.resolution
        )
        total += Cost(parameters=2 * layer.filters)
        if layer.pooled:
            pixels = height * width + (height // 2) * (width // 2)
            total += Cost(memory_access=layer.filters * pixels)
    features, classes = layers[-1].filters, plan.num_classes
    return total + Cost(
        parameters=(features + 1) * classes,
        multiply_adds=features * classes,
        memory_access=features + classes + (features + 1) * classes,
    )


def _numbers(name: str, given: Sequence[str | int], *, odd: bool) -> tuple[str, ...]:
    texts = tuple(map(str, given)) if not isinstance(given, str) else (given,)
    right = all(text.isdecimal() and int(text) > 0 and str(int(text)) == text for text in texts)
    if not texts or not right or len({*texts}) < len(texts):
        raise InvalidInput(f"`{name}` must be different positive whole numbers: given {given!r}")
    if odd and not all(int(text) % 2 for text in texts):
        raise InvalidInput(f"`{name}` must be odd, so that kernels have a middle: given {given!r}")
    return texts
