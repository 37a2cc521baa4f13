# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs in the arrays of an .npz file; nothing of it is ever run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from etils import epath

from snas_tf.data.division import ROLES, TEST, TRAIN, VALIDATION
from snas_tf.data.graphs.columns import Column, Features, Given, by_column, features
from snas_tf.data.graphs.flat import from_flat
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.data.graphs.source import Columns, GraphSource, Known, columns_of, in_one_graph
from snas_tf.errors import InvalidInput

_SPARSE = ("num_nodes", "num_features", "feature_row", "feature_col", "feature_val")
_TARGETS = {"graph_target": "graph", "node_target": "node", "edge_target": "edge"}
_ALIASES = {"graph_label": "graph_target", "label": "node_target"}
_SPLITS = {"train_idx": TRAIN, "val_idx": VALIDATION, "test_idx": TEST}
_KNOWN = {
    *("edges", "graph_id", "node_label", "node_attr", "edge_label", "edge_attr", "class_names"),
    *_SPARSE,
    *_TARGETS,
    *_ALIASES,
    *_SPLITS,
}


def holds_graphs(path: epath.PathLike) -> bool:
    """Whether a file is an .npz of graphs, of which `edges` is the mark.

    Args:
        path: The file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(epath.Path(path).read_bytes())) as file:
            return "edges.npy" in file.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def read(path: epath.PathLike, known: Known | None = None) -> GraphSource:
    """Reads a file.

    Its arrays: `edges`, whole numbers (edges, 2), source and target of each, nodes counted from 0
    through all graphs; `graph_id` (nodes,), ascending, without which there is one graph; features
    of nodes, kinds `node_label` (nodes,) and numbers `node_attr` (nodes,) or (nodes, features), or
    sparse ones `num_nodes`, `num_features`, `feature_row`, `feature_col`, `feature_val`; features
    of edges likewise, `edge_label` and `edge_attr`; and what is to be predicted, one of
    `graph_target` (also called `graph_label`), `node_target` (also called `label`) and
    `edge_target`: classes if they are whole numbers, -1 for none where it is of nodes or edges.
    `class_names` may name them. A division may be fixed by `train_idx`, `val_idx` and `test_idx`:
    numbers of graphs, or of nodes or edges where there is one graph.

    Args:
        path: The file.
        known: What its features are to be made of, without labels and division; None to read all.

    Raises:
        InvalidInput: It cannot be read, or its arrays are not such ones.
    """
    path = epath.Path(path)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise InvalidInput("it is a single array")
            arrays = {_ALIASES.get(name, name): file[name] for name in file.files}
        graphs, columns = _graphs(arrays, known)
        count = len(graphs.labels) if in_one_graph(graphs) else graphs.size
        roles = _roles(arrays, count) if known is None else None
    except InvalidInput as error:
        raise _wrong(path, str(error)) from error
    except OSError as error:
        raise _wrong(path, error.strerror or "it cannot be read") from error
    except (ValueError, EOFError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise _wrong(path, "it is no .npz file, or holds Python objects") from error
    unread = tuple(f"the array `{name}`" for name in arrays if name not in _KNOWN)
    return GraphSource(name=path.stem, graphs=graphs, columns=columns, roles=roles, unread=unread)


def _graphs(arrays: Mapping[str, np.ndarray], known: Known | None) -> tuple[Graphs, Columns]:
    targets = [name for name in _TARGETS if name in arrays]
    if "edges" not in arrays or (known is None and len(targets) != 1):
        raise InvalidInput(
            f"it must have `edges` and one of {', '.join(_TARGETS)}, and has "
            f"{', '.join(arrays) or 'nothing'}"
        )
    nodes = _node_features(arrays, columns_of(known, "nodes"))
    edges = _features(arrays, "edge", len(arrays["edges"]), columns_of(known, "edges"))
    if known is None:
        level = _TARGETS[targets[0]]
        label, names = _label(arrays[targets[0]], level, arrays.get("class_names"))
    else:
        level, label, names = known.level, None, ()
    count = len(nodes.values)
    graph_of_node = arrays.get("graph_id", np.zeros(count, np.int32))
    if graph_of_node.shape != (count,):
        raise InvalidInput(
            f"`graph_id` must be ({count},), one for each node: given {graph_of_node.shape}"
        )
    graphs = from_flat(
        graph_of_node=graph_of_node,
        nodes=nodes.values,
        ends=arrays["edges"],
        edges=edges.values,
        label=label,
        level=level,
        class_names=names,
    )
    return graphs, {"nodes": nodes.columns, "edges": edges.columns}


def _label(
    values: np.ndarray, level: str, names: np.ndarray | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels from 0 and the names of their classes; graphs may be labelled as -1 and 1."""
    if values.dtype.kind == "f" and names is None:
        return values, ()
    if names is not None:
        return values, tuple(str(name) for name in names.tolist())
    if level != "graph":
        return values, ()
    classes, label = np.unique(values, return_inverse=True)
    return label, tuple(str(value) for value in classes.tolist())


