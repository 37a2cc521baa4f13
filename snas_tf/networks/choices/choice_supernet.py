# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Any Keras model with choices in it, as the network of a search."""

from __future__ import annotations

import functools
import types
from typing import Any

import keras

from snas_tf.distribution import Samples
from snas_tf.networks.choices.child import child_graph
from snas_tf.networks.choices.choice_costs import choice_costs
from snas_tf.networks.choices.graphs import supernet_graph
from snas_tf.networks.choices.open_layers import left_open
from snas_tf.networks.choices.recorded_sizes import recorded_sizes, restore_sizes
from snas_tf.networks.unsupported import Unsupported
from snas_tf.space import CostTable, Selection
from snas_tf.space.choices.choice_space import choice_space


@keras.saving.register_keras_serializable(package="snas_tf")
class ChoiceSupernet(Unsupported, keras.Model):
    """A functional or Sequential model whose open layers take samples of Z: a `Searchable`.

    It has the model's own layers and weights. It draws nothing itself.

    Args:
        model: The model, with `Choice`, `InputChoice` and `Repeat` among its layers, or layers with
            a `OneOf` for a size; also in functional and Sequential models within it, at any depth.
        name: Name of the network; None is the model's.

    Call arguments:
        inputs: What the model takes.
        samples: {decision: float32 (1, options)}: relaxed samples, probabilities or one-hot rows.
        training: As for Keras.
        one_hot: Whether all rows are one-hot. Then one option a row runs: the others update no
            statistics, and the gradient of their weights and of their entries is zero.

    Returns:
        What the model answers.

    Attributes:
        space: A `ProductSpace`, a decision of one place for each name of a decision.

    Raises:
        InvalidInput: The model leaves nothing open, or it cannot be seen what.
    """

    def __init__(self, model: keras.Model, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name or model.name, **kwargs)
        self.autocast = False
        self.space = choice_space(left_open(model))
        self.model = model
        # In a namespace Keras does not find the layers a second time.
        self._graphs = types.SimpleNamespace(
            mixture=supernet_graph(model, self.space, one_hot=False),
            single_path=supernet_graph(model, self.space, one_hot=True),
        )
        self.built = True

    @functools.cached_property
    def costs(self) -> CostTable:
        """What its children cost, see `choice_costs`."""
        return choice_costs(self.model, self.space, self._graphs.mixture)

    def call(
        self, inputs: Any, samples: Samples, training: bool = False, one_hot: bool = False
    ) -> Any:
        """Inputs and samples of Z to the model's answer; see the class."""
        graph = self._graphs.single_path if one_hot else self._graphs.mixture
        rows = {decision.name: samples[decision.name][0] for decision in self.space.decisions}
        return graph.model([self._arranged(inputs), rows], training=training)

    def _arranged(self, inputs: Any) -> Any:
        """Inputs in the structure that the graph wants, by name where that can be."""
        wanted = self._graphs.mixture.model.input[0]
        if isinstance(inputs, dict):
            if isinstance(wanted, dict):
                return {key: inputs[key] for key in wanted}
            names = [tensor.name for tensor in keras.tree.flatten(wanted)]
            inputs = [inputs[name] for name in names]
        return keras.tree.pack_sequence_as(wanted, keras.tree.flatten(inputs))

    def child(self, architecture: Selection) -> keras.Model:
        """The network of an architecture, of Keras's and the user's layers, with these weights.

        Args:
            architecture: One of this space.

        Returns:
            A functional model of copies of the layers; see `child_graph`.

        Raises:
            InvalidInput: The architecture is of another space.
        """
        return child_graph(self.model, self.space, self._graphs.mixture.plan, architecture)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "name": self.name,
            "model": keras.saving.serialize_keras_object(self.model),
            "open_sizes": recorded_sizes(self.model),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> ChoiceSupernet:
        """Restores the network from `get_config`."""
        model = keras.saving.deserialize_keras_object(config["model"], custom_objects)
        restore_sizes(model, config["open_sizes"])
        return cls(model, name=config["name"])
