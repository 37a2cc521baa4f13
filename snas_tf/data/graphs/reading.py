# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs from the source that a config names, as every source of data gives its examples."""

from __future__ import annotations

from collections.abc import Callable

from etils import epath

from snas_tf.data.graphs import cluster, csv_tables, npz_file, tu_folder
from snas_tf.data.graphs.graph_split import GraphSplit
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.data.graphs.opposites import both_directions
from snas_tf.data.graphs.source import GraphSource, Known
from snas_tf.data.source import Origin, Recognize, Source
from snas_tf.errors import InvalidInput

KINDS = ("graphs", "tu", "csv")
"""What the sources of graphs begin with; `npz` too, where the file holds graphs."""

_FOLDERS: dict[str, tuple[Callable, Callable]] = {
    "tu": (tu_folder.files, tu_folder.read),
    "csv": (csv_tables.files, csv_tables.read),
}


def are_graphs(kind: str, where: str) -> bool:
    """Whether a source is one of graphs.

    Args:
        kind: What it begins with.
        where: What follows, a file or a folder.
    """
    return kind in KINDS or (
        kind == "npz" and npz_file.holds_graphs(epath.Path(where).expanduser())
    )


def read(
    kind: str, where: str, *, task: str = "", both_ways: bool = False, recognize: Recognize
) -> Source:
    """Reads graphs.

    Args:
        kind: "graphs", "tu", "csv" or "npz".
        where: "cluster", "cluster:COUNT", or a file or folder.
        task: What a label has to belong to, "graph", "node" or "edge"; "" for whatever there is.
        both_ways: Whether every edge counts in the opposite direction too.
        recognize: Is told what the data set consists of.

    Returns:
        One split in memory, divided by `roles` if the data set says so.

    Raises:
        InvalidInput: There are no such graphs, or their labels are those of another task.
    """
    if kind == "graphs":
        name, _, count = where.partition(":")
        if name != "cluster":
            raise InvalidInput(
                "`data.source` must be `graphs:cluster`, the graphs that are drawn here: given "
                f"'graphs:{where}'"
            )
        found, root, paths = cluster.read(count), None, ()
    else:
        place = epath.Path(where).expanduser()
        if kind == "npz":
            found, root, paths = npz_file.read(place), place.parent, (place.name,)
        else:
            files, read_folder = _FOLDERS[kind]
            root, paths = files(place)
            found = read_folder(place)
    _check_task(found, task)
    graphs = both_directions(found.graphs) if both_ways else found.graphs
    facts = {
        "number of graphs": f"{found.graphs.size:,}",
        "task": found.graphs.level,
        **({} if paths else {"digest": found.graphs.digest()}),
    }
    origin = Origin(class_names=graphs.class_names, root=root, paths=paths, facts=facts)
    recognize(origin)
    return Source(
        name=found.name,
        train=GraphSplit(graphs, Known(graphs.level, found.columns)),
        unread=found.unread,
        origin=origin,
        roles=found.roles,
    )


def read_others(path: epath.PathLike, known: Known, *, both_ways: bool = False) -> Graphs:
    """Reads graphs for a network that learnt from others like them; they need no labels.

    Args:
        path: An .npz file, or a folder as for the sources "csv" and "tu".
        known: What the network learnt from.
        both_ways: As for `read`.

    Returns:
        The graphs as they are, not normalised; nothing in them has a label.

    Raises:
        InvalidInput: There are no such graphs there.
    """
    place = epath.Path(path).expanduser()
    if not place.is_dir():
        read_place = npz_file.read
    else:
        read_place = csv_tables.read if (place / "nodes.csv").exists() else tu_folder.read
    try:
        graphs = read_place(place, known).graphs
    except InvalidInput as error:
        raise InvalidInput(str(error).replace("`data.source`", "what is predicted")) from error
    return both_directions(graphs) if both_ways else graphs


def _check_task(found: GraphSource, task: str) -> None:
    level = found.graphs.level
    if task and task != level:
        raise InvalidInput(
            f"`data.task` must be {level} with {found.name!r}, in which every {level} has a label: "
            f"given {task}"
        )
