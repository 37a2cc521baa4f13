# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stochastic neural architecture search as a Keras model.

Every training step minimises E_(Z~p_alpha)[L_theta(Z) + eta C(Z)] in the weights theta and the
logits log alpha together, from one draw of Z and one forward and backward pass on one batch
(sections 2.2 to 2.4 of arXiv 1812.09926); there is no bi-level split, unless one is asked for.
"""

from __future__ import annotations

from typing import Any

import keras

from snas_tf.distribution import ArchitectureDistribution
from snas_tf.networks.searchable import Searchable
from snas_tf.search.arguments import check, tell_of_defaults
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import Estimator, named
from snas_tf.search.found_network_model import found_variables
from snas_tf.search.gradient_norms import GradientNorms
from snas_tf.search.perturbation import Perturbation
from snas_tf.search.schedules import Scheduled
from snas_tf.search.search_step import SearchStep
from snas_tf.search.settings import Setting

_OBJECTS = (
    *("supernet", "architecture", "temperature", "resource_cost", "resource_weight", "estimator"),
    *("gate", "drop_path", "perturbation", "label_smoothing"),
)
"""Arguments that are serialised as objects."""


@keras.saving.register_keras_serializable(package="snas_tf")
class Snas(SearchStep):
    """Searches an architecture and trains the supernet at once, with `compile` and `fit`.

    `evaluate`, `predict`, `fit`'s validation and a call answer for the network found so far, the
    one that `child()` gives. Besides loss and metrics every step reports the temperature, the
    entropy of each decision in nats, the expected costs of what is decided, such as parameters and
    multiply-adds, and `resource_cost`, the penalty C before its weight. `loss` and `val_loss` are
    the compiled loss alone: what the steps minimise is `loss` plus `resource_weight` times that
    penalty.

    All arguments but the first two may be set between two calls of `fit`, or by a callback; the
    step is then traced anew. What may be a schedule is a number or any schedule of Keras's, see
    `snas_tf.search.schedules`; every step reports what its schedules gave.

    Args:
        supernet: The network to search in, any `Searchable`.
        architecture: The distribution of its architectures.
        temperature: Positive number, or a schedule of the steps that the logits have learnt, such
            as `keras.optimizers.schedules.PolynomialDecay(1.0, steps - 1, 0.03)`. None is 1.0, with
            a word at the first step: SNAS lets it fall.
        resource_cost: The cost C, or None for `ResourceCost` of the supernet's costs, which with a
            `resource_weight` of 0 is only reported.
        resource_weight: eta, non-negative, or a schedule of the steps that the logits have learnt.
        estimator: Key of `snas_tf.search.estimators.ESTIMATORS`: "concrete" is SNAS, "softmax" the
            deterministic mixture of DARTS, and "straight_through" (GDAS) and "score_function"
            (DSNAS) run one operation an edge; or an `Estimator` of your own.
        derivation: How the network found is read off the distribution, see
            `ArchitectureDistribution.genotype`; a budget needs "argmax".
        seed: The run's seed, from which every draw of Z follows.
        shared_samples: Whether the replicas of a step use one Z, as one device would; otherwise
            each draws its own, which tells more of the distribution in a step.
        warmup_steps: So many first steps train the weights alone, under relaxed samples of the
            uniform distribution whatever the estimator is: the logits and all that their optimizer
            remembers stay as they are, to the bit, and the temperature is that of step 0.
        gate: 1 where the logits learn and 0 where they are held, as in the warm-up, but under the
            search's own samples; or a schedule of all steps, such as `Gate`.
        drop_path: Probability in [0, 1) that a row of Z is left out of a training step, or a
            schedule of all steps; what is kept counts for it in the mean.
        perturbation: How far beside the logits each step is taken, of which the weights learn to
            bear it; None for not at all.
        label_smoothing: Part in [0, 1) of each label that a training step spreads over all classes,
            or a schedule of all steps; the compiled loss must be a cross-entropy.
        bilevel: Whether, after the warm-up, logits and weights learn by turns, the logits first:
            the first-order bi-level search of DARTS, whose data `alternate` arranges.
    """

    temperature_schedule = Setting()
    resource_cost = Setting()
    resource_weight = Setting()
    estimator = Setting()
    derivation = Setting()
    seed = Setting()
    shared_samples = Setting()
    warmup_steps = Setting()
    gate = Setting()
    drop_path = Setting()
    perturbation = Setting()
    label_smoothing = Setting()
    bilevel = Setting()

    def __init__(
        self,
        supernet: Searchable,
        architecture: ArchitectureDistribution,
        *,
        temperature: Scheduled | None = None,
        resource_cost: ResourceCost | None = None,
        resource_weight: Scheduled = 0.0,
        estimator: str | Estimator = "concrete",
        derivation: str = "argmax",
        seed: int = 0,
        shared_samples: bool = False,
        warmup_steps: int = 0,
        gate: Scheduled = 1.0,
        drop_path: Scheduled = 0.0,
        perturbation: Perturbation | None = None,
        label_smoothing: Scheduled = 0.0,
        bilevel: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(supernet, architecture, **{"name": "snas", **kwargs})
        self.settled = False
        self.autocast = False
        self._untold = True
        self._default_temperature = temperature is None
        self.temperature_schedule = 1.0 if temperature is None else temperature
        self.resource_cost = resource_cost or ResourceCost(supernet.costs)
        self.resource_weight = resource_weight
        self.estimator = estimator
        self.derivation = derivation
        self.seed = seed
        self.shared_samples = shared_samples
        self.warmup_steps = warmup_steps
        self.gate = gate
        self.drop_path = drop_path
        self.perturbation = perturbation
        self.label_smoothing = label_smoothing
        self.bilevel = bilevel
        self.check_settings()
        counter = {"shape": (), "dtype": "int64", "initializer": "zeros", "trainable": False}
        counter["aggregation"] = "only_first_replica"
        self.step = self.add_weight(**counter, name="step")
        self.evaluation_batch = self.add_weight(**counter, name="evaluation_batch")
        self._found = found_variables(supernet.space)
        self.gradient_norms = GradientNorms(supernet.space, name="gradient_norms")
        self.built = True
        self.settled = True
        self.refresh()

    # === The search ===

    def check_settings(self) -> None:
        """Checks what was set, which is described with the class.

        Raises:
            ValueError: Something is out of its range, or does not go with something else.
        """
        check(self)

    # === Keras's hooks ===

    def trace_anew(self) -> None:
        """Forgets the graphs that were made, after something changed that they hold."""
        self._untold = False  # who sets something knows what he wants
        super().trace_anew()

    def make_train_function(self, force: bool = False) -> None:
        """As `SearchModel`; tells once of what was left to its default and had better be given."""
        if self._untold:
            tell_of_defaults(
                named(self.estimator),
                self._default_temperature,
                self._default_architecture_optimizer,
            )
            self._untold = False
        super().make_train_function(force)

    # === Keras ===

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "supernet": serialize(self.supernet),
            "architecture": serialize(self.architecture),
            "temperature": serialize(self.temperature_schedule),
            "resource_cost": serialize(self.resource_cost),
            "resource_weight": serialize(self.resource_weight),
            "estimator": serialize(self.estimator),
            "derivation": self.derivation,
            "seed": self.seed,
            "shared_samples": self.shared_samples,
            "warmup_steps": self.warmup_steps,
            "gate": serialize(self.gate),
            "drop_path": serialize(self.drop_path),
            "perturbation": serialize(self.perturbation),
            "label_smoothing": serialize(self.label_smoothing),
            "bilevel": self.bilevel,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Snas:
        """Restores the model from `get_config`."""
        restored = {
            key: keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in _OBJECTS
            if key in config
        }
        return cls(**{**config, **restored})
