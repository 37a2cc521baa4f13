# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A genotype: the architecture of a child network, as explicit records, in memory and in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_space import KINDS, CellSpace
from snas_tf.space.cells.primitives import PRIMITIVES

SCHEMA_VERSION = 1


class Connection(NamedTuple):
    """The one operation that is kept on an edge."""

    source: int
    node: int
    operation: str


@dataclass(frozen=True, slots=True)
class Genotype:
    """The operation on every edge of both kinds of cell; edges that are not named do not exist.

    Attributes:
        normal: Connections of the normal cell, kept in the order of `CellSpace.edges`.
        reduction: Connections of the reduction cell.
        num_nodes: Number of intermediate nodes of a cell. Nodes without any connection stay in the
            cell's output as zeros.

    Raises:
        InvalidInput: A connection is impossible or stands twice.
    """

    normal: tuple[Connection, ...]
    reduction: tuple[Connection, ...]
    num_nodes: int = 4

    def __post_init__(self) -> None:
        CellSpace(self.num_nodes)  # checks the number
        for kind in KINDS:
            connections = [_connection(kind, record) for record in getattr(self, kind)]
            connections.sort(key=lambda connection: (connection.node, connection.source))
            self._check(kind, connections)
            object.__setattr__(self, kind, tuple(connections))

    def connections(self, kind: str) -> tuple[Connection, ...]:
        """The connections of a kind of cell, "normal" or "reduction"."""
        return self.normal if kind == "normal" else self.reduction

    def validate(self, cells: CellSpace) -> None:
        """Checks that a cell space holds this genotype.

        Args:
            cells: The cell space.

        Raises:
            InvalidInput: It has another number of nodes or lacks an operation.
        """
        if self.num_nodes != cells.num_nodes:
            raise InvalidInput(
                f"the genotype has cells of {self.num_nodes} nodes, the cell space of "
                f"{cells.num_nodes}; do use a genotype of this space or set the space's num_nodes "
                f"to {self.num_nodes}"
            )
        operations = {connection.operation for connection in (*self.normal, *self.reduction)}
        missing = sorted(operations - {*cells.primitives})
        if missing:
            raise InvalidInput(
                f"the genotype has {', '.join(missing)}, which the cell space lacks (it has "
                f"{', '.join(cells.primitives)}); do use a genotype of this space"
            )

    def to_json(self) -> str:
        """The genotype as JSON: the schema's version, and a record an edge."""
        records = {
            kind: [connection._asdict() for connection in self.connections(kind)] for kind in KINDS
        }
        head = {"schema_version": SCHEMA_VERSION, "num_nodes": self.num_nodes}
        return json.dumps({**head, **records}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Genotype:
        """Reads what `to_json` wrote.

        Args:
            text: JSON.

        Returns:
            The genotype.

        Raises:
            InvalidInput: The text is no JSON, of another schema, or describes no genotype.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"a genotype must be JSON: {error}") from error
        found = data.get("schema_version") if isinstance(data, dict) else None
        if found != SCHEMA_VERSION or isinstance(found, bool):
            raise InvalidInput(
                f"a genotype must be a JSON object with schema_version {SCHEMA_VERSION}: "
                f"given {found!r}"
            )
        fields = {"num_nodes", *KINDS}
        wrong = sorted(fields ^ (set(data) - {"schema_version"}))
        if wrong or not all(isinstance(data[kind], list) for kind in KINDS):
            raise InvalidInput(
                "a genotype must have num_nodes and the lists normal and reduction, nothing else: "
                f"given {', '.join(sorted(data))}"
            )
        return cls(**{name: data[name] for name in fields})

    def save(self, path: epath.PathLike) -> None:
        """Writes the genotype as JSON."""
        epath.Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: epath.PathLike) -> Genotype:
        """Reads a JSON file.

        Raises:
            InvalidInput: The file cannot be read or holds no genotype.
        """
        try:
            text = epath.Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            cause = getattr(error, "strerror", None) or "it is not a text"
            raise InvalidInput(f"a genotype must be a JSON file: given {path} ({cause})") from error
        try:
            return cls.from_json(text)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {error}") from error

    def _check(self, kind: str, connections: list[Connection]) -> None:
        seen = set()
        for connection in connections:
            source, node, operation = connection
            if not 2 <= node < self.num_nodes + 2 or not 0 <= source < node:
                raise InvalidInput(
                    f"a connection must lead from a node to a later one, of 2 to "
                    f"{self.num_nodes + 1}: given {source} to {node} in the {kind} cell"
                )
            if operation not in PRIMITIVES or operation == "none":
                hint = "; do leave the edge out" if operation == "none" else ""
                raise InvalidInput(
                    f"an operation must be one of {', '.join(PRIMITIVES[1:])}: given {operation!r} "
                    f"on edge {source} to {node} of the {kind} cell{hint}"
                )
            if (source, node) in seen:
                raise InvalidInput(
                    f"an edge must have one operation: {source} to {node} stands twice in the "
                    f"{kind} cell"
                )
            seen.add((source, node))


def _connection(kind: str, record: Any) -> Connection:
    """A record of JSON or a tuple as a `Connection`."""
    try:
        connection = Connection(**record) if isinstance(record, dict) else Connection(*record)
    except TypeError:
        connection = None
    if connection is None or [type(value) for value in connection] != [int, int, str]:
        raise InvalidInput(
            f"a connection must have the whole numbers source and node and the text operation: "
            f"given {record!r} in the {kind} cell"
        )
    return connection
