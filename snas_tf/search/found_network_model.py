# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The network that a search has found so far, which is what its model answers by.

It is the mode of the distribution, which a graph can compute; or the most probable network within a
budget, or that of another rule, which a graph cannot. Then it is found before an evaluation or a
prediction begins and kept where the graph reads it.
"""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.networks import ChildNetwork, Supernet
from snas_tf.search.arguments import check_images
from snas_tf.search.search_model import SearchModel


class FoundNetworkModel(SearchModel):
    """The part of a searcher that says what it found, and answers by it.

    A subclass has `resource_cost`, `derivation` and `single_path`.

    Args:
        supernet: The network to search in.
        architecture: The distribution of its architectures.
    """

    def __init__(
        self, supernet: Supernet, architecture: ArchitectureDistribution, **kwargs: Any
    ) -> None:
        super().__init__(supernet, architecture, **kwargs)
        # It follows from the logits, so it is no weight.
        shape = (supernet.cells.num_edges, supernet.cells.num_operations)
        self._found = {
            kind: tf.Variable(
                tf.zeros(shape),
                trainable=False,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
                name=f"found_{kind}",
            )
            for kind in space.KINDS
        }

    def genotype(self, rule: str | None = None) -> space.Genotype:
        """The architecture found so far.

        Args:
            rule: See `ArchitectureDistribution.genotype`; None is the model's `derivation`.

        Returns:
            The genotype; where the resource cost has a budget, the most probable one within it.

        Raises:
            ValueError: The resource cost has a budget, and the rule is not "argmax".
        """
        rule = rule or self.derivation
        if not self.resource_cost.limits:
            return self.architecture.genotype(rule)
        if rule != "argmax":
            raise ValueError(f"A budget needs the rule 'argmax'. Received: {rule!r}.")
        probabilities = self.architecture.probabilities()
        return self.resource_cost.genotype({k: v.numpy() for k, v in probabilities.items()})

    def child(self, rule: str | None = None, **kwargs: Any) -> ChildNetwork:
        """The network found so far, with the supernet's weights inside.

        Args:
            rule: As for `genotype`.
            **kwargs: Further arguments of `ChildNetwork`.

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

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (batch, classes) of the network found so far.

        In a `tf.function` of your own that is the one of the last evaluation, prediction, `fit` or
        `refresh`, where a budget or "top2" decides; else always the present one.
        """
        check_images(images, self.supernet.skeleton)
        return self._answers(images, self._found_samples(), training, self.single_path)

    def refresh(self) -> None:
        """Finds the network that graphs which were made before shall answer for.

        Needed only before a `tf.function` of your own that calls this model, after the logits were
        changed without `fit`: `fit`, `evaluate`, `predict` and eager calls do it.
        """
        if self._is_mode:
            return
        if all(np.isfinite(logits.numpy()).all() for logits in self.architecture.logits.values()):
            for kind, rows in self.supernet.cells.encode(self.genotype()).items():
                self._found[kind].assign(rows)

    @property
    def _is_mode(self) -> bool:
        """Whether the network found is the mode of the distribution, which a graph can compute."""
        return self.derivation == "argmax" and not self.resource_cost.limits

    def _found_samples(self) -> Samples:
        """Its Z, one-hot, {kind: float32 (edges, ops)}."""
        if self._is_mode:
            return self.architecture.mode()
        if tf.executing_eagerly() and not (
            tf.distribute.has_strategy() and not tf.distribute.in_cross_replica_context()
        ):
            self.refresh()
        return {kind: tf.convert_to_tensor(rows) for kind, rows in self._found.items()}

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

    def check_images_of(self, x: Any) -> None:
        """Checks the images that `fit`, `evaluate` or `predict` is given, see `check_images`."""
        check_images(x, self.supernet.skeleton)

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """`keras.Model.fit`."""
        self.check_images_of(x)
        try:
            return super().fit(x, *args, **kwargs)
        finally:
            self.refresh()

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.predict`."""
        self.check_images_of(x)
        return super().predict(x, *args, **kwargs)
