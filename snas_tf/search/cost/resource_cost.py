# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the architectures cost: C(Z), its expectation, and the penalty made of it.

The cost of a network is a sum over its edges, C(Z) = sum_(i,j) Z_(i,j) . c_(i,j), because the sizes
of the feature maps do not depend on Z (section 2.4 of arXiv 1812.09926). So its expectation needs
no samples: sum_k softmax(log alpha)^k c^k an edge.
"""

from __future__ import annotations

import collections
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.search.cost import gradients as cost_gradients
from snas_tf.search.cost.forms import FORMS
from snas_tf.search.cost.gradients import GRADIENTS

_MICROSECONDS = 1000.0  # a millisecond; the logarithmic form counts nothing below 1


@keras.saving.register_keras_serializable(package="snas_tf")
class ResourceCost:
    """The cost of a distribution of architectures on a skeleton.

    The costs of the candidate operations are those of `space.edge_costs`, and with a latency table
    the measured time of each. The penalty is the sum over the edges of both kinds of cell of a form
    of their costs, each the mean over the cells of its kind, and divided by what the uniform
    distribution gives: it is 1 there on every skeleton, and does not change when cells are added in
    the same proportion, so that a weight eta keeps its meaning.

    It does not change once it is made: give a model another one, `model.resource_cost = ...`.

    With a budget the penalty is instead the sum over its limits of max(0, E[cost] / limit - 1),
    where the cost is that of the whole child network: nothing where the limits are kept.

    Args:
        cells: The cell space.
        skeleton: The plan of the network that is paid for.
        weights: Weights of parameters, multiply-adds, memory access and, with a latency table,
            latency in the penalty; non-negative and not all zero.
        form: Key of `cost_forms.FORMS`: "linear" is the paper's, "log" that of its released code,
            whose eta of 1.5e-3 is 0.43 here: the uniform distribution on its 8 cells gives 284.85.
        gradient: Key of `cost_gradients.GRADIENTS`.
        latency_table: What `--mode=latency` measured, or None.
        budget: Limits of the child network, or None.

    Raises:
        ValueError: A weight, the form or the gradient is wrong, or they cannot be combined.
        InvalidInput: The table lacks an operation of the skeleton, or no network of the space keeps
            to the budget.
    """

    def __init__(
        self,
        cells: space.CellSpace,
        skeleton: space.Skeleton,
        weights: tuple[float, ...] = (1.0, 1.0, 1.0),
        *,
        form: str = "linear",
        gradient: str = "expectation",
        latency_table: space.LatencyTable | None = None,
        budget: space.Budget | None = None,
    ) -> None:
        _check(weights, form, gradient, latency_table, budget)
        self.cells = cells
        self.skeleton = skeleton
        without = 4 - len(weights) if latency_table is not None else 0
        self.weights = (*map(float, weights), *[0.0] * without)
        self.form = form
        self.gradient = gradient
        self.latency_table = latency_table
        self.budget = budget or space.Budget()
        self.limits = space.limits(self.budget, cells, skeleton, latency_table)
        self.tables = space.edge_costs(cells, skeleton)
        if latency_table is not None:
            latencies = latency_table.edge_latencies(cells, skeleton)
            self._latencies = {kind: tf.constant(v, tf.float32) for kind, v in latencies.items()}
        self._set_scale()
        self._made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_made", False):
            raise AttributeError(
                f"`{name}` of a ResourceCost cannot be set, for much follows from it. Make another "
                "one and give it to the model: model.resource_cost = ResourceCost(...)."
            )
        super().__setattr__(name, value)

    @classmethod
    def from_latency_table(
        cls,
        cells: space.CellSpace,
        skeleton: space.Skeleton,
        latency_table: space.LatencyTable,
        weights: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0),
        **kwargs: Any,
    ) -> ResourceCost:
        """The cost of measured latency, alone or with the other costs.

        Args:
            cells: The cell space.
            skeleton: The plan of the network, which the table must be of.
            latency_table: What `--mode=latency` measured.
            weights: As for the class, four.
            **kwargs: Further arguments of the class.

        Raises:
            InvalidInput: The table lacks an operation of the skeleton.
        """
        return cls(cells, skeleton, weights, latency_table=latency_table, **kwargs)

    def expectation(self, samples: Samples) -> space.Cost:
        """Cost of the candidate operations in all cells, weighted by `samples`.

        Args:
            samples: {kind: float32 (edges, ops)}: probabilities for the expected cost, one-hot rows
                for the cost of one architecture.

        Returns:
            Cost of float32 scalars, differentiable in `samples`.
        """
        costs = [
            tf.einsum("eo,eoc->c", samples[kind], tf.constant(table, tf.float32))
            for kind, table in self.tables.items()
        ]
        return space.Cost(*tf.unstack(tf.add_n(costs)))

    def latency(self, samples: Samples) -> tf.Tensor:
        """Milliseconds of the candidate operations in all cells; needs a latency table.

        Args:
            samples: As for `expectation`.

        Returns:
            float32 scalar, differentiable in `samples`.
        """
        return tf.add_n(
            [tf.reduce_sum(samples[kind] * table) for kind, table in self._latencies.items()]
        )

    def edge_penalties(self, samples: Samples) -> dict[str, tf.Tensor]:
        """Each edge's share of the penalty, without a budget.

        Args:
            samples: As for `expectation`.

        Returns:
            {kind: float32 (edges,)}, differentiable in `samples`.
        """
        form = FORMS[self.form]
        return {
            kind: form(samples[kind], tables, counts, self._scale)
            for kind, (tables, counts) in self._per_cell.items()
        }

    def penalty(self, samples: Samples) -> tf.Tensor:
        """C: 1 for the uniform distribution, or with a budget what is spent beyond it.

        Args:
            samples: As for `expectation`.

        Returns:
            float32 scalar, differentiable in `samples`.
        """
        if self.limits:
            return tf.add_n([_excess(limit, samples) for limit in self.limits])
        return cost_gradients.total(self.edge_penalties(samples))

    def loss(self, architecture: ArchitectureDistribution, samples: Samples) -> tf.Tensor:
        """The penalty of a step, whose gradient is the chosen estimate of that of E_Z[C(Z)].

        Args:
            architecture: The distribution.
            samples: The step's draw from it.

        Returns:
            float32 scalar, differentiable in the logits.
        """
        if self.limits:
            return self.penalty(architecture.probabilities())
        return GRADIENTS[self.gradient](self.edge_penalties, architecture, samples)

    def genotype(self, probabilities: dict[str, np.ndarray]) -> space.Genotype:
        """The most probable architecture that keeps to the budget.

        Args:
            probabilities: {kind: (edges, ops)}.

        Returns:
            The genotype.
        """
        return space.derive_within(probabilities, self.cells, self.limits)

    def _set_scale(self) -> None:
        """What each kind's cells cost, and how much each cost counts, after the uniform's."""
        self._per_cell = {
            kind: (tf.constant(tables, tf.float32), tf.constant(counts, tf.float32))
            for kind, (tables, counts) in self._distinct_cells().items()
        }
        weights = np.array(self.weights)
        size = self.cells.num_operations
        uniform = tf.fill((self.cells.num_edges, size), 1.0 / size)
        # Each cost by itself first: what no operation has (pooling has no parameters) counts for
        # nothing, and the linear form adds shares, for the costs have different units.
        each = np.array(
            [
                sum(
                    float(tf.reduce_sum(FORMS[self.form](uniform, tables, counts, unit)))
                    for tables, counts in self._per_cell.values()
                )
                for unit in np.eye(len(weights), dtype=np.float32)
            ]
        )
        weights = np.where(each > 0, weights, 0.0)
        if self.form == "linear":
            scale = weights / np.where(each > 0, each, 1.0) / (weights.sum() or 1.0)
        else:
            scale = weights / ((weights * each).sum() or 1.0)
        self._scale = tf.constant(scale, tf.float32)

    def _distinct_cells(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """{kind: (tables, counts)} of `cost_forms`, cells that cost the same taken together."""
        found: dict[str, dict[bytes, np.ndarray]] = collections.defaultdict(dict)
        counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        for plan in self.skeleton.plan(self.cells.num_nodes):
            table = space.cell_costs(self.cells, plan)
            if self.latency_table is not None:
                times = self.latency_table.cell_latencies(self.cells, plan)[..., None]
                table = np.concatenate([table, times * _MICROSECONDS], axis=-1)
            key = table.tobytes()
            found[plan.kind][key] = table
            counts[plan.kind][key] += 1
        return {
            kind: (
                np.stack(list(tables.values())),
                np.array([counts[kind][key] for key in tables]) / counts[kind].total(),
            )
            for kind, tables in found.items()
        }

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "cells": self.cells.get_config(),
            "skeleton": self.skeleton.get_config(),
            "weights": self.weights,
            "form": self.form,
            "gradient": self.gradient,
            "latency_table": self.latency_table and self.latency_table.to_json(),
            "budget": self.budget.get_config(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ResourceCost:
        """Restores the cost from `get_config`."""
        table = config["latency_table"]
        return cls(
            **{
                **config,
                "cells": space.CellSpace.from_config(config["cells"]),
                "skeleton": space.Skeleton.from_config(config["skeleton"]),
                "weights": tuple(config["weights"]),
                "latency_table": table and space.LatencyTable.from_json(table),
                "budget": space.Budget(**config["budget"]),
            }
        )


def _excess(limit: space.Limit, samples: Samples) -> tf.Tensor:
    """max(0, E[cost] / limit - 1)."""
    variable = tf.add_n(
        [
            tf.reduce_sum(samples[kind] * tf.constant(table / limit.most, tf.float32))
            for kind, table in limit.tables.items()
        ]
    )
    return tf.nn.relu(variable + (limit.fixed / limit.most - 1.0))


def _check(
    weights: tuple[float, ...],
    form: str,
    gradient: str,
    latency_table: space.LatencyTable | None,
    budget: space.Budget | None,
) -> None:
    count = 3 if latency_table is None else 4
    if len(weights) not in (3, count) or min(weights) < 0 or not any(weights):
        names = "parameters, multiply-adds and memory access"
        raise ValueError(
            f"`weights` must be three non-negative numbers, not all zero, for {names}, and with a "
            f"latency table a fourth for latency. Received: {weights}."
        )
    for name, value, choices in (("form", form, FORMS), ("gradient", gradient, GRADIENTS)):
        if value not in choices:
            raise ValueError(f"`{name}` must be one of {', '.join(choices)}. Received: {value!r}.")
    if budget and gradient != "expectation":
        raise ValueError(
            "A budget is kept in expectation: `gradient` must be 'expectation' with one. "
            f"Received: {gradient!r}."
        )
