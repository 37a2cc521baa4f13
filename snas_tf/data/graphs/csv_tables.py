# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs in tables: nodes.csv, edges.csv, and where graphs have labels graphs.csv, in a folder.

nodes.csv has a column `node`, any text by which edges name it, and `graph` where there are several;
edges.csv has `source`, `target` and `graph`; graphs.csv has `graph`. The column `label` in one of
them is what is to be predicted, `split` (train, validation, test) in nodes.csv or graphs.csv fixes
a division, and every other column is a feature: a number, or a kind where it holds other texts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np
from etils import epath

from snas_tf.data.division import ROLES
from snas_tf.data.graphs.columns import Column, Features, Given, features, numbers_of
from snas_tf.data.graphs.flat import from_flat
from snas_tf.data.graphs.given import LEVELS, NO_CLASS
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.data.graphs.source import Columns, GraphSource, Known, columns_of, in_one_graph
from snas_tf.errors import InvalidInput

Table = dict[str, list[str]]
"""The texts of each column."""

_OWN = ("graph", "node", "source", "target", "label", "split")
_NEEDED = {"nodes": ("node",), "edges": ("source", "target"), "graphs": ("graph",)}


def files(folder: epath.PathLike) -> tuple[epath.Path, tuple[str, ...]]:
    """The folder, and the names of those files in it that are read.

    Args:
        folder: Where the tables lie.

    Raises:
        InvalidInput: One that is needed is not there.
    """
    root = epath.Path(folder)
    there = tuple(f"{name}.csv" for name in _NEEDED if (root / f"{name}.csv").is_file())
    if not {"nodes.csv", "edges.csv"} <= {*there}:
        raise _wrong(root, f"it has {', '.join(there) or 'neither of them'}")
    return root, there


def read(folder: epath.PathLike, known: Known | None = None) -> GraphSource:
    """Reads the tables of a folder.

    Args:
        folder: Where they lie.
        known: What features are to be made of, without labels and division; None to read all.

    Raises:
        InvalidInput: A table is missing or not such a one; it is named.
    """
    root, names = files(folder)
    try:
        tables = {name.removesuffix(".csv"): _table(root / name) for name in names}
        graphs, columns, order = _graphs(tables, known)
        roles = _roles(tables, order, graphs) if known is None else None
    except InvalidInput as error:
        raise _wrong(root, str(error)) from error
    return GraphSource(name=root.name or "graphs", graphs=graphs, columns=columns, roles=roles)


def _graphs(
    tables: Mapping[str, Table], known: Known | None
) -> tuple[Graphs, Columns, dict[str, np.ndarray]]:
    """The graphs, their columns, and the row of the tables of each node and graph of theirs."""
    nodes, edges = tables["nodes"], tables["edges"]
    in_graph = nodes.get("graph", [""] * len(nodes["node"]))
    names = {name: index for index, name in enumerate(dict.fromkeys(in_graph))}
    graph_of_node = np.array([names[name] for name in in_graph])
    order = np.argsort(graph_of_node, kind="stable")
    place = {(in_graph[row], nodes["node"][row]): index for index, row in enumerate(order.tolist())}
    if len(place) < len(order):
        raise InvalidInput("nodes.csv must name every node of a graph once")
    rows = {"node": order, "graph": _rows_of_graphs(tables.get("graphs"), names)}
    if known is None:
        level, texts = _target(tables)
        label, class_names = _label(texts, rows.get(level))
    else:
        level, label, class_names = known.level, None, ()
    of_nodes = _features(nodes, columns_of(known, "nodes"))
    of_edges = _features(edges, columns_of(known, "edges"))
    graphs = from_flat(
        graph_of_node=graph_of_node[order],
        nodes=of_nodes.values[order],
        ends=_ends(edges, place),
        edges=of_edges.values,
        label=label,
        level=level,
        class_names=class_names,
    )
    return graphs, {"nodes": of_nodes.columns, "edges": of_edges.columns}, rows


def _target(tables: Mapping[str, Table]) -> tuple[str, list[str]]:
    found = [
        (level, tables[f"{level}s"]["label"])
        for level in LEVELS
        if "label" in tables.get(f"{level}s", {})
    ]
    if len(found) != 1:
        raise InvalidInput(
            "one of nodes.csv, edges.csv and graphs.csv must have a column label, and "
            f"{len(found)} have"
        )
    return found[0]


