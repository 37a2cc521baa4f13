# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the architectures cost: E_Z[C(Z)], exactly, and the penalty made of it.

The cost of a network is a sum over its edges, C(Z) = sum_(i,j) Z_(i,j) . c_(i,j), because the sizes
of the feature maps do not depend on Z (section 2.4 of arXiv 1812.09926). So its expectation needs
no samples: sum_k softmax(log alpha)^k c^k an edge.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import Samples


@keras.saving.register_keras_serializable(package="snas_tf")
class ResourceCost:
    """The expected cost of a distribution of architectures on a skeleton.

    The costs of the candidate operations are those of `space.edge_costs`, summed over the cells of
    each kind.

    Args:
        cells: The cell space.
        skeleton: The plan of the network that is paid for.
        weights: Weights of parameters, multiply-adds and memory access in the penalty, non-negative
            and not all zero.
    """

    def __init__(
        self,
        cells: space.CellSpace,
        skeleton: space.Skeleton,
        weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> None:
        if len(weights) != 3 or min(weights) < 0 or not any(weights):
            raise ValueError(
                "`weights` must be three non-negative numbers, not all zero, for parameters, "
                f"multiply-adds and memory access. Received: {weights}."
            )
        self.cells = cells
        self.skeleton = skeleton
        self.weights = tuple(weights)
        self.tables = space.edge_costs(cells, skeleton)
        totals = sum(table.mean(axis=1).sum(axis=0) for table in self.tables.values())
        # A cost that no candidate operation has (pooling has no parameters) counts for nothing.
        shares = np.where(totals > 0, self.weights, 0.0)
        self._scale = shares / np.maximum(totals, 1.0) / (sum(shares) or 1.0)

    def expectation(self, samples: Samples) -> space.Cost:
        """Cost of the candidate operations, weighted by `samples`.

        Args:
            samples: {kind: float32 (edges, ops)}: probabilities for the expected cost, one-hot rows
                for the cost of one architecture.

        Returns:
            Cost of float32 scalars, differentiable in `samples`.
        """
        return space.Cost(*tf.unstack(self._sum(samples)))

    def penalty(self, samples: Samples) -> tf.Tensor:
        """The weighted mean of the three costs, each relative to that of the uniform distribution.

        So its value is 1 for the uniform distribution on every skeleton, and a weight eta keeps its
        meaning when the skeleton changes.

        Args:
            samples: As for `expectation`.

        Returns:
            float32 scalar, differentiable in `samples`.
        """
        return tf.reduce_sum(self._sum(samples) * tf.constant(self._scale, tf.float32))

    def _sum(self, samples: Samples) -> tf.Tensor:
        return tf.add_n(
            [
                tf.einsum("eo,eoc->c", samples[kind], tf.constant(table, tf.float32))
                for kind, table in self.tables.items()
            ]
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "cells": self.cells.get_config(),
            "skeleton": self.skeleton.get_config(),
            "weights": self.weights,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ResourceCost:
        """Restores the cost from `get_config`."""
        return cls(
            space.CellSpace.from_config(config["cells"]),
            space.Skeleton.from_config(config["skeleton"]),
            tuple(config["weights"]),
        )
