# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step needs of memory where its problem has no estimate: small steps are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.machine.peak_memory import peak_while
from snas_tf.networks import Searchable

_SMALL, _LARGE = 2, 10
"""Images of the two steps that are measured: what the larger takes more, its images take."""

Estimate = Callable[..., space.StepMemory]


def of_search(network: Searchable, image_shape: Sequence[int], dtype: str = "float32") -> Estimate:
    """The memory of a step of a search.

    Args:
        network: The network that it learns; it is thrown away afterwards.
        image_shape: (height, width, channels), or the shape of an example of another kind.
        dtype: What it sees.

    Returns:
        As `Problem.search_memory`: a function of the images of the step.
    """
    samples = {
        decision.name: tf.fill(decision.shape, 1.0 / len(decision.options))
        for decision in network.space.decisions
    }
    return _measured(
        network, lambda images: network(images, samples, training=True), image_shape, dtype
    )


def of_training(
    network: keras.Model, image_shape: Sequence[int], dtype: str = "float32"
) -> Estimate:
    """As `of_search`, of the training of a child network."""
    return _measured(network, lambda images: network(images, training=True), image_shape, dtype)


def _measured(
    network: keras.Model,
    answer: Callable[[tf.Tensor], object],
    image_shape: Sequence[int],
    dtype: str,
) -> Estimate:
    @tf.function(input_signature=[tf.TensorSpec((None, *image_shape), dtype)], autograph=False)
    def step(images: tf.Tensor) -> list[tf.Tensor]:
        weights = [variable.value for variable in network.trainable_variables]
        with tf.GradientTape() as tape:
            total = tf.add_n([tf.reduce_sum(part) for part in tf.nest.flatten(answer(images))])
        gradients = tape.gradient(total, weights)
        return [tf.reduce_sum(gradient) for gradient in gradients if gradient is not None]

    def peak(count: int) -> int | None:
        images = tf.zeros((count, *image_shape), dtype)
        return peak_while(lambda: [float(part) for part in step(images)])

    step(tf.zeros((1, *image_shape), dtype))  # traces it, which takes memory of its own
    small, large = peak(_SMALL), peak(_LARGE)
    known = small is not None and large is not None
    an_image = max(large - small, 0) / (_LARGE - _SMALL) if known else 0.0
    width = keras.backend.standardize_dtype(network.compute_dtype)
    measured_bytes = 2 if width.endswith("16") else 4
    trained = 4 * sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)
    weights = 4 * sum(int(np.prod(weight.shape)) for weight in network.variables)

    def estimate(images: int, *, bytes_per_number: int = 4, **choices: bool) -> space.StepMemory:
        del choices  # are the network's already
        return space.StepMemory(
            weights=weights,
            optimizer_state=trained,
            gradients=trained,
            activations=int(an_image * images * bytes_per_number / measured_bytes),
            workspace=0,
            graph=0,
        )

    return estimate