def _node_features(arrays: Mapping[str, np.ndarray], known: tuple[Column, ...] | None) -> Features:
    if "feature_row" in arrays:
        if missing := [name for name in _SPARSE if name not in arrays]:
            raise InvalidInput(
                f"sparse features must have {', '.join(_SPARSE)}, not without {', '.join(missing)}"
            )
        shape = int(arrays["num_nodes"]), int(arrays["num_features"])
        row, column, value = (arrays[name] for name in _SPARSE[2:])
        if min(row.min(initial=0), column.min(initial=0)) < 0:
            raise InvalidInput("`feature_row` and `feature_col` must be 0 or more")
        dense = np.zeros(shape, np.float32)
        dense[row, column] = value
        return features([Given("feature", dense, False)], len(dense), known)
    sizes = (arrays[name] for name in ("graph_id", "node_label", "node_attr") if name in arrays)
    first = next(sizes, arrays.get("num_nodes"))
    if first is None:
        raise InvalidInput("it must have node_label, node_attr, graph_id or num_nodes")
    return _features(arrays, "node", int(first) if first.ndim == 0 else len(first), known)


def _features(
    arrays: Mapping[str, np.ndarray], kind: str, count: int, known: tuple[Column, ...] | None
) -> Features:
    """Kinds as columns of 0 and 1, then numbers."""
    columns = []
    for name in (f"{kind}_label", f"{kind}_attr"):
        if name not in arrays:
            continue
        values = arrays[name]
        if values.dtype.kind not in "iufb" or values.ndim not in (1, 2) or len(values) != count:
            raise InvalidInput(
                f"`{name}` must be numbers ({count},) or ({count}, features): given "
                f"{values.dtype} {values.shape}"
            )
        if name.endswith("label"):
            columns += by_column(name, values.reshape(count, -1))
        else:
            columns.append(Given(name, values, False))
    return features(columns, count, known)


def _roles(arrays: Mapping[str, np.ndarray], count: int) -> np.ndarray | None:
    given = {name: arrays[name] for name in _SPLITS if name in arrays}
    if not given:
        return None
    if len(given) < len(_SPLITS):
        raise InvalidInput(
            f"it must have all of {', '.join(_SPLITS)} or none, not {', '.join(given)} alone"
        )
    roles = np.full(count, ROLES.index("unused"), np.uint8)
    for name, positions in given.items():
        if positions.dtype.kind not in "iu" or positions.ndim != 1 or not len(positions):
            raise InvalidInput(
                f"`{name}` must be whole numbers, one at least: given {positions.dtype} "
                f"{positions.shape}"
            )
        if positions.min() < 0 or positions.max() >= count:
            raise InvalidInput(f"`{name}` must be from 0 to {count - 1}")
        if (roles[positions] != ROLES.index("unused")).any():
            raise InvalidInput(f"`{name}` must have no number that another part has")
        roles[positions] = _SPLITS[name]
    return roles


def _wrong(path: epath.Path, what: str) -> InvalidInput:
    return InvalidInput(
        "`data.source` must be `npz:FILE` with graphs, arrays such as edges, graph_id, node_attr "
        f"and graph_target: given {path} ({what})"
    )
