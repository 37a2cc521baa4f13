# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the architectures cost: C(Z), its expectation, and the penalty made of it.

The cost of a network is a sum over the rows of its decisions, C(Z) = sum_(i,j) Z_(i,j) . c_(i,j),
because the sizes of the feature maps do not depend on Z (section 2.4 of arXiv 1812.09926). So its
expectation needs no samples: sum_k softmax(log alpha)^k c^k a row. Nor does that of costs in which
several decisions meet (`CostTable.joint`), for these are independent: it is the sum over the ways
to take them of the product of their probabilities and what that way costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import IndependentRows, Samples
from snas_tf.search.cost import gradients as cost_gradients
from snas_tf.search.cost.forms import FORMS
from snas_tf.search.cost.gradients import GRADIENTS

_MICROSECONDS = 1000.0  # a millisecond; the logarithmic form counts nothing below 1


@keras.saving.register_keras_serializable(package="snas_tf")
class ResourceCost:
    """The cost of a distribution of architectures.

    The penalty is the sum over the rows of all decisions of a form of their costs, each the mean
    over the uses of the decision, such as the cells of a kind, and divided by what the uniform
    distribution gives: it is 1 there in every network, and does not change when cells are added in
    the same proportion, so that a weight eta keeps its meaning.

    It does not change once it is made: give a model another one, `model.resource_cost = ...`.

    With a budget the penalty is instead the sum over its limits of max(0, E[cost] / limit - 1),
    where the cost is that of the whole child network: nothing where the limits are kept.

    Args:
        costs: What the networks of the space cost, such as `supernet.costs`.
        weights: {cost: its weight in the penalty}, non-negative and not all zero; what is missing
            does not count. None is 1 for every cost.
        form: Key of `cost_forms.FORMS`: "linear" is the paper's, "log" that of its released code,
            whose eta of 1.5e-3 is 0.43 here: the uniform distribution on its 8 cells gives 284.85.
        gradient: Key of `cost_gradients.GRADIENTS`.
        budget: Limits of the child network, or None.

    Raises:
        ValueError: A weight, the form or the gradient is wrong, or they cannot be combined.
        InvalidInput: No network of the space keeps to the budget.
    """

    def __init__(
        self,
        costs: space.CostTable,
        weights: Mapping[str, float] | None = None,
        *,
        form: str = "linear",
        gradient: str = "expectation",
        budget: space.Budget | None = None,
    ) -> None:
        weights = dict.fromkeys(costs.names, 1.0) if weights is None else dict(weights)
        _check(costs, weights, form, gradient, budget)
        self.costs = costs
        self.weights = {name: float(weights.get(name, 0.0)) for name in costs.names}
        self.form = form
        self.gradient = gradient
        self.budget = budget or space.Budget()
        self.limits = space.limits(self.budget, costs)
        # What is decided adds: the sum over all uses of a decision. Where decisions meet, uses hold
        # but a bound of that.
        self._summed = {
            name: np.einsum("u,upoc->poc", counts, tables)
            for name, (tables, counts) in costs.uses.items()
        }
        if costs.joint:
            self._summed = {name: costs.tables[name] for name in costs.uses}
        self._set_scale()
        self._made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_made", False):
            raise AttributeError(
                f"`{name}` of a ResourceCost cannot be set, for much follows from it. Make another "
                "one and give it to the model: model.resource_cost = ResourceCost(...)."
            )
        super().__setattr__(name, value)

    def expectation(self, samples: Samples) -> dict[str, tf.Tensor]:
        """Costs of what is decided, as the penalty counts them, weighted by `samples`.

        Args:
            samples: {decision: float32 (places, options)}: probabilities for the expected cost,
                one-hot rows for the cost of one architecture.

        Returns:
            {cost: float32 scalar}, differentiable in `samples`.
        """
        costs = [
            tf.einsum("eo,eoc->c", samples[name], tf.constant(table, tf.float32))
            for name, table in self._summed.items()
        ]
        costs += [_mean(names, table, samples) for names, table in self.costs.joint.items()]
        return dict(zip(self.costs.names, tf.unstack(tf.add_n(costs)), strict=True))

    def row_penalties(self, samples: Samples) -> dict[str, tf.Tensor]:
        """Each row's share of the penalty, without a budget.

        Args:
            samples: As for `expectation`.

        Returns:
            {decision: float32 (places,)}, differentiable in `samples`.
        """
        form = FORMS[self.form]
        return {
            name: form(samples[name], tables, counts, self._scale)
            for name, (tables, counts) in self._uses.items()
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
        return cost_gradients.total(self.row_penalties(samples))

    def loss(self, architecture: IndependentRows, samples: Samples) -> tf.Tensor:
        """The penalty of a step, whose gradient is the chosen estimate of that of E_Z[C(Z)].

        Args:
            architecture: The distribution.
            samples: The step's draw from it.

        Returns:
            float32 scalar, differentiable in the logits.
        """
        if self.limits:
            return self.penalty(architecture.probabilities())
        return GRADIENTS[self.gradient](self.row_penalties, architecture, samples)

    def _set_scale(self) -> None:
        """What each use of a decision costs, and how much each cost counts, by the uniform's."""
        units = np.array([_MICROSECONDS if name == "latency" else 1.0 for name in self.weights])
        self._uses = {
            name: (
                tf.constant(tables * units, tf.float32),
                tf.constant(counts / counts.sum(), tf.float32),
            )
            for name, (tables, counts) in self.costs.uses.items()
        }
        weights = np.array(list(self.weights.values()))
        form = FORMS[self.form]
        # Each cost by itself first: what no operation has (pooling has no parameters) counts for
        # nothing, and the linear form adds shares, for the costs have different units.
        each = np.array(
            [
                sum(
                    float(tf.reduce_sum(form(_uniform(tables), tables, counts, unit)))
                    for tables, counts in self._uses.values()
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "costs": self.costs.get_config(),
            "weights": self.weights,
            "form": self.form,
            "gradient": self.gradient,
            "budget": self.budget.get_config(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ResourceCost:
        """Restores the cost from `get_config`."""
        costs = space.CostTable.from_config(config["costs"])
        return cls(**{**config, "costs": costs, "budget": space.Budget(**config["budget"])})


def _uniform(tables: tf.Tensor) -> tf.Tensor:
    """Samples (places, options) of equal weights, for tables (uses, places, options, costs)."""
    return tf.fill(tables.shape[1:3], 1.0 / tables.shape[2])


def _mean(names: tuple[str, ...], costs: np.ndarray, samples: Samples) -> tf.Tensor:
    """What some decisions cost together on average; costs (options of each, ...) to (...)."""
    mean = tf.constant(costs, tf.float32)
    for name in names:
        mean = tf.tensordot(samples[name][0], mean, 1)
    return mean


def _excess(limit: space.Limit, samples: Samples) -> tf.Tensor:
    """max(0, E[cost] / limit - 1)."""
    variable = tf.add_n(
        [
            tf.reduce_sum(samples[name] * tf.constant(table / limit.most, tf.float32))
            for name, table in limit.tables.items()
        ]
        + [_mean(names, table / limit.most, samples) for names, table in limit.joint.items()]
    )
    return tf.nn.relu(variable + (limit.fixed / limit.most - 1.0))


def _check(
    costs: space.CostTable,
    weights: Mapping[str, float],
    form: str,
    gradient: str,
    budget: space.Budget | None,
) -> None:
    values = weights.values()
    if not {*weights} <= {*costs.names} or not any(values) or not min(values) >= 0:
        raise ValueError(
            "`weights` must be non-negative numbers, not all zero, by the names of costs: "
            f"{', '.join(costs.names)}. Received: {dict(weights)}."
        )
    for name, value, choices in (("form", form, FORMS), ("gradient", gradient, GRADIENTS)):
        if value not in choices:
            raise ValueError(f"`{name}` must be one of {', '.join(choices)}. Received: {value!r}.")
    if budget and gradient != "expectation":
        raise ValueError(
            "A budget is kept in expectation: `gradient` must be 'expectation' with one. "
            f"Received: {gradient!r}."
        )
