# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which entities the edges of a graph join, and what is carried along them.

Edges lie in the order of their targets, and it is known once a batch in which order their sources
would be: then what is carried to entities, and the gradient of what is fetched from them, are sums
of rows that are read as they come. TensorFlow's `sparse_segment_sum` is such a sum, over rows of a
matrix that has a one for every edge (CSR); rows in no order would each be added to a place of its
own, which at 300,000 edges takes several times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from snas_tf.native.written_gradient import Gradient, with_gradient

SMALLEST_MESSAGE = 1e-5
"""To it generalised means clamp messages from below; the deviation adds it to variances."""


class Incidence(NamedTuple):
    """The edges of a graph of n entities and m edges.

    Attributes:
        sources: int32 (m,).
        targets: int32 (m,), ascending.
        edges: int32 (m,), 0, 1, 2, ...: the edges in the order of their targets.
        by_source: int32 (m,), the edges in the order of their sources.
        sorted_sources: int32 (m,), the sources in that order.
        degrees: float32 (n, 1), how many edges lead to each entity.
    """

    sources: tf.Tensor
    targets: tf.Tensor
    edges: tf.Tensor
    by_source: tf.Tensor
    sorted_sources: tf.Tensor
    degrees: tf.Tensor


def incidence(sources: tf.Tensor, targets: tf.Tensor, entities: tf.Tensor) -> Incidence:
    """Prepares a graph.

    Args:
        sources: int32 (m,), in [0, entities).
        targets: int32 (m,), likewise, ascending.
        entities: int32 scalar, n.
    """
    by_source = tf.argsort(sources, stable=True)
    ones = tf.ones_like(targets, tf.float32)
    return Incidence(
        sources,
        targets,
        tf.range(tf.shape(targets)[0]),
        by_source,
        tf.gather(sources, by_source),
        tf.math.unsorted_segment_sum(ones, targets, entities)[:, None],
    )


def at_sources(entities: tf.Tensor, graph: Incidence) -> tf.Tensor:
    """What stands at the source of every edge.

    Args:
        entities: (places, n, width).
        graph: The edges.

    Returns:
        (places, m, width).
    """
    return _fetched(entities, graph.sources, graph.by_source, graph.sorted_sources)


def at_targets(entities: tf.Tensor, graph: Incidence) -> tf.Tensor:
    """What stands at the target of every edge; as `at_sources`."""
    return _fetched(entities, graph.targets, graph.edges, graph.targets)


@with_gradient
def _fetched_with_gradient(
    entities: tf.Tensor, ends: tf.Tensor, order: tf.Tensor, sorted_ends: tf.Tensor
) -> tuple[list[tf.Tensor], Gradient]:
    def gradient(upstream: tf.Tensor) -> list[tf.Tensor | None]:
        count = tf.shape(entities)[1]
        sums = [_sums(rows, order, sorted_ends, count) for rows in tf.unstack(upstream)]
        return [tf.stack(sums), None, None, None]

    return [tf.gather(entities, ends, axis=1)], gradient


def _fetched(*arguments: tf.Tensor) -> tf.Tensor:
    return _fetched_with_gradient(*arguments)[0]


def _sums(rows: tf.Tensor, order: tf.Tensor, ends: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Rows, in an order in which `ends` ascend, added up for every end; in float32 at least."""
    wide = tf.cast(rows, tf.float32) if rows.dtype.size < 4 else rows
    return tf.cast(tf.sparse.segment_sum(wide, order, ends, num_segments=count), rows.dtype)


@with_gradient
def _arriving_with_gradient(
    messages: tf.Tensor, targets: tf.Tensor, edges: tf.Tensor, count: tf.Tensor
) -> tuple[list[tf.Tensor], Gradient]:
    def gradient(upstream: tf.Tensor) -> list[tf.Tensor | None]:
        return [tf.gather(upstream, targets), None, None, None]

    return [_sums(messages, edges, targets, count)], gradient


def arriving(messages: tf.Tensor, graph: Incidence) -> tf.Tensor:
    """The sum of the messages that arrive at every entity.

    Args:
        messages: (m, width).
        graph: The edges.

    Returns:
        (n, width), zero where none arrives.
    """
    count = tf.shape(graph.degrees)[0]
    return _arriving_with_gradient(messages, graph.targets, graph.edges, count)[0]


def averaged(sums: tf.Tensor, graph: Incidence) -> tf.Tensor:
    """Sums of what arrives, (n, width), divided by how many edges lead to each entity."""
    return sums / tf.cast(tf.maximum(graph.degrees, 1.0), sums.dtype)


def _mean(messages: tf.Tensor, graph: Incidence) -> tf.Tensor:
    return averaged(arriving(messages, graph), graph)


def _greatest(messages: tf.Tensor, graph: Incidence) -> tf.Tensor:
    found = tf.math.segment_max(messages, graph.targets)  # zero for an entity without edges
    missing = tf.shape(graph.degrees)[0] - tf.shape(found)[0]  # after the last that has one
    return tf.ensure_shape(tf.pad(found, ((0, missing), (0, 0))), (None, messages.shape[1]))


def _deviation(messages: tf.Tensor, graph: Incidence) -> tf.Tensor:
    mean = _mean(messages, graph)
    apart = messages - at_targets(mean[None], graph)[0]
    variance = _mean(tf.square(apart), graph)
    return _where_any(tf.sqrt(variance + SMALLEST_MESSAGE), graph)


def _generalised_mean(power: int) -> Callable[[tf.Tensor, Incidence], tf.Tensor]:
    def mean(messages: tf.Tensor, graph: Incidence) -> tf.Tensor:
        powers = tf.maximum(messages, SMALLEST_MESSAGE) ** power
        # One where there is none: at zero the root has no slope.
        safe = _mean(powers, graph) + tf.cast(graph.degrees == 0, messages.dtype)
        return _where_any(safe ** (1.0 / power), graph)

    return mean


def _where_any(values: tf.Tensor, graph: Incidence) -> tf.Tensor:
    """Zero for an entity to which no edge leads."""
    return values * tf.cast(graph.degrees > 0, values.dtype)


AGGREGATIONS: dict[str, Callable[[tf.Tensor, Incidence], tf.Tensor]] = {
    "mean": _mean,
    "sum": arriving,
    "max": _greatest,
    "std": _deviation,
    "gem2": _generalised_mean(2),
    "gem3": _generalised_mean(3),
    "min": lambda messages, graph: -_greatest(-messages, graph),
}
"""{name: from messages float32 (m, width) and the edges to (n, width)}, zero for an entity to which
no edge leads."""
