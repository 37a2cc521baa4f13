# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Requests of graphs that a server must refuse, made from a right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

Inputs = dict[str, np.ndarray]


def malformed_graphs(
    right: Mapping[str, np.ndarray], most_graphs: int
) -> Iterator[tuple[str, Inputs]]:
    """Requests that may not be answered.

    Args:
        right: A right one, with an edge at least.
        most_graphs: Graphs that a request may hold.

    Yields:
        What is wrong, and the inputs.
    """
    nodes, edges = right["nodes"], right["edges"]
    first = right["num_nodes"][:1]
    none = right["num_nodes"][:0]
    changes: dict[str, Inputs] = {
        "no graph": {"num_nodes": none, "num_edges": none},
        "too many graphs": {
            "num_nodes": np.ones(most_graphs + 1, np.int32),
            "num_edges": np.zeros(most_graphs + 1, np.int32),
        },
        "an edge from a negative node": {"sources": _first(right["sources"], -1)},
        "an edge from no node": {"sources": _first(right["sources"], 2**30)},
        "an edge to no node": {"targets": _first(right["targets"], int(first[0]))},
        "an edge to a negative node": {"targets": _first(right["targets"], -(2**31))},
        "edges without nodes": {"nodes": nodes[:0], "num_nodes": np.zeros_like(right["num_nodes"])},
        "fewer nodes than said": {"nodes": nodes[1:]},
        "more nodes than said": {"nodes": np.concatenate([nodes, nodes[:1]])},
        "fewer edges than said": {"edges": edges[1:]},
        "more sources than edges": {"sources": np.append(right["sources"], np.int32(0))},
        "fewer targets than edges": {"targets": right["targets"][1:]},
        "a negative number of nodes": {"num_nodes": _first(right["num_nodes"], -1)},
        "a negative number of edges": {"num_edges": _first(right["num_edges"], -1)},
        "a huge number of nodes": {"num_nodes": _first(right["num_nodes"], 2**31 - 1)},
        "a huge number of edges": {"num_edges": _first(right["num_edges"], 2**31 - 1)},
        "another number of counts": {"num_edges": np.append(right["num_edges"], np.int32(0))},
        "a feature more": {"nodes": np.pad(nodes, ((0, 0), (0, 1)))},
        "features of edges in a row": {"edges": edges.reshape(-1)},
        "an axis too many": {"nodes": nodes[np.newaxis]},
        "a number for a row": {"sources": np.int32(0)},
        "a feature that is no number": {"nodes": np.full_like(nodes, np.nan)},
        "a feature of an edge without bounds": {"edges": np.full_like(edges, np.inf)},
        "whole numbers as features": {"nodes": nodes.astype(np.int32)},
        "broken numbers as nodes": {"sources": right["sources"].astype(np.float32)},
    }
    for what, changed in changes.items():
        yield what, {**right, **{name: np.asarray(value) for name, value in changed.items()}}
    for name in right:
        yield f"no {name}", {each: value for each, value in right.items() if each != name}


def _first(values: np.ndarray, value: int) -> np.ndarray:
    """The same array with another first number."""
    changed = values.copy()
    changed[0] = value
    return changed
