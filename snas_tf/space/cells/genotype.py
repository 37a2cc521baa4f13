# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A genotype: the architecture of a child network, as explicit records, in memory and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record
from snas_tf.space.cells import nas_bench_201_text
from snas_tf.space.cells.operations import OPERATIONS, is_operation

if TYPE_CHECKING:
    from snas_tf.space.cells.cell_space import CellSpace

    Record = Mapping[str, Any] | tuple[int, int, str]

SCHEMA_VERSION = 1
_NUM_INPUTS = 2  # of the paper's cells; written where it is another

RESERVED = (json_record.VERSION, "num_nodes", "num_inputs")
"""What stands in the JSON of a genotype beside its kinds of cell, so that none is called so."""


class Connection(NamedTuple):
    """The one operation that is kept on an edge."""

    source: int
    node: int
    operation: str


@dataclass(frozen=True, slots=True)
class Genotype:
    """The operation on every edge of each kind of cell; edges that are not named do not exist.

    Attributes:
        cells: The connections of each kind of cell, given as {kind: connections}; kept as pairs,
            kinds in alphabetical order, connections in that of `CellSpace.edges`.
        num_nodes: Number of intermediate nodes of a cell. Nodes without any connection are zeros.
        num_inputs: Number of input nodes of a cell, before the intermediate ones.

    Raises:
        InvalidInput: A connection is impossible or stands twice.
    """

    cells: tuple[tuple[str, tuple[Connection, ...]], ...]
    num_nodes: int = 4
    num_inputs: int = _NUM_INPUTS

    if TYPE_CHECKING:  # what may be given, which is more than what is kept

        def __init__(
            self,
            cells: Mapping[str, Iterable[Record]] | Iterable[tuple[str, Iterable[Record]]],
            num_nodes: int = 4,
            num_inputs: int = _NUM_INPUTS,
        ) -> None: ...

    def __post_init__(self) -> None:
        check_numbers(self.num_nodes, self.num_inputs)
        try:
            given = {kind: list(records) for kind, records in dict(self.cells).items()}
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                f"`cells` of a genotype must be {{kind: connections}}: given {self.cells!r}"
            ) from error
        check_kinds(tuple(given))
        found = []
        for kind in sorted(given):
            connections = [_connection(kind, record) for record in given[kind]]
            connections.sort(key=lambda connection: (connection.node, connection.source))
            self._check(kind, connections)
            found.append((kind, tuple(connections)))
        object.__setattr__(self, "cells", tuple(found))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of cell."""
        return tuple(kind for kind, _ in self.cells)

    def connections(self, kind: str) -> tuple[Connection, ...]:
        """The connections of a kind of cell.

        Args:
            kind: Such as "normal".

        Returns:
            The connections, in the order of `CellSpace.edges`.

        Raises:
            InvalidInput: The genotype has no such kind.
        """
        for name, connections in self.cells:
            if name == kind:
                return connections
        raise InvalidInput(
            f"the genotype must have the {kind} cell: it has {', '.join(self.kinds)}; do use a "
            "genotype of this space"
        )

    def validate(self, cells: CellSpace) -> None:
        """Checks that a cell space holds this genotype.

        Args:
            cells: The cell space.

        Raises:
            InvalidInput: It has other nodes or kinds of cell, or lacks an operation.
        """
        if self.num_nodes != cells.num_nodes:
            raise InvalidInput(
                f"the genotype has cells of {self.num_nodes} nodes, the cell space of "
                f"{cells.num_nodes}; do use a genotype of this space or set the space's num_nodes "
                f"to {self.num_nodes}"
            )
        for what, own, theirs in (
            ("num_inputs", self.num_inputs, cells.num_inputs),
            ("kinds of cell", ", ".join(self.kinds), ", ".join(sorted(cells.kinds))),
        ):
            if own != theirs:
                raise InvalidInput(
                    f"the genotype has the {what} {own}, the cell space {theirs}; do use a "
                    "genotype of this space"
                )
        operations = {edge.operation for _, connections in self.cells for edge in connections}
        missing = sorted(operations - {*cells.primitives})
        if missing:
            raise InvalidInput(
                f"the genotype has {', '.join(missing)}, which the cell space lacks (it has "
                f"{', '.join(cells.primitives)}); do use a genotype of this space"
            )

    def to_json(self) -> str:
        """The genotype as JSON: the schema's version, and a record an edge."""
        records = {
            kind: [connection._asdict() for connection in connections]
            for kind, connections in self.cells
        }
        head = {json_record.VERSION: SCHEMA_VERSION, "num_nodes": self.num_nodes}
        if self.num_inputs != _NUM_INPUTS:
            head["num_inputs"] = self.num_inputs
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
        data = json_record.read(text, "a genotype", SCHEMA_VERSION)
        cells = {name: value for name, value in data.items() if name not in RESERVED}
        lists = all(isinstance(records, list) for records in cells.values())
        if "num_nodes" not in data or not cells or not lists:
            raise InvalidInput(
                "a genotype must have num_nodes and a list of connections for every kind of cell, "
                f"such as normal and reduction, nothing else: given {', '.join(sorted(data))}"
            )
        return cls(cells, data["num_nodes"], data.get("num_inputs", _NUM_INPUTS))

    def to_nas_bench_201(self) -> str:
        """The cell as NAS-Bench-201 writes it (arXiv 2001.00326).

        Returns:
            Such as "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|".

        Raises:
            InvalidInput: It is no cell of that space.
        """
        form = (self.num_inputs, self.num_nodes, self.kinds)
        if form != (1, nas_bench_201_text.NUM_NODES, ("cell",)):
            raise InvalidInput(
                "a cell of NAS-Bench-201 must have one input, three nodes and the kind cell alone: "
                f"given {self.num_inputs}, {self.num_nodes} and {', '.join(self.kinds)}"
            )
        return nas_bench_201_text.write(self.connections("cell"))

    @classmethod
    def from_nas_bench_201(cls, text: str) -> Genotype:
        """Reads a cell as NAS-Bench-201 writes it, what `to_nas_bench_201` wrote.

        Args:
            text: The cell.

        Returns:
            The genotype, of `nas_bench_201_cells`.

        Raises:
            InvalidInput: The text is none of the 15,625 cells.
        """
        connections = nas_bench_201_text.read(text)
        return cls({"cell": connections}, nas_bench_201_text.NUM_NODES, num_inputs=1)

    def save(self, path: epath.PathLike) -> None:
        """Writes the genotype as JSON."""
        epath.Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: epath.PathLike) -> Genotype:
        """Reads a JSON file.

        Raises:
            InvalidInput: The file cannot be read or holds no genotype.
        """
        text = json_record.load(path, "a genotype")
        try:
            return cls.from_json(text)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {error}") from error

    def _check(self, kind: str, connections: list[Connection]) -> None:
        seen = set()
        for connection in connections:
            source, node, operation = connection
            first, end = self.num_inputs, self.num_inputs + self.num_nodes
            if not first <= node < end or not 0 <= source < node:
                raise InvalidInput(
                    f"a connection must lead from a node to a later one, of {first} to "
                    f"{end - 1}: given {source} to {node} in the {kind} cell"
                )
            if not is_operation(operation) or operation == "none":
                hint = "; do leave the edge out" if operation == "none" else ""
                raise InvalidInput(
                    f"an operation must be one of {', '.join([*OPERATIONS][1:])}: given "
                    f"{operation!r} on edge {source} to {node} of the {kind} cell{hint}"
                )
            if (source, node) in seen:
                raise InvalidInput(
                    f"an edge must have one operation: {source} to {node} stands twice in the "
                    f"{kind} cell"
                )
            seen.add((source, node))


def check_numbers(num_nodes: Any, num_inputs: Any) -> None:
    """Checks the numbers of intermediate nodes and of inputs of a cell.

    Raises:
        InvalidInput: One is not a whole number, at least 1; or there are more than two inputs.
    """
    if type(num_nodes) is not int or num_nodes < 1:
        raise InvalidInput(f"`num_nodes` must be a whole number, at least 1: given {num_nodes!r}")
    if type(num_inputs) is not int or not 1 <= num_inputs <= 2:
        raise InvalidInput(f"`num_inputs` must be 1 or 2: given {num_inputs!r}")


def check_kinds(kinds: tuple[Any, ...]) -> None:
    """Checks the names of the kinds of cell.

    Raises:
        InvalidInput: There is none, one stands twice, or one is no name or means something else.
    """
    names = all(isinstance(kind, str) and kind.isidentifier() for kind in kinds)
    if not kinds or not names or len({*kinds}) < len(kinds) or {*kinds} & {*RESERVED}:
        raise InvalidInput(
            "the kinds of cell must be different names of letters and digits, such as normal and "
            f"reduction: given {', '.join(map(str, kinds)) or 'none'}"
        )


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
