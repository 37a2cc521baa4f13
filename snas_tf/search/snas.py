# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stochastic neural architecture search as a Keras model.

Every training step minimises E_(Z~p_alpha)[L_theta(Z) + eta C(Z)] in the weights theta and the
logits log alpha together, from one draw of Z and one forward and backward pass on one batch
(sections 2.2 to 2.4 of arXiv 1812.09926); there is no bi-level split.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.keras_internals import loss_tracker
from snas_tf.networks.searchable import Searchable, check_inputs
from snas_tf.search.architecture_metrics import architecture_metrics
from snas_tf.search.arguments import check, tell_of_defaults
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.estimators import Estimator, named
from snas_tf.search.found_network_model import FoundNetworkModel, found_variables
from snas_tf.search.gradient_norms import GradientNorms
from snas_tf.search.settings import Setting
from snas_tf.seeds import stateless_seed
from snas_tf.training import replicas

Schedule = keras.optimizers.schedules.LearningRateSchedule
_TRAINING_STREAM = 0
_ZERO = tf.UnconnectedGradients.ZERO


@keras.saving.register_keras_serializable(package="snas_tf")
class Snas(FoundNetworkModel):
    """Searches an architecture and trains the supernet at once, with `compile` and `fit`.

    `evaluate`, `predict`, `fit`'s validation and a call answer for the network found so far, the
    one that `child()` gives. Besides loss and metrics every step reports the temperature, the
    entropy of each decision in nats, the expected costs of what is decided, such as parameters and
    multiply-adds, and `resource_cost`, the penalty C before its weight. `loss` and `val_loss` are
    the compiled loss alone: what the steps minimise is `loss` plus `resource_weight` times that
    penalty.

    Temperature, resource cost and weight, estimator, derivation, seed, shared samples and warm-up
    may be set between two calls of `fit`, or by a callback; the step is then traced anew.

    Args:
        supernet: The network to search in, any `Searchable`.
        architecture: The distribution of its architectures.
        temperature: Positive number, or a schedule of the steps that the logits have learnt, such
            as `keras.optimizers.schedules.PolynomialDecay(1.0, steps - 1, 0.03)`. None is 1.0, with
            a word at the first step: SNAS lets it fall.
        resource_cost: The cost C, or None for `ResourceCost` of the supernet's costs, which with a
            `resource_weight` of 0 is only reported.
        resource_weight: eta, non-negative.
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
    """

    temperature_schedule = Setting()
    resource_cost = Setting()
    resource_weight = Setting()
    estimator = Setting()
    derivation = Setting()
    seed = Setting()
    shared_samples = Setting()
    warmup_steps = Setting()

    def __init__(
        self,
        supernet: Searchable,
        architecture: ArchitectureDistribution,
        *,
        temperature: float | Schedule | None = None,
        resource_cost: ResourceCost | None = None,
        resource_weight: float = 0.0,
        estimator: str | Estimator = "concrete",
        derivation: str = "argmax",
        seed: int = 0,
        shared_samples: bool = False,
        warmup_steps: int = 0,
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
        check(
            self.supernet,
            self.architecture,
            self.temperature_schedule,
            self.resource_cost,
            self.resource_weight,
            self.estimator,
            self.derivation,
            self.warmup_steps,
        )

    @property
    def temperature(self) -> tf.Tensor:
        """float32 scalar lambda at the saved step counter."""
        if not isinstance(self.temperature_schedule, Schedule):
            return tf.constant(self.temperature_schedule, tf.float32)
        step = tf.convert_to_tensor(self.step)
        if self.warmup_steps:
            step = tf.maximum(step - self.warmup_steps, 0)
        return tf.cast(self.temperature_schedule(step), tf.float32)

    @temperature.setter
    def temperature(self, value: float | Schedule) -> None:
        self.temperature_schedule = value

    @property
    def single_path(self) -> bool:
        """Whether only one option a row runs, for the estimator's rows are one-hot."""
        return named(self.estimator).one_hot

    def draw(self, seed: tf.Tensor) -> Samples:
        """The estimator's Z at the present temperature, {decision: float32 (places, options)}."""
        return named(self.estimator).draw(self.architecture, self.temperature, seed)

    def seed_of(self, stream: int, *counters: tf.Tensor) -> tf.Tensor:
        """int32 [2], of a stream of draws and where it has come to."""
        return stateless_seed(self.seed, stream, *counters, shared=self.shared_samples)

    def _draw_for_training(self, warm: tf.Tensor | None) -> Samples:
        """Z of a step; while `warm`, of the uniform distribution."""
        seed = self.seed_of(_TRAINING_STREAM, self.step)
        samples = self.draw(seed)
        if warm is None:
            return samples
        uniform = self.architecture.sample(self.temperature, seed, uniform=True)
        return {name: tf.where(warm, uniform[name], rows) for name, rows in samples.items()}

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One draw of Z, one forward and backward pass, one update of weights and logits."""
        inputs, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        check_inputs(self.supernet, inputs)
        count = self._num_examples(inputs)
        self.check_count(count)
        learning = self._learning()
        logits = [self.architecture.logits[name].value for name in learning]
        temperature = self.temperature
        warm = self.step < self.warmup_steps if self.warmup_steps else None
        with tf.GradientTape(persistent=True) as tape:
            samples = self._draw_for_training(warm)
            penalty = self.resource_weight * self.resource_cost.loss(self.architecture, samples)
            total_penalty = replicas.summed(penalty, count)
        results = self._pass(inputs, labels, sample_weight, samples, warm)
        loss, predictions, of_weights, of_samples = results
        of_loss = tape.gradient(list(samples.values()), logits, output_gradients=of_samples)
        of_cost = tape.gradient(total_penalty, logits, unconnected_gradients=_ZERO)
        of_weights, of_loss, of_cost = replicas.synchronize(
            self.supernet, count, of_weights, of_loss, of_cost
        )
        if warm is not None:
            of_loss, of_cost = (
                [tf.where(warm, 0.0, gradient) for gradient in group]
                for group in (of_loss, of_cost)
            )
        self.gradient_norms.update(
            *(dict(zip(learning, group, strict=True)) for group in (of_loss, of_cost))
        )
        self._update(of_weights, [a + b for a, b in zip(of_loss, of_cost, strict=True)], warm)
        self.step.assign_add(1)
        replicas.track_loss(loss_tracker(self), loss, count)
        return {
            **self.compute_metrics(inputs, labels, predictions, sample_weight),
            **self.architecture_metrics(),
            "temperature": temperature,  # that of this step's draw, not the next one's
        }

    def _pass(self, *batch: Any) -> tuple[Any, ...]:
        """`forward_and_backward`, in single path only where the rows of Z are one-hot."""
        *batch, warm = batch
        if warm is None or not self.single_path:
            return self._forward_and_backward(*batch)
        return tf.cond(
            warm,
            lambda: self._forward_and_backward(*batch, False),
            lambda: self._forward_and_backward(*batch, True),
        )

    def forward_and_backward(
        self,
        inputs: Any,
        labels: Any,
        sample_weight: Any,
        samples: Samples,
        one_hot: bool | None = None,
    ) -> tuple[tf.Tensor, Any, list[tf.Tensor], list[tf.Tensor]]:
        """The one pass of a step, a function of the batch, the weights and Z.

        Args:
            inputs: A tensor (batch, ...), such as images, or a nest of them.
            labels: What the compiled loss takes.
            sample_weight: float32 (batch,) or None.
            samples: {decision: float32 (places, options)}.
            one_hot: Whether their rows are one-hot; None is as the estimator draws them.

        Returns:
            The mean loss of these inputs, the predictions, and the gradients with respect to the
            supernet's trainable weights and to the samples: of that loss, or under several
            replicas of its sum over the inputs.
        """
        one_hot = self.single_path if one_hot is None else one_hot
        weights = [variable.value for variable in self.supernet.trainable_variables]
        rows = list(samples.values())
        with tf.GradientTape() as tape:
            tape.watch(rows)
            predictions = self._answers(inputs, samples, True, one_hot)
            loss = self.own_loss(inputs, labels, predictions, sample_weight)
            total = replicas.summed(loss, self._num_examples(inputs))
        of_weights, of_samples = tape.gradient(total, (weights, rows), unconnected_gradients=_ZERO)
        # What gathers rows of Z gives their gradient as slices.
        return loss, predictions, of_weights, [tf.convert_to_tensor(part) for part in of_samples]

    def architecture_metrics(self) -> dict[str, tf.Tensor]:
        """Scalars that tell how far the search has come."""
        return architecture_metrics(self.architecture, self.resource_cost, self.temperature)

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
            "resource_weight": self.resource_weight,
            "estimator": serialize(self.estimator),
            "derivation": self.derivation,
            "seed": self.seed,
            "shared_samples": self.shared_samples,
            "warmup_steps": self.warmup_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Snas:
        """Restores the model from `get_config`."""
        objects = ("supernet", "architecture", "temperature", "resource_cost", "estimator")
        restored = {
            key: keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in objects
        }
        return cls(**{**config, **restored})
