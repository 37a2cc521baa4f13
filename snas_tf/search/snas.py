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
from snas_tf.networks import Supernet
from snas_tf.search.arguments import check, check_images, tell_of_defaults
from snas_tf.search.cost.resource_cost import ResourceCost
from snas_tf.search.edge_gradients import EdgeGradientNorms
from snas_tf.search.estimators import ESTIMATORS, SINGLE_PATH
from snas_tf.search.found_network_model import FoundNetworkModel
from snas_tf.search.settings import Setting
from snas_tf.seeds import stateless_seed
from snas_tf.training import replicas

Schedule = keras.optimizers.schedules.LearningRateSchedule
_TRAINING_STREAM, _EVALUATION_STREAM = 0, 1


@keras.saving.register_keras_serializable(package="snas_tf")
class Snas(FoundNetworkModel):
    """Searches an architecture and trains the supernet at once, with `compile` and `fit`.

    `evaluate`, `predict`, `fit`'s validation and a call answer for the network found so far, the
    one that `child()` gives. Besides loss and metrics every step reports the temperature, the
    entropy of each kind of cell in nats, the expected parameters and multiply-adds of the cells'
    edges, the expected latency where there is a table, and `resource_cost`, the penalty C before
    its weight. `loss` and `val_loss` are the compiled loss alone: what the steps minimise is `loss`
    plus `resource_weight` times that penalty.

    Temperature, resource cost and weight, estimator, derivation, seed and shared samples may be set
    between two calls of `fit`, or by a callback; the step is then traced anew.

    Args:
        supernet: The network to search in.
        architecture: The distribution of its architectures.
        temperature: Positive number, or a schedule of the step counter, such as
            `keras.optimizers.schedules.PolynomialDecay(1.0, steps - 1, 0.03)`. None is 1.0, with a
            word at the first step: SNAS lets it fall.
        resource_cost: The cost C, or None for `ResourceCost` of the supernet, which with a
            `resource_weight` of 0 is only reported.
        resource_weight: eta, non-negative.
        estimator: Key of `snas_tf.search.estimators.ESTIMATORS`: "concrete" is SNAS, "softmax" the
            deterministic mixture of DARTS, and "straight_through" (GDAS) and "score_function"
            (DSNAS) run one operation an edge.
        derivation: How the network found is read off the distribution, see
            `ArchitectureDistribution.genotype`; a budget needs "argmax".
        seed: The run's seed, from which every draw of Z follows.
        shared_samples: Whether the replicas of a step use one Z, as one device would; otherwise
            each draws its own, which tells more of the distribution in a step.
    """

    temperature_schedule = Setting()
    resource_cost = Setting()
    resource_weight = Setting()
    estimator = Setting()
    derivation = Setting()
    seed = Setting()
    shared_samples = Setting()

    def __init__(
        self,
        supernet: Supernet,
        architecture: ArchitectureDistribution,
        *,
        temperature: float | Schedule | None = None,
        resource_cost: ResourceCost | None = None,
        resource_weight: float = 0.0,
        estimator: str = "concrete",
        derivation: str = "argmax",
        seed: int = 0,
        shared_samples: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(supernet, architecture, **{"name": "snas", **kwargs})
        self.settled = False
        self.autocast = False
        self._untold = True
        self._default_temperature = temperature is None
        self.temperature_schedule = 1.0 if temperature is None else temperature
        self.resource_cost = resource_cost or ResourceCost(supernet.cells, supernet.skeleton)
        self.resource_weight = resource_weight
        self.estimator = estimator
        self.derivation = derivation
        self.seed = seed
        self.shared_samples = shared_samples
        self.check_settings()
        counter = {"shape": (), "dtype": "int64", "initializer": "zeros", "trainable": False}
        counter["aggregation"] = "only_first_replica"
        self.step = self.add_weight(**counter, name="step")
        self.evaluation_batch = self.add_weight(**counter, name="evaluation_batch")
        self.gradient_norms = EdgeGradientNorms(supernet.cells, name="gradient_norms")
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
        )

    @property
    def temperature(self) -> tf.Tensor:
        """float32 scalar lambda at the saved step counter."""
        if isinstance(self.temperature_schedule, Schedule):
            return tf.cast(self.temperature_schedule(tf.convert_to_tensor(self.step)), tf.float32)
        return tf.constant(self.temperature_schedule, tf.float32)

    @temperature.setter
    def temperature(self, value: float | Schedule) -> None:
        self.temperature_schedule = value

    @property
    def single_path(self) -> bool:
        """Whether only one operation an edge runs, for the estimator's rows are one-hot."""
        return self.estimator in SINGLE_PATH

    def draw(self, seed: tf.Tensor) -> Samples:
        """The estimator's Z at the present temperature, {kind: float32 (edges, ops)}."""
        return ESTIMATORS[self.estimator](self.architecture, self.temperature, seed)

    def _draw(self, stream: int, *counters: tf.Tensor) -> Samples:
        return self.draw(stateless_seed(self.seed, stream, *counters, shared=self.shared_samples))

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One draw of Z, one forward and backward pass, one update of weights and logits."""
        images, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        check_images(images, self.supernet.skeleton)
        learning = self._learning_kinds()
        logits = [self.architecture.logits[kind].value for kind in learning]
        temperature = self.temperature
        with tf.GradientTape(persistent=True) as tape:
            samples = self._draw(_TRAINING_STREAM, self.step)
            penalty = self.resource_weight * self.resource_cost.loss(self.architecture, samples)
            total_penalty = replicas.summed(penalty, images)
        self.check_images(images)
        results = self._forward_and_backward(images, labels, sample_weight, samples)
        loss, predictions, of_weights, of_samples = results
        of_loss = tape.gradient(list(samples.values()), logits, output_gradients=of_samples)
        of_cost = tape.gradient(
            total_penalty, logits, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        of_weights, of_loss, of_cost = replicas.synchronize(
            self.supernet, images, of_weights, of_loss, of_cost
        )
        self.gradient_norms.update(
            *(dict(zip(learning, group, strict=True)) for group in (of_loss, of_cost))
        )
        self._update(of_weights, [a + b for a, b in zip(of_loss, of_cost, strict=True)])
        self.step.assign_add(1)
        replicas.track_loss(loss_tracker(self), loss, images)
        return {
            **self.compute_metrics(images, labels, predictions, sample_weight),
            **self.architecture_metrics(),
            "temperature": temperature,  # that of this step's draw, not the next one's
        }

    def _learning_kinds(self) -> list[str]:
        """The kinds of cell whose logits are not frozen, in the order of `trainable_variables`."""
        learning = {id(variable) for variable in self.architecture.trainable_variables}
        return [k for k, logits in self.architecture.logits.items() if id(logits) in learning]

    def forward_and_backward(
        self, images: tf.Tensor, labels: Any, sample_weight: Any, samples: Samples
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """The one pass of a step, a function of the batch, the weights and Z.

        Args:
            images: (batch, height, width, channels).
            labels: What the compiled loss takes.
            sample_weight: float32 (batch,) or None.
            samples: {kind: float32 (edges, ops)}, one-hot if the estimator's are.

        Returns:
            The mean loss of these images, the predictions, and the gradients with respect to the
            supernet's trainable weights and to the samples: of that loss, or under several
            replicas of its sum over the images.
        """
        weights = [variable.value for variable in self.supernet.trainable_variables]
        kinds = list(samples.values())
        with tf.GradientTape() as tape:
            tape.watch(kinds)
            predictions = self._answers(images, samples, True, self.single_path)
            loss = self.own_loss(images, labels, predictions, sample_weight)
            total = replicas.summed(loss, images)
        of_weights, of_samples = tape.gradient(
            total, (weights, kinds), unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        # Cells gather rows of Z, whose gradient comes as slices.
        return loss, predictions, of_weights, [tf.convert_to_tensor(part) for part in of_samples]

    def architecture_metrics(self) -> dict[str, tf.Tensor]:
        """Scalars that tell how far the search has come."""
        probabilities = self.architecture.probabilities()
        expected = self.resource_cost.expectation(probabilities)
        entropy = self.architecture.entropy()
        latency = {}
        if self.resource_cost.latency_table is not None:
            latency = {"expected_latency": self.resource_cost.latency(probabilities)}
        return {
            "temperature": self.temperature,
            **{f"entropy_{kind}": entropy[kind] for kind in self.supernet.skeleton.kinds},
            "expected_parameters": expected.parameters,
            "expected_multiply_adds": expected.multiply_adds,
            **latency,
            "resource_cost": self.resource_cost.penalty(probabilities),
        }

    # === Keras's hooks ===

    def trace_anew(self) -> None:
        """Forgets the graphs that were made, after something changed that they hold."""
        self._untold = False  # who sets something knows what he wants
        super().trace_anew()

    def make_train_function(self, force: bool = False) -> None:
        """As `SearchModel`; tells once of what was left to its default and had better be given."""
        if self._untold:
            tell_of_defaults(
                self.estimator, self._default_temperature, self._default_architecture_optimizer
            )
            self._untold = False
        super().make_train_function(force)

    # === Evaluation ===

    def evaluate(self, x: Any = None, *args: Any, sampled: bool = False, **kwargs: Any) -> Any:
        """`keras.Model.evaluate`, of the network found so far or of samples of the distribution.

        Args:
            x: As for Keras.
            *args: As for Keras.
            sampled: False evaluates the network that `child()` gives; True draws Z anew for
                every batch, as a training step does, which is the supernet as it is trained.
            **kwargs: As for Keras.

        Returns:
            As Keras.
        """
        self.check_images_of(x)
        self._evaluate_samples(sampled)
        self.evaluation_batch.assign(0)
        try:
            return super().evaluate(x, *args, **kwargs)
        finally:
            self._evaluate_samples(False)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Loss and metrics of one batch."""
        images, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        check_images(images, self.supernet.skeleton)
        if self._evaluates_samples:
            samples = self._draw(_EVALUATION_STREAM, self.step, self.evaluation_batch)
        else:
            samples = self._found_samples()
        self.evaluation_batch.assign_add(1)
        predictions = self._answers(images, samples, False, self.single_path)
        loss = self.own_loss(images, labels, predictions, sample_weight, training=False)
        replicas.track_loss(loss_tracker(self), loss, images)
        return self.compute_metrics(images, labels, predictions, sample_weight)

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
            "estimator": self.estimator,
            "derivation": self.derivation,
            "seed": self.seed,
            "shared_samples": self.shared_samples,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Snas:
        """Restores the model from `get_config`."""
        objects = ("supernet", "architecture", "temperature", "resource_cost")
        restored = {
            key: keras.saving.deserialize_keras_object(config[key], custom_objects)
            for key in objects
        }
        return cls(**{**config, **restored})
