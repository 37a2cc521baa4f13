# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs as they are given one by one: what each must have, or is refused by its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput

LEVELS = ("graph", "node", "edge")
"""What a label may belong to."""

NO_CLASS = -1
"""The label of what has none, or whose label is not to be looked at; among numbers it is NaN."""

KEYS = ("nodes", "edges", "sources", "targets", "label")
"""What a graph is given as; "edges" may be missing."""


def check_level(level: str) -> None:
    """Refuses what is none of `LEVELS`."""
    if level not in LEVELS:
        raise InvalidInput(f"`level` must be one of {', '.join(LEVELS)}: given {level!r}")


def arrays(number: int, graph: Mapping[str, Any], level: str) -> dict[str, np.ndarray]:
    """A graph as arrays, checked, its edges sorted by target and among these by source.

    Args:
        number: What it is called where it is refused.
        graph: See `Graphs.of` for this and all that follows.
        level: What has a label.

    Returns:
        An array for each of `KEYS`.
    """
    if missing := {*KEYS} - {"edges"} - {*graph}:
        raise InvalidInput(
            f"graph {number} must have {', '.join(KEYS)}: given none of {', '.join(missing)}"
        )
    nodes = _features(number, "nodes", graph["nodes"])
    ends = [_ends(number, key, graph[key], len(nodes)) for key in ("sources", "targets")]
    if len(ends[0]) != len(ends[1]):
        raise InvalidInput(
            f"`sources` and `targets` of graph {number} must be alike in number: given "
            f"{len(ends[0])} and {len(ends[1])}"
        )
    edges = _features(number, "edges", graph.get("edges", np.ones((len(ends[0]), 1))))
    if len(edges) != len(ends[0]):
        raise InvalidInput(
            f"`edges` of graph {number} must have a row for each of its {len(ends[0])} edges: "
            f"given {len(edges)}"
        )
    label = np.atleast_1d(np.asarray(graph["label"]))
    count = {"graph": 1, "node": len(nodes), "edge": len(edges)}[level]
    if label.shape != (count,) or label.dtype.kind not in "iufb":
        raise InvalidInput(
            f"`label` of graph {number} must be {count} number(s), one for each {level}: given "
            f"{label.dtype} {label.shape}"
        )
    order = np.lexsort(ends)
    return {
        "nodes": nodes,
        "edges": edges[order],
        "sources": ends[0][order],
        "targets": ends[1][order],
        "label": label[order] if level == "edge" else label,
    }


def _features(number: int, key: str, given: Any) -> np.ndarray:
    values = np.asarray(given)
    if values.ndim != 2 or values.dtype.kind not in "iufb":
        raise InvalidInput(
            f"`{key}` of graph {number} must be numbers ({key}, features): given {values.dtype} "
            f"{values.shape}"
        )
    if not len(values) and key == "nodes":
        raise InvalidInput(f"graph {number} must have a node at least: given none")
    values = values.astype(np.float32)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise InvalidInput(
            f"`{key}` of graph {number} must be finite numbers: given {values[row].tolist()} in "
            f"row {row}"
        )
    return values


def _ends(number: int, key: str, given: Any, count: int) -> np.ndarray:
    values = np.asarray(given)
    if values.ndim != 1 or (len(values) and values.dtype.kind not in "iu"):
        raise InvalidInput(
            f"`{key}` of graph {number} must be whole numbers (edges,): given {values.dtype} "
            f"{values.shape}"
        )
    wrong = (values < 0) | (values >= count)
    if wrong.any():
        raise InvalidInput(
            f"`{key}` of graph {number} must be nodes, 0 to {count - 1}: given "
            f"{values[np.flatnonzero(wrong)[0]]}"
        )
    return values.astype(np.int32)


def joined(key: str, parts: list[np.ndarray]) -> np.ndarray:
    """The same array of every graph, one after the other.

    Args:
        key: Which one, of `KEYS`.
        parts: The arrays, features with as many columns as those of any other graph.
    """
    if key in ("nodes", "edges"):
        widths = [part.shape[1] for part in parts]
        for number, width in enumerate(widths):
            if width != widths[0]:
                raise InvalidInput(
                    f"all graphs must have the same number of features of {key}: given "
                    f"{widths[0]} of graph 0 and {width} of graph {number}"
                )
    return np.concatenate(parts)


def labels(given: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and the names of their classes.

    Args:
        given: Numbers, classes where they are whole ones or where there are names.
        names: The names of the classes; () for their numbers.

    Returns:
        int32 classes and their names; or float32 numbers and ().
    """
    if given.dtype.kind == "f" and not names:
        if np.isinf(given).any() or np.isnan(given).all():
            raise InvalidInput("`label` must be finite numbers, NaN where there is none")
        return given.astype(np.float32), ()
    classes = given.astype(np.int32)
    names = names or tuple(str(index) for index in range(int(classes.max(initial=0)) + 1))
    wrong = (classes != given) | (classes < NO_CLASS) | (classes >= len(names))
    if wrong.any():
        raise InvalidInput(
            f"`label` must be classes, 0 to {len(names) - 1}, or {NO_CLASS} for none: given "
            f"{given[np.flatnonzero(wrong)[0]]}"
        )
    if len(names) < 2:
        raise InvalidInput(f"`label` must be of two classes at least: given {len(names)}")
    return classes, names
