# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sums over a node's candidate operations, edge by edge, by custom C++ ops.

A candidate ends in an affine map of a tensor, channel by channel: the last batch normalisation with
the edge's weight in it. So the sum of the candidates is one pass over their tensors, and its
gradient is not scaled for every candidate, but arrives at each with a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from snas_tf.native.affine_sum import affine_sum, affine_sum_products
from snas_tf.native.separable_convolution import (
    Arriving,
    Chain,
    Products,
    separable_convolution,
    separable_convolution_gradient,
)
from snas_tf.native.written_gradient import Gradient, with_gradient


class Convolutions(NamedTuple):
    """A separable convolution on E edges, and its last normalisation.

    Attributes:
        chain: The stages.
        scales: float32 (E, channels), of the last normalisation.
        offsets: float32 (E, channels), likewise.
    """

    chain: Chain
    scales: tf.Tensor
    offsets: tf.Tensor


class Shared(NamedTuple):
    """A tensor that all E edges share.

    Attributes:
        tensor: float32, of the shape of the edges' outputs.
        scales: float32 (E, channels).
        offsets: float32 (E, channels).
    """

    tensor: tf.Tensor
    scales: tf.Tensor
    offsets: tf.Tensor


class Mixture(NamedTuple):
    """What comes of it.

    Attributes:
        outputs: E tensors.
        means: Of each of the convolutions a list, a stage each, float32 (E, channels), of what is
            normalised, over the batch; without gradient.
        variances: Likewise, unbiased.
    """

    outputs: list[tf.Tensor]
    means: list[list[tf.Tensor]]
    variances: list[list[tf.Tensor]]


def mixture(
    images: tf.Tensor, convolutions: Sequence[Convolutions], shared: Sequence[Shared] = ()
) -> Mixture:
    """Adds up candidate operations on the E edges that leave a node.

    Args:
        images: The node, float32 (batch, height, width, channels).
        convolutions: One or more candidates; see `native.separable_convolution.suits`.
        shared: The tensors of other candidates.

    Returns:
        See `Mixture`.
    """
    found: list[Products] = []  # beside the outputs, so that nobody asks for their gradient

    @with_gradient
    def mix(*arguments: tf.Tensor) -> tuple[list[tf.Tensor], Gradient]:
        images, candidates, others = _structured(arguments, convolutions)
        products = [separable_convolution(images, candidate.chain) for candidate in candidates]
        found.extend(products)
        terms = [
            [*of_edge, *(other.tensor for other in others)]
            for of_edge in zip(*(result.products for result in products), strict=True)
        ]
        scales, shift = _affine_maps(candidates, products, others)
        slopes = tf.unstack(tf.stack(scales, axis=1))
        edges = zip(terms, slopes, tf.unstack(shift), strict=True)
        outputs = [affine_sum(*edge) for edge in edges]

        def gradient(*upstream: tf.Tensor) -> list[tf.Tensor]:
            return _gradients(images, candidates, others, products, terms, scales, upstream)

        return outputs, gradient

    outputs = mix(images, *_flat(convolutions, shared))
    return Mixture(
        outputs, [result.means for result in found], [result.variances for result in found]
    )


def _affine_maps(
    candidates: Sequence[Convolutions], products: Sequence[Products], others: Sequence[Shared]
) -> tuple[list[tf.Tensor], tf.Tensor]:
    """The scale of every term, (E, channels) each, and the sum of their shifts, (E, channels)."""
    scales, shifts = [], []
    for candidate, result in zip(candidates, products, strict=True):
        scale = candidate.scales * result.inverse_deviations[-1]
        scales.append(scale)
        # Where there is no image the means are not-a-number.
        shifts.append(candidate.offsets - tf.math.multiply_no_nan(result.means[-1], scale))
    scales += [other.scales for other in others]
    shifts += [other.offsets for other in others]
    return scales, tf.add_n(shifts)


def _gradients(
    images: tf.Tensor,
    candidates: Sequence[Convolutions],
    others: Sequence[Shared],
    products: Sequence[Products],
    terms: Sequence[Sequence[tf.Tensor]],
    scales: Sequence[tf.Tensor],
    upstream: Sequence[tf.Tensor],
) -> list[tf.Tensor]:
    """Those of the images and of what `_flat` makes of candidates and others, in its order."""
    zeros = tf.zeros(images.shape[-1:])
    origins = [result.means[-1] for result in products]
    origins += [tf.zeros_like(other.scales) for other in others]
    edges = zip(terms, tf.unstack(tf.stack(origins, axis=1)), upstream, strict=True)
    sums = [affine_sum_products(*edge) for edge in edges]
    of_scales, totals = map(tf.stack, zip(*sums, strict=True))
    of_scales = tf.unstack(of_scales, axis=1)
    of_images, gradients = [], []
    for candidate, result, scale, centered in zip(
        candidates, products, scales, of_scales, strict=False
    ):
        arriving = Arriving(upstream, scale, -scale * totals, candidate.scales * centered)
        of_node, *of_chain = separable_convolution_gradient(
            images, candidate.chain, result, arriving
        )
        of_images.append(of_node)
        gradients += [*of_chain, centered * result.inverse_deviations[-1], totals]
    for other, of_scale in zip(others, of_scales[len(candidates) :], strict=True):
        gradients += [affine_sum(upstream, other.scales, zeros), of_scale, totals]
    return [tf.add_n(of_images), *gradients]


def _flat(convolutions: Sequence[Convolutions], shared: Sequence[Shared]) -> list[tf.Tensor]:
    tensors: list[tf.Tensor] = []
    for chain, scales, offsets in convolutions:
        for group in (chain.spatial, chain.mixing, chain.scales, chain.offsets):
            tensors += group
        tensors += [scales, offsets]
    for other in shared:
        tensors += other
    return tensors


def _structured(
    arguments: Sequence[tf.Tensor], like: Sequence[Convolutions]
) -> tuple[tf.Tensor, list[Convolutions], list[Shared]]:
    """The images and what `_flat` made flat."""
    tensors = iter(arguments)
    images = next(tensors)
    convolutions = []
    for chain, *_ in like:
        stages = len(chain.spatial)
        sizes = stages, stages, stages - 1, stages - 1
        groups: list[Any] = [[next(tensors) for _ in range(size)] for size in sizes]
        taken = Chain(*groups, chain.stride, chain.dilation, chain.epsilon)
        convolutions.append(Convolutions(taken, next(tensors), next(tensors)))
    rest = list(tensors)
    return images, convolutions, [Shared(*rest[n : n + 3]) for n in range(0, len(rest), 3)]
