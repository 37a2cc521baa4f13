# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What every source of graphs gives: all graphs, and what each is for where that is fixed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from snas_tf.data.graphs.columns import Column
from snas_tf.data.graphs.graphs import Graphs

Columns = Mapping[str, tuple[Column, ...]]
"""Of "nodes" and "edges" the columns that their features were made of."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GraphSource:
    """Graphs as they were found.

    Attributes:
        name: The name of the data set.
        graphs: All of them.
        columns: What their features are.
        roles: What each example is for, uint8 indices of `division.ROLES`, where the data set says
            so; else None. An example is a graph, or where there is one graph alone whose nodes or
            edges have labels, one of these.
        unread: What is there besides and was not read, a phrase each.
    """

    name: str
    graphs: Graphs
    columns: Columns
    roles: np.ndarray | None = None
    unread: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What a network learnt from, as others like it are to be read, whether labelled or not.

    Attributes:
        level: What it tells something of, one of `given.LEVELS`.
        columns: What its features are made of.
    """

    level: str
    columns: Columns

    def record(self) -> dict[str, Any]:
        """Plain JSON data, from which `from_record` restores it."""
        columns = {name: [each.record() for each in of] for name, of in self.columns.items()}
        return {"level": self.level, "columns": columns}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Known:
        """Restores what `record` gave."""
        columns = {
            name: tuple(map(Column.from_record, of)) for name, of in record["columns"].items()
        }
        return cls(record["level"], columns)


def columns_of(known: Known | None, name: str) -> tuple[Column, ...] | None:
    """The columns of "nodes" or "edges" that are wanted; None for whatever there is."""
    return None if known is None else known.columns[name]


def in_one_graph(graphs: Graphs) -> bool:
    """Whether examples are nodes or edges of one graph, of which all are always seen."""
    return graphs.size == 1 and graphs.level != "graph"


def example_labels(graphs: Graphs) -> np.ndarray:
    """The label by which each example is divided.

    Returns:
        (examples,); of graphs whose nodes or edges have labels, and where these are numbers, 0.
    """
    divided = graphs.level == "graph" or in_one_graph(graphs)
    if graphs.regression or not divided:
        return np.zeros(len(graphs.labels) if in_one_graph(graphs) else graphs.size, np.int32)
    return graphs.labels
