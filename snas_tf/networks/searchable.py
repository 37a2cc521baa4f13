# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network must be for a search to find an architecture in it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import keras
import tensorflow as tf

from snas_tf.distribution import Samples
from snas_tf.space import Architecture, CostTable, DecisionSpace


@runtime_checkable
class Searchable(Protocol):
    """A Keras model that holds every option of every decision; `Supernet` is one.

    It draws nothing itself. `searchable(x, space.encode(a), one_hot=True)`, the same without
    `one_hot`, and `searchable.child(a)(x)` are the same numbers in inference mode.

    It may have more, of which a search makes use:
        check_inputs(x): Raises ValueError where `x`, inputs or a data set of them, cannot be used.
        num_examples(inputs): How many examples inputs hold, int32 scalar; the first size of the
            first tensor where it is not there.
        synchronized_batch_norm: Whether replicas meet in a step; false where it is not there.

    Attributes:
        space: What may be decided.
        costs: What its children cost; a decision that has no part in this network is not among the
            table's `uses`.
    """

    space: DecisionSpace
    costs: CostTable

    def __call__(
        self, inputs: Any, samples: Samples, training: bool = False, one_hot: bool = False
    ) -> tf.Tensor:
        """The answer to inputs, a tensor (batch, ...) or a nest of them, such as a dict.

        Args:
            inputs: The inputs.
            samples: {decision: float32 (places, options)}, weights of the options.
            training: As for Keras.
            one_hot: Whether all rows are one-hot, so that one option a row need be computed.
        """
        ...

    def child(self, architecture: Architecture, **kwargs: Any) -> keras.Model:
        """The network of an architecture, with these weights inside."""
        ...


def check_inputs(network: Searchable, x: Any) -> None:
    """Checks inputs or a data set of them where the network can tell.

    Args:
        network: The network.
        x: What `fit`, `evaluate`, `predict` or a call is given.

    Raises:
        ValueError: The network takes others.
    """
    if hasattr(network, "check_inputs"):
        network.check_inputs(x)


def meets_replicas(network: keras.Model) -> bool:
    """Whether replicas meet within a training step of a network, as in batch normalisation."""
    return bool(getattr(network, "synchronized_batch_norm", False))
