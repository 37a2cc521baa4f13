# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The sums over a node's candidate operations, edge by edge, by custom C++ ops.

A candidate ends in an affine map of a tensor, channel by channel: the last batch normalisation with
the edge's weight in it. So the sum of the candidates is one pass over their tensors, and its
gradient is not scaled for every candidate, but arrives at each with a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import tensorflow as tf

from snas_tf.native import library
from snas_tf.native.affine_sum import affine_sum, affine_sum_products
from snas_tf.native.separable_convolution import Arriving, Products
from snas_tf.native.written_gradient import Gradient, with_gradient


class Chain(Protocol):
    """Convolutions on E edges without their last normalisation, as a custom C++ op computes them.

    `separable_convolution.Chain` and `convolution.Kernels` are some.
    """

    def tensors(self) -> list[tf.Tensor]:
        """What has a gradient."""

    def with_tensors(self, tensors: Sequence[tf.Tensor]) -> Chain:
        """The same with other tensors."""

    def products(self, images: tf.Tensor) -> Products:
        """The outputs of every stage on the images that all edges share, and their statistics."""

    def gradients(
        self, images: tf.Tensor, products: Products, arriving: Arriving
    ) -> list[tf.Tensor]:
        """The gradients of the images and of `tensors`, from those of the last products."""


class Convolutions(NamedTuple):
    """Convolutions on E edges, and their last normalisation.

    Attributes:
        chain: The convolutions.
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
        convolutions: One or more candidates, whose operation suits the images.
        shared: The tensors of other candidates.

    Returns:
        See `Mixture`.
    """
    found: list[Products] = []  # beside the outputs, so that nobody asks for their gradient

    @with_gradient
    def mix(*arguments: tf.Tensor) -> tuple[list[tf.Tensor], Gradient]:
        images, candidates, others = _structured(arguments, convolutions)
        products = [candidate.chain.products(images) for candidate in candidates]
        found.extend(products)
        terms = [
            [*of_edge, *(other.tensor for other in others)]
            for of_edge in zip(*(result.products for result in products), strict=True)
        ]
        scales, shift = _affine_maps(candidates, products, others)
        slopes = tf.unstack(tf.stack(scales, axis=1))
        edges = zip(terms, slopes, tf.unstack(shift), strict=True)
        threads = library.cores()
        outputs = [affine_sum(*edge, threads) for edge in edges]

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
    threads = library.cores()
    sums = [affine_sum_products(*edge, threads) for edge in edges]
    of_scales, totals = map(tf.stack, zip(*sums, strict=True))
    of_scales = tf.unstack(of_scales, axis=1)
    of_images, gradients = [], []
    for candidate, result, scale, centered in zip(
        candidates, products, scales, of_scales, strict=False
    ):
        arriving = Arriving(upstream, scale, -scale * totals, candidate.scales * centered)
        of_node, *of_chain = candidate.chain.gradients(images, result, arriving)
        of_images.append(of_node)
        gradients += [*of_chain, centered * result.inverse_deviations[-1], totals]
    for other, of_scale in zip(others, of_scales[len(candidates) :], strict=True):
        threads = library.cores()
        gradients += [affine_sum(upstream, other.scales, zeros, threads), of_scale, totals]
    return [tf.add_n(of_images), *gradients]


def _flat(convolutions: Sequence[Convolutions], shared: Sequence[Shared]) -> list[tf.Tensor]:
    tensors: list[tf.Tensor] = []
    for chain, scales, offsets in convolutions:
        tensors += [*chain.tensors(), scales, offsets]
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
        taken = chain.with_tensors([next(tensors) for _ in chain.tensors()])
        convolutions.append(Convolutions(taken, next(tensors), next(tensors)))
    rest = list(tensors)
    return images, convolutions, [Shared(*rest[n : n + 3]) for n in range(0, len(rest), 3)]
