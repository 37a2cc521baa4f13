# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""TUDataset's text format (Morris et al., 2020): a folder of tables, as it is published.

`DS_A.txt` has a line an edge, "source, target", nodes counted from 1 through all graphs;
`DS_graph_indicator.txt` the graph of each node; `DS_graph_labels.txt` the class of each graph, or
`DS_graph_attributes.txt` its number. There may be kinds (`_node_labels`, `_edge_labels`) and
numbers (`_node_attributes`, `_edge_attributes`) of nodes and edges, which are their features.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from etils import epath

from snas_tf.data.graphs.columns import Column, Features, Given, by_column, features
from snas_tf.data.graphs.flat import from_flat
from snas_tf.data.graphs.source import GraphSource, Known, columns_of
from snas_tf.errors import InvalidInput

_EDGES = "_A.txt"
_KNOWN = (
    "A",
    "graph_indicator",
    "graph_labels",
    "graph_attributes",
    "node_labels",
    "node_attributes",
    "edge_labels",
    "edge_attributes",
)


def files(folder: epath.PathLike) -> tuple[epath.Path, tuple[str, ...]]:
    """The files of a data set.

    Args:
        folder: Where they lie.

    Returns:
        The folder, and the names of those files in it that are read.

    Raises:
        InvalidInput: There is no such folder, or it holds no data set, or several.
    """
    root = epath.Path(folder)
    if not root.is_dir():
        raise _wrong(root, "it is no folder")
    names = {path.name for path in root.iterdir()}
    sets = sorted(name.removesuffix(_EDGES) for name in names if name.endswith(_EDGES))
    if len(sets) != 1:
        raise _wrong(root, f"it has {len(sets)} files of edges, DS{_EDGES}")
    known = [f"{sets[0]}_{table}.txt" for table in _KNOWN]
    return root, tuple(name for name in known if name in names)


def read(folder: epath.PathLike, known: Known | None = None) -> GraphSource:
    """Reads a data set; every graph has a label.

    Args:
        folder: Where its files lie.
        known: What its features are to be made of, without labels; None to read all.

    Returns:
        The graphs: kinds become columns of 0 and 1, numbers follow them.

    Raises:
        InvalidInput: The folder is none of that format, or a file is damaged; it is named.
    """
    root, names = files(folder)
    prefix = names[0].removesuffix(_EDGES)
    there = {name.removeprefix(f"{prefix}_").removesuffix(".txt") for name in names}
    targets = [name for name in ("graph_labels", "graph_attributes") if name in there]
    if "graph_indicator" not in there or (known is None and not targets):
        raise _wrong(
            root, f"it lacks {prefix}_graph_indicator.txt, or {prefix}_graph_labels.txt beside it"
        )

    def table(name: str) -> np.ndarray:
        return _table(root / f"{prefix}_{name}.txt")

    def column(name: str) -> np.ndarray:
        return _column(root / f"{prefix}_{name}.txt", table(name))

    graph_of_node = column("graph_indicator")
    ends = table("A")
    if ends.shape[1] != 2 or (ends != np.round(ends)).any():
        raise _wrong(root, f"{prefix}{_EDGES} must have two whole numbers a line")
    label, class_names = (None, ()) if known else _label(targets[0], column)
    sizes = {"node": len(graph_of_node), "edge": len(ends)}
    try:
        parts = {
            kind: _features(root, prefix, kind, size, there, columns_of(known, f"{kind}s"))
            for kind, size in sizes.items()
        }
        graphs = from_flat(
            graph_of_node=graph_of_node,
            nodes=parts["node"].values,
            ends=ends.astype(np.int64) - 1,
            edges=parts["edge"].values,
            label=label,
            level=known.level if known else "graph",
            class_names=class_names,
        )
    except InvalidInput as error:
        raise _wrong(root, str(error)) from error
    columns = {f"{kind}s": part.columns for kind, part in parts.items()}
    return GraphSource(name=prefix, graphs=graphs, columns=columns)


def _label(target: str, column: Callable[[str], np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    values = column(target)
    if target == "graph_attributes":
        return values, ()
    classes, label = np.unique(values, return_inverse=True)
    return label, tuple(f"{value:g}" for value in classes)


def _features(
    root: epath.Path,
    prefix: str,
    kind: str,
    count: int,
    there: set[str],
    known: tuple[Column, ...] | None,
) -> Features:
    """The features of all nodes or edges, their columns called as those of an .npz file."""
    columns = []
    for name in (f"{kind}_labels", f"{kind}_attributes"):
        if name not in there:
            continue
        values = _table(root / f"{prefix}_{name}.txt")
        if len(values) != count:
            raise InvalidInput(
                f"{prefix}_{name}.txt has {len(values)} lines, and there are {count} {kind}s"
            )
        if name.endswith("labels"):
            columns += by_column(f"{kind}_label", values)
        else:
            columns.append(Given(f"{kind}_attr", values, False))
    return features(columns, count, known)


def _table(path: epath.Path) -> np.ndarray:
    """Numbers, (lines, columns)."""
    try:
        text = path.read_text()
        return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        cause = str(error).strip().splitlines()[0] if str(error).strip() else "it cannot be read"
        raise _wrong(path.parent, f"{path.name}: {cause}") from error


def _column(path: epath.Path, values: np.ndarray) -> np.ndarray:
    if values.shape[1] != 1:
        raise _wrong(path.parent, f"{path.name} must have one number a line")
    return values[:, 0]


def _wrong(folder: epath.Path, what: str) -> InvalidInput:
    return InvalidInput(
        "`data.source` must be `tu:FOLDER`, a folder in TUDataset's text format (DS_A.txt, "
        f"DS_graph_indicator.txt, DS_graph_labels.txt): given {folder} ({what})"
    )
