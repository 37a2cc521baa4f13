# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the operations of both chains of a graph cell have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from snas_tf.layers.edge_operation import (
    Computed,
    EdgeOperation,
    EdgeValues,
    uniform_initializer,
    weighted,
)
from snas_tf.layers.graphs.incidence import Incidence
from snas_tf.layers.graphs.rows import as_images, as_rows, is_any
from snas_tf.layers.normalization.batch_normalization import BatchNormalization


class GraphStates(NamedTuple):
    """A pair of states of a cell.

    Attributes:
        entities: (n, width).
        edges: (m, edge width); None where there is no chain of edges.
        incidence: Which entities the edges join.
    """

    entities: tf.Tensor
    edges: tf.Tensor | None
    incidence: Incidence


class GraphOperation(EdgeOperation):
    """One operation in the E places that leave the same state: the edges of `EdgeOperation`.

    Args:
        width: Width of entity states.
        edge_width: Width of edge states.
        edge_states: Whether there is a chain of edges.
        num_edges: Number of places E, positive.
        affine: Whether batch normalisation has a trained scale and shift.

    Call arguments:
        inputs: The `GraphStates`.
        edge_weights: float32 (E,), the weights Z^k of this operation, or None for ones.
        training: Whether batch normalisation uses and updates the batch's statistics.

    Returns:
        List of E tensors (rows, width) of the chain, in the layer's compute dtype.
    """

    of_edges = False
    """Whether it belongs to the chain of edges."""

    def __init__(
        self,
        width: int,
        edge_width: int,
        edge_states: bool = True,
        num_edges: int = 1,
        affine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_edges=num_edges, affine=affine, **kwargs)
        self.width = width
        self.edge_width = edge_width
        self.edge_states = edge_states

    @property
    def output_width(self) -> int:
        """Of the chain to which it belongs."""
        return self.edge_width if self.of_edges else self.width

    def build(self, input_shape: Any = None) -> None:
        """Creates the weights, which the widths tell."""
        self.built = True

    def states(self, inputs: GraphStates) -> GraphStates:
        """The states in the compute dtype."""
        entities, edges, graph = inputs
        edges = None if edges is None else tf.cast(edges, self.compute_dtype)
        return GraphStates(tf.cast(entities, self.compute_dtype), edges, graph)

    def call(
        self, inputs: GraphStates, edge_weights: tf.Tensor | None = None, training: bool = False
    ) -> list[tf.Tensor]:
        """Computes with the layer's own variables, and updates running statistics in training."""
        outputs, statistics = self.compute(self.values(), inputs, edge_weights, training)
        for layer, batch in zip(self.normalization_layers(), statistics, strict=True):
            layer.update(batch, is_any(outputs[0]))
        return outputs

    def compute_output_spec(
        self, inputs: GraphStates, *args: Any, **kwargs: Any
    ) -> list[keras.KerasTensor]:
        """Shapes of the E outputs."""
        return [keras.KerasTensor((None, self.output_width), self.compute_dtype)] * self.num_edges

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["stride"]
        return {
            **config,
            "width": self.width,
            "edge_width": self.edge_width,
            "edge_states": self.edge_states,
        }


@keras.saving.register_keras_serializable(package="snas_tf")
class PlainState(GraphOperation):
    """`identity`, or `none` times zero: an operation without weights.

    Args:
        of_edges: Whether it belongs to the chain of edges.
        factor: 1 or 0.
        **kwargs: Arguments of `GraphOperation`.
    """

    def __init__(self, of_edges: bool = False, factor: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of_edges = of_edges
        self.factor = factor

    def compute(
        self,
        values: EdgeValues,
        inputs: GraphStates,
        edge_weights: tf.Tensor | None,
        training: bool,
    ) -> Computed:
        """The state, or zeros in its shape, times the weight of the place."""
        states = self.states(inputs)
        state = states.edges if self.of_edges else states.entities
        if not self.factor:
            return [tf.zeros_like(state)] * values.num_edges, []
        return weighted(state, edge_weights, values.num_edges), []

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "of_edges": self.of_edges, "factor": self.factor}


class TrainedOperation(GraphOperation):
    """An operation of several linear maps, the last of which a batch normalisation follows.

    A subclass says by `shapes` which weights it has, and by `result` what comes before the last.
    """

    def shapes(self) -> dict[str, tuple[int, int]]:
        """{name: (inputs, outputs)} of its linear maps; a vector to add has 1 and "bias" in both.

        The last linear map, `output`, is not among them.
        """
        raise NotImplementedError

    def result(
        self, kernels: dict[str, tf.Tensor], states: GraphStates, training: bool
    ) -> list[tf.Tensor]:
        """What the last linear map takes.

        Args:
            kernels: {name: (places, inputs, outputs)} in the compute dtype.
            states: Likewise.
            training: As for `compute`; else no custom C++ op is taken.

        Returns:
            (rows, width) for every place.
        """
        raise NotImplementedError

    def build(self, input_shape: Any = None) -> None:
        """Creates the weights."""
        shapes = {**self.shapes(), "output": (self.output_width, self.output_width)}
        self.maps = {
            name: self.add_weight(
                shape=(self.num_edges, *shape),
                initializer="zeros" if name.endswith("bias") else uniform_initializer(shape[0]),
                name=name,
            )
            for name, shape in shapes.items()
        }
        self.normalization = self.add_normalization(
            [(None, 1, 1, self.output_width)] * self.num_edges
        )
        self.built = True

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """The linear maps, (places, inputs, outputs) each."""
        return tuple(self.maps.values())

    def normalization_layers(self) -> Sequence[BatchNormalization]:
        """The one normalisation."""
        return (self.normalization,)

    def compute(
        self,
        values: EdgeValues,
        inputs: GraphStates,
        edge_weights: tf.Tensor | None,
        training: bool,
    ) -> Computed:
        """The last linear map, normalised and weighted, of what comes before."""
        kernels = [tf.cast(kernel, self.compute_dtype) for kernel in values.kernels]
        named = dict(zip(self.maps, kernels, strict=True))
        last = named.pop("output")
        before = [as_images(rows) for rows in self.result(named, self.states(inputs), training)]
        outputs, statistics = self.normalization.compute(
            values.normalizations[0], before, edge_weights, training, last
        )
        return [as_rows(output) for output in outputs], [statistics]
