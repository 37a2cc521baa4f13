# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The step of a search: one draw of Z, one forward and backward pass, one update of what learns.

What it does beside that is off by default: it may take the step beside the logits (`perturbation`),
leave out rows of Z (`drop_path`), smooth the labels, hold the logits (`gate`) or the weights
(`turns`). Each is a number or a schedule of the saved step counter, so that a search that was
stopped goes on to the bit.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.distribution import IndependentRows, Samples
from snas_tf.keras_internals import loss_tracker
from snas_tf.networks.searchable import check_inputs
from snas_tf.search.architecture_metrics import architecture_metrics
from snas_tf.search.drop_path import dropped
from snas_tf.search.estimators import named
from snas_tf.search.found_network_model import FoundNetworkModel
from snas_tf.search.perturbation import adversarial_shift, random_shift
from snas_tf.search.schedules import Schedule, is_constant, value_at
from snas_tf.search.turns import Turn, any_of, turn_of
from snas_tf.seeds import stateless_seed
from snas_tf.training import replicas, smoothed_labels

_TRAINING_STREAM, _DROP_PATH_STREAM, _PERTURBATION_STREAM = 0, 3, 4
_ZERO = tf.UnconnectedGradients.ZERO


class SearchStep(FoundNetworkModel):
    """The part of a searcher that learns, and reports how far it has come.

    A subclass has what `Snas` takes, under the same names, and the counter `step`.
    """

    # === What is scheduled ===

    @property
    def learnt_steps(self) -> tf.Tensor:
        """int64 scalar: how many steps the logits have learnt, as schedules of theirs count."""
        step = tf.convert_to_tensor(self.step)
        return tf.maximum(step - self.warmup_steps, 0) if self.warmup_steps else step

    @property
    def temperature(self) -> tf.Tensor:
        """float32 scalar lambda at the saved step counter."""
        return value_at(self.temperature_schedule, self.learnt_steps)

    @temperature.setter
    def temperature(self, value: Any) -> None:
        self.temperature_schedule = value

    @property
    def single_path(self) -> bool:
        """Whether only one option a row runs, for the estimator's rows are one-hot."""
        return named(self.estimator).one_hot

    def _scheduled(self) -> dict[str, tf.Tensor]:
        """The temperature, and all else that changes by a schedule, in the present step."""
        steps = {"resource_weight": self.learnt_steps, "perturbation": self.learnt_steps}
        given = {name: getattr(self, name) for name in (*steps, "drop_path", "label_smoothing")}
        if given["perturbation"] is not None:
            given["perturbation"] = given["perturbation"].size
        return {
            "temperature": self.temperature,
            **{
                name: value_at(scheduled, steps.get(name, self.step))
                for name, scheduled in given.items()
                if isinstance(scheduled, Schedule)
            },
        }

    def _turn(self) -> Turn:
        """Who learns in the present step."""
        step = tf.convert_to_tensor(self.step)
        return turn_of(step, self.warmup_steps, self.gate, self.bilevel)

    def seed_of(self, stream: int, *counters: tf.Tensor) -> tf.Tensor:
        """int32 [2], of a stream of draws and where it has come to."""
        return stateless_seed(self.seed, stream, *counters, shared=self.shared_samples)

    # === What is drawn ===

    def draw(self, seed: tf.Tensor, architecture: IndependentRows | None = None) -> Samples:
        """The estimator's Z at the present temperature, {decision: float32 (places, options)}.

        Args:
            seed: int32 [2].
            architecture: The distribution; None is the search's own.
        """
        architecture = self.architecture if architecture is None else architecture
        return named(self.estimator).draw(architecture, self.temperature, seed)

    def _draw_for_training(
        self, warm: tf.Tensor | None, architecture: IndependentRows | None = None
    ) -> Samples:
        """Z of a step; while `warm`, of the uniform distribution."""
        seed = self.seed_of(_TRAINING_STREAM, self.step)
        samples = self.draw(seed, architecture)
        if warm is None:
            return samples
        uniform = self.architecture.sample(self.temperature, seed, uniform=True)
        return {name: tf.where(warm, uniform[name], rows) for name, rows in samples.items()}

    def _drop_rows(self, samples: Samples) -> Samples:
        """Leaves rows out, by the rate of this step."""
        if is_constant(self.drop_path, 0):
            return samples
        rate = value_at(self.drop_path, self.step)
        return dropped(samples, rate, self.seed_of(_DROP_PATH_STREAM, self.step))

    def _shift(self, batch: tuple[Any, ...], turn: Turn) -> Samples | None:
        """How far beside the logits this step is taken; None where it is not.

        Returns:
            {decision: float32 (places, options)} of those whose logits are not frozen.
        """
        if self.perturbation is None:
            return None
        idle = any_of(turn.warm, turn.holds_weights)  # the weights alone learn to bear it
        size = value_at(self.perturbation.size, self.learnt_steps)
        if idle is not None:
            size = tf.where(idle, 0.0, size)
        logits = {name: self.architecture.logits[name].value for name in self._learning()}
        if self.perturbation.kind == "random":
            return random_shift(logits, size, self.seed_of(_PERTURBATION_STREAM, self.step))
        with tf.GradientTape() as tape:
            samples = self._draw_for_training(None)
        credits = self._credits(batch, samples, idle)
        slopes = tape.gradient(
            list(samples.values()), list(logits.values()), credits, unconnected_gradients=_ZERO
        )
        slopes = replicas.all_reduce(tf.distribute.ReduceOp.SUM, slopes)
        return adversarial_shift(dict(zip(logits, slopes, strict=True)), size)

    def _credits(
        self, batch: tuple[Any, ...], samples: Samples, idle: tf.Tensor | None
    ) -> list[tf.Tensor]:
        """dL/dZ of samples, by a pass of its own; while `idle`, none, which takes no time."""
        if idle is None or self._replicas_meet:  # which they cannot under a condition
            return self._pass(*batch, samples, None)[3]
        return tf.cond(
            idle,
            lambda: [tf.zeros_like(rows) for rows in samples.values()],
            lambda: self._pass(*batch, samples, None)[3],
        )

    # === The step ===

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One draw of Z, one forward and backward pass, one update of weights and logits."""
        inputs, labels, sample_weight = batch = keras.utils.unpack_x_y_sample_weight(data)
        check_inputs(self.supernet, inputs)
        count = self._num_examples(inputs)
        self.check_count(count)
        learning = self._learning()
        logits = [self.architecture.logits[name].value for name in learning]
        scheduled = self._scheduled()
        turn = self._turn()
        shift = self._shift(batch, turn)
        with tf.GradientTape(persistent=True) as tape:
            distribution = self.architecture if shift is None else self.architecture.shifted(shift)
            samples = self._draw_for_training(turn.warm, distribution)
            kept = self._drop_rows(samples)
            weight = value_at(self.resource_weight, self.learnt_steps)
            penalty = weight * self.resource_cost.loss(distribution, samples)
            total_penalty = replicas.summed(penalty, count)
        loss, predictions, of_weights, of_kept = self._pass(*batch, kept, turn.warm)
        of_loss = tape.gradient(list(kept.values()), logits, output_gradients=of_kept)
        of_cost = tape.gradient(total_penalty, logits, unconnected_gradients=_ZERO)
        of_weights, of_loss, of_cost = replicas.synchronize(
            self.supernet, count, of_weights, of_loss, of_cost
        )
        held = turn.holds_logits
        if held is not None:
            of_loss, of_cost = (
                [tf.where(held, 0.0, gradient) for gradient in group]
                for group in (of_loss, of_cost)
            )
        self.gradient_norms.update(
            *(dict(zip(learning, group, strict=True)) for group in (of_loss, of_cost))
        )
        of_logits = [a + b for a, b in zip(of_loss, of_cost, strict=True)]
        self._update(of_weights, of_logits, turn.holds_weights, held)
        self.step.assign_add(1)
        replicas.track_loss(loss_tracker(self), loss, count)
        return {
            **self.compute_metrics(inputs, labels, predictions, sample_weight),
            **self.architecture_metrics(),
            **scheduled,  # those of this step, not the next one's
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

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """The compiled loss; in a training step that of smoothed labels, if they are smoothed."""
        arguments = (x, y, y_pred, sample_weight, training)
        if not training or is_constant(self.label_smoothing, 0):
            return super().compute_loss(*arguments)
        own = smoothed_labels.check(self.loss)
        added = smoothed_labels.difference(own, y, y_pred, sample_weight)
        part = value_at(self.label_smoothing, self.step)
        return super().compute_loss(*arguments) + part * added

    def architecture_metrics(self) -> dict[str, tf.Tensor]:
        """Scalars that tell how far the search has come."""
        return architecture_metrics(self.architecture, self.resource_cost, self.temperature)
