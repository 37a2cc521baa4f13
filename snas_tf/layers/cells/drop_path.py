# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Drop path: whole edges of the child network are left out at random, example by example."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.kept_paths import keep_factors
from snas_tf.layers.shape import Shape
from snas_tf.seeds import stateless_seed

_STREAM = 2


@keras.saving.register_keras_serializable(package="snas_tf")
class DropPathFactors(keras.layers.Layer):
    """Draws, in one place, which paths of a network each example of a batch drops.

    The rate rises linearly from 0 to `rate` over `ramp_steps` training steps, as in DARTS. The draw
    depends on the seed, the layer's own saved step counter and the replica alone, so a resumed
    training draws what an uninterrupted one would have. XLA draws other numbers, always the same.

    Args:
        num_paths: Number of paths.
        rate: Greatest probability to drop a path, in [0, 1).
        ramp_steps: Steps after which it is reached; 0 for from the start.
        seed: The run's seed.

    Returns:
        float32 (batch, paths), see `keep_factors`; ones outside training.
    """

    def __init__(
        self, num_paths: int, rate: float, ramp_steps: int = 0, seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        if not 0.0 <= rate < 1.0:
            raise ValueError(f"`rate` must be in [0, 1). Received: {rate}.")
        self.num_paths = num_paths
        self.rate = rate
        self.ramp_steps = ramp_steps
        self.seed = seed

    def build(self, input_shape: Shape) -> None:
        """Creates the step counter."""
        # Each replica counts by itself: inside a function that XLA compiles they cannot meet.
        self.step = self.add_weight(
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            name="step",
        )
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Draws for the batch of `inputs`, whose values do not matter."""
        batch_size = tf.shape(inputs)[0]
        if not training:
            return tf.ones((batch_size, self.num_paths))
        step = tf.convert_to_tensor(self.step)
        ramp = tf.minimum(1.0, tf.cast(step, tf.float32) / max(self.ramp_steps, 1))
        rate = self.rate * (ramp if self.ramp_steps else 1.0)
        seed = stateless_seed(self.seed, _STREAM, step)
        self.step.assign_add(1)
        return keep_factors(seed, tf.convert_to_tensor(rate), (batch_size, self.num_paths))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(batch, paths)."""
        return (input_shape[0], self.num_paths)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_paths": self.num_paths,
            "rate": self.rate,
            "ramp_steps": self.ramp_steps,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="snas_tf")
class DropPath(keras.layers.Layer):
    """Multiplies a path by its factors; the identity outside training.

    Args:
        path: The path's position among the factors.
    """

    def __init__(self, path: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.path_index = path

    def call(self, inputs: tf.Tensor, factors: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, height, width, channels) and float32 (batch, paths) to the inputs' shape."""
        if not training:
            return inputs
        factor = tf.cast(factors[:, self.path_index], inputs.dtype)
        return inputs * factor[:, None, None, None]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "path": self.path_index}