def _label(texts: Sequence[str], rows: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers where any label has a decimal point; else classes, -1 where the text is empty."""
    values = np.array(texts)
    values = values if rows is None else values[rows]
    numbers = numbers_of(values)
    if numbers is not None and (numbers != np.round(numbers)).any():
        return numbers, ()
    known = values != ""
    if numbers is not None:
        classes = [f"{value:g}" for value in np.unique(numbers)]
        values = np.array([f"{value:g}" for value in numbers])
    else:
        classes = sorted({*values[known].tolist()})
    index = {name: number for number, name in enumerate(classes)}
    return np.array([index.get(value, NO_CLASS) for value in values]), tuple(classes)


def _rows_of_graphs(table: Table | None, names: Mapping[str, int]) -> np.ndarray:
    if table is None:
        return np.arange(len(names))
    rows = {name: row for row, name in enumerate(table["graph"])}
    if len(rows) != len(table["graph"]) or rows.keys() != names.keys():
        raise InvalidInput("graphs.csv must name every graph of nodes.csv once, and no other one")
    return np.array([rows[name] for name in names])


def _ends(table: Table, place: Mapping[tuple[str, str], int]) -> np.ndarray:
    graphs = table.get("graph", [""] * len(table["source"]))
    ends = []
    rows = zip(graphs, table["source"], table["target"], strict=True)
    for number, (graph, source, target) in enumerate(rows):
        for name in (source, target):
            if (graph, name) not in place:
                where = f" of graph {graph!r}" if graph else ""
                raise InvalidInput(
                    f"edges.csv must name nodes of nodes.csv: given {name!r}{where} in row "
                    f"{number + 1}"
                )
        ends.append((place[graph, source], place[graph, target]))
    return np.array(ends, np.int64).reshape(-1, 2)


def _features(table: Table, known: tuple[Column, ...] | None) -> Features:
    count = len(next(iter(table.values())))
    columns = [
        Given(name, np.array(texts), None) for name, texts in table.items() if name not in _OWN
    ]
    return features(columns, count, known)


def _roles(
    tables: Mapping[str, Table], rows: Mapping[str, np.ndarray], graphs: Graphs
) -> np.ndarray | None:
    """What each example is for, where a table says so."""
    example = graphs.level if in_one_graph(graphs) else "graph"
    table = tables.get(f"{example}s", {})
    others = [name for name, each in tables.items() if "split" in each and each is not table]
    if others:
        raise InvalidInput(
            f"the column split must be in {example}s.csv, for these are what is divided: given in "
            f"{others[0]}.csv"
        )
    if "split" not in table or example == "edge":
        return None
    known = ("train", "validation", "test", "")
    if wrong := {*table["split"]} - {*known}:
        raise InvalidInput(
            f"the column split must have train, validation, test or nothing: given "
            f"{sorted(wrong)[0]!r}"
        )
    roles = np.array([known.index(text) for text in table["split"]], np.uint8)[rows[example]]
    if missing := [name for name in ROLES[:3] if ROLES.index(name) not in roles]:
        raise InvalidInput(f"the column split must have each part: given none of {missing[0]}")
    return roles


def _table(path: epath.Path) -> Table:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} cannot be read as text in UTF-8") from error
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row] or [[]]
    except csv.Error as error:
        raise InvalidInput(f"{path.name}: {error}") from error
    header = [name.strip() for name in header]
    needed = _NEEDED[path.stem]
    if not {*needed} <= {*header} or len({*header}) < len(header):
        raise InvalidInput(
            f"the header of {path.name} must name {' and '.join(needed)} and other columns once "
            f"each, and is {','.join(header)[:60]!r}"
        )
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise InvalidInput(
                f"row {number + 1} of {path.name} must have {len(header)} values, as its header: "
                f"given {len(row)}"
            )
    if not rows and path.stem != "edges":
        raise InvalidInput(f"{path.name} has no rows")
    return {name: [row[column].strip() for row in rows] for column, name in enumerate(header)}


def _wrong(folder: epath.Path, what: str) -> InvalidInput:
    return InvalidInput(
        "`data.source` must be `csv:FOLDER`, a folder of nodes.csv, edges.csv and, where graphs "
        f"have labels, graphs.csv: given {folder} ({what})"
    )
