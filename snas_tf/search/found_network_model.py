# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network that a search has found so far, which is what its model answers by.

It is the mode of the distribution, which a graph can compute; or the most probable network within a
budget, or that of another rule, which a graph cannot. Then it is found before an evaluation or a
prediction begins and kept where the graph reads it.
"""

from __future__ import annotations

import os
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.keras_internals import loss_tracker
from snas_tf.networks import ChoiceSupernet
from snas_tf.networks.searchable import Searchable, check_inputs
from snas_tf.search.defaults import Defaults, steps_in
from snas_tf.search.search_model import SearchModel
from snas_tf.training import replicas

_EVALUATION_STREAM = 1


class FoundNetworkModel(SearchModel):
    """The part of a searcher that says what it found, and answers by it.

    A subclass has `resource_cost`, `derivation`, `single_path`, `step`, `evaluation_batch`, `draw`,
    `seed_of` and, from `found_variables`, `_found`. Arguments of `SearchModel`.
    """

    @classmethod
    def of(
        cls,
        model: keras.Model | Searchable,
        *,
        epochs: int,
        data: Any = None,
        batch_size: int = 32,
        steps_per_epoch: int | None = None,
        verbose: bool = True,
        **settings: Any,
    ) -> Self:
        """A search of a model, with settings that mostly do, which are printed.

        They follow from the number of steps; see `snas_tf.search.defaults`. The optimizers are
        those of a `compile` that is given none.

        Args:
            model: A functional or Sequential model with choices in it, whose layers and weights the
                search takes; or any `Searchable`.
            epochs: Passes over the data that the search will make.
            data: What `fit` will be given, of which the steps of an epoch are counted alone.
            batch_size: Examples of a step, where the data are arrays.
            steps_per_epoch: The steps of an epoch, where the data cannot tell.
            verbose: Whether the settings are printed.
            **settings: Of the constructor: temperature, estimator, resource_cost, seed, ...

        Returns:
            The search, not compiled.

        Raises:
            InvalidInput: The model has nothing open, or the number of steps is unknown.
        """
        steps = steps_in(data, batch_size) if steps_per_epoch is None else steps_per_epoch
        defaults = Defaults(epochs, steps)
        supernet = model if isinstance(model, Searchable) else ChoiceSupernet(model)
        given = {"warmup_steps": defaults.warmup_steps, **settings}
        given.setdefault("temperature", defaults.temperature(given["warmup_steps"]))
        search = cls(supernet, ArchitectureDistribution(supernet.space), **given)
        search.default_optimizers = (defaults.optimizer, defaults.architecture_optimizer)
        if verbose:
            print(defaults)
        return search

    def genotype(self, rule: str | None = None) -> space.Architecture:
        """The architecture found so far.

        Args:
            rule: See `ArchitectureDistribution.genotype`; None is the model's `derivation`.

        Returns:
            The architecture, such as a `Genotype`; where the resource cost has a budget, the most
            probable one within it.

        Raises:
            ValueError: The resource cost has a budget, and the rule is not "argmax".
        """
        rule = rule or self.derivation
        if not self.resource_cost.limits:
            return self.architecture.genotype(rule)
        probabilities = {k: v.numpy() for k, v in self.architecture.probabilities().items()}
        return space.derive(probabilities, self.supernet.space, rule, self.resource_cost.limits)

    def child(self, rule: str | None = None, **kwargs: Any) -> keras.Model:
        """The network found so far, with the supernet's weights inside.

        Args:
            rule: As for `genotype`.
            **kwargs: Further arguments of the supernet's `child`, such as those of `ChildNetwork`.

        Returns:
            The child network.
        """
        return self.supernet.child(self.genotype(rule), **kwargs)

    def export(self, filepath: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.export`, of the child network as it stands: what `predict` answers by.

        `snas_tf.serving` writes more: preprocessing, class names, checks of what clients send.

        Args:
            filepath: Where it is written.
            *args: As for Keras: format, ...
            **kwargs: As for Keras.
        """
        self.child().export(filepath, *args, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The answer of the network found so far, such as logits (batch, classes).

        In a `tf.function` of your own that is the one of the last evaluation, prediction, `fit` or
        `refresh`, where a budget or "top2" decides; else always the present one.
        """
        check_inputs(self.supernet, inputs)
        return self._answers(inputs, self._found_samples(), training, self.single_path)

    def refresh(self) -> None:
        """Finds the network that graphs which were made before shall answer for.

        Needed only before a `tf.function` of your own that calls this model, after the logits were
        changed without `fit`: `fit`, `evaluate`, `predict` and eager calls do it.
        """
        if self._is_mode:
            return
        if all(np.isfinite(logits.numpy()).all() for logits in self.architecture.logits.values()):
            for name, rows in self.supernet.space.encode(self.genotype()).items():
                self._found[name].assign(rows)

    @property
    def _is_mode(self) -> bool:
        """Whether the network found is the mode of the distribution, which a graph can compute."""
        return self.derivation == "argmax" and not self.resource_cost.limits

    def _found_samples(self) -> Samples:
        """Its Z, one-hot, {decision: float32 (places, options)}."""
        if self._is_mode:
            return self.architecture.mode()
        if tf.executing_eagerly() and not (
            tf.distribute.has_strategy() and not tf.distribute.in_cross_replica_context()
        ):
            self.refresh()
        return {name: tf.convert_to_tensor(rows) for name, rows in self._found.items()}

    def trace_anew(self) -> None:
        """Forgets the graphs that were made, after something changed that they hold."""
        super().trace_anew()
        self.refresh()

    def make_test_function(self, force: bool = False) -> None:
        """Keras calls it before an evaluation is run."""
        self.refresh()
        super().make_test_function(force)

    def make_predict_function(self, force: bool = False) -> Any:
        """Keras calls it before a prediction is run."""
        self.refresh()
        return super().make_predict_function(force)

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """`keras.Model.fit`."""
        check_inputs(self.supernet, x)
        try:
            return super().fit(x, *args, **kwargs)
        finally:
            self.refresh()

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.predict`."""
        check_inputs(self.supernet, x)
        return super().predict(x, *args, **kwargs)

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
        check_inputs(self.supernet, x)
        self._evaluate_samples(sampled)
        self.evaluation_batch.assign(0)
        try:
            return super().evaluate(x, *args, **kwargs)
        finally:
            self._evaluate_samples(False)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Loss and metrics of one batch."""
        inputs, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        check_inputs(self.supernet, inputs)
        if self._evaluates_samples:
            samples = self.draw(self.seed_of(_EVALUATION_STREAM, self.step, self.evaluation_batch))
        else:
            samples = self._found_samples()
        self.evaluation_batch.assign_add(1)
        predictions = self._answers(inputs, samples, False, self.single_path)
        loss = self.own_loss(inputs, labels, predictions, sample_weight, training=False)
        replicas.track_loss(loss_tracker(self), loss, self._num_examples(inputs))
        return self.compute_metrics(inputs, labels, predictions, sample_weight)


def found_variables(searched: space.DecisionSpace) -> dict[str, tf.Variable]:
    """Where graphs read the Z of what was found; it follows from the logits, so it is no weight.

    Args:
        searched: The space.

    Returns:
        {decision: float32 (places, options)}, zeros.
    """
    return {
        decision.name: tf.Variable(
            tf.zeros(decision.shape),
            trainable=False,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            name=f"found_{decision.name}",
        )
        for decision in searched.decisions
    }
