# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How long every piece of a skeleton's networks takes on one device, as it was measured there.

The latency of a child network is modelled as a sum: the constant overhead of a call, the pieces
that every network has, and one entry an edge of every cell. So it is linear in the decisions Z, as
the resource cost of a search needs it.
"""

from __future__ import annotations

import json
import math
import os
import pathlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record
from snas_tf.space.cells.cell_plan import CellPlan
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.network_pieces import Piece, addition_piece, common_pieces, operation_piece
from snas_tf.space.cells.skeleton import Skeleton

SCHEMA_VERSION = 1
_FIELDS = {
    "device": str,
    "batch_size": int,
    "dtype_policy": str,
    "repetitions": int,
    "versions": dict,
    "overhead": float,
    "entries": list,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTable:
    """Measured latencies of a skeleton's pieces; all in milliseconds, for one batch.

    Attributes:
        device: What they were measured on, by name.
        batch_size: Images that are answered at once.
        dtype_policy: Keras's name of the arithmetic, such as "float32".
        repetitions: How often each piece was timed.
        versions: {"tensorflow": "2.21.0", ...} of what computed.
        overhead: What a call of any network takes beyond its pieces.
        milliseconds: The latency of every piece.

    Raises:
        InvalidInput: A value is out of range.
    """

    device: str
    batch_size: int
    dtype_policy: str
    repetitions: int
    versions: Mapping[str, str]
    overhead: float
    milliseconds: Mapping[Piece, float]

    def __post_init__(self) -> None:
        for name in ("batch_size", "repetitions"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InvalidInput(
                    f"`{name}` of a latency table must be a whole number, at least 1: "
                    f"given {value!r}"
                )
        for name, value in (("overhead", self.overhead), *self.milliseconds.items()):
            if not (math.isfinite(value) and value >= 0):
                raise InvalidInput(
                    f"a latency must be a finite number of milliseconds, 0 or more: given {value} "
                    f"of {name}"
                )

    def edge_latencies(self, cells: CellSpace, skeleton: Skeleton) -> dict[str, np.ndarray]:
        """What every candidate operation on every edge takes, summed over the cells of a kind.

        Args:
            cells: The cell space.
            skeleton: The plan of the network.

        Returns:
            {kind: float64 (edges, ops)}, milliseconds; `none` takes none.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        tables = {kind: np.zeros((cells.num_edges, cells.num_operations)) for kind in cells.kinds}
        for plan in skeleton.plan(cells.num_nodes):
            tables[plan.kind] += self.cell_latencies(cells, plan)
        return tables

    def cell_latencies(self, cells: CellSpace, plan: CellPlan) -> np.ndarray:
        """What every candidate operation on every edge of one cell takes.

        Args:
            cells: The cell space.
            plan: The cell's place in the network.

        Returns:
            float64 (edges, ops), milliseconds.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        return np.array(
            [
                [self._edge(plan, edge.source, operation) for operation in cells.primitives]
                for edge in cells.edges
            ],
            np.float64,
        )

    def network_latency(self, num_nodes: int, skeleton: Skeleton) -> float:
        """What every child network of a skeleton takes, its edges left out.

        Args:
            num_nodes: Number of intermediate nodes of a cell.
            skeleton: The plan of the network.

        Returns:
            Milliseconds: overhead, stem, preprocessing, concatenations, classifier; less one
            addition a node, for each edge brings one and the first into a node needs none.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        pieces = sum(self._of(piece) for piece in common_pieces(skeleton, num_nodes))
        firsts = sum(self._of(addition_piece(plan)) for plan in skeleton.plan(num_nodes))
        return self.overhead + pieces - num_nodes * firsts

    def predict(self, genotype: Genotype, skeleton: Skeleton) -> float:
        """The latency of a whole child network.

        Args:
            genotype: The architecture.
            skeleton: The plan of the network.

        Returns:
            Milliseconds for one batch of `batch_size` images.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        total = self.network_latency(genotype.num_nodes, skeleton)
        for plan in skeleton.plan(genotype.num_nodes):
            for source, _, operation in genotype.connections(plan.kind):
                total += self._edge(plan, source, operation)
        return float(total)

    def check_device(self, name: str) -> None:
        """Checks that the table is of a device.

        Args:
            name: The device, as `snas_tf.networks.device_name` names it.

        Raises:
            InvalidInput: It is of another.
        """
        if name != self.device:
            raise InvalidInput(
                f"the latency table must be of the device {name!r}: given one of {self.device!r}; "
                "do measure here with --mode=latency, or, to search for that device on purpose, "
                f"set --config.search.latency_device={shlex.quote(self.device)}"
            )

    def to_json(self) -> str:
        """The table as JSON: the schema's version, how it was measured, and a record a piece."""
        entries = [
            {**piece._asdict(), "milliseconds": value} for piece, value in self.milliseconds.items()
        ]
        head = {name: getattr(self, name) for name in _FIELDS if name != "entries"}
        data = {json_record.VERSION: SCHEMA_VERSION, **head, "versions": dict(self.versions)}
        text = json.dumps(data, indent=2, ensure_ascii=False)
        lines = ",\n    ".join(json.dumps(entry) for entry in entries)
        # A record a line: fifty of them spread over lines of their own would be no table.
        return f'{text[:-2]},\n  "entries": [\n    {lines}\n  ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> LatencyTable:
        """Reads what `to_json` wrote.

        Args:
            text: JSON.

        Returns:
            The table.

        Raises:
            InvalidInput: The text is no JSON, of another schema, or describes no latency table.
        """
        data = json_record.read(text, "a latency table", SCHEMA_VERSION)
        wrong = sorted({*_FIELDS} ^ {*data})
        if wrong:
            raise InvalidInput(
                f"a latency table must have {', '.join(_FIELDS)}, nothing else: "
                f"missing or unknown {', '.join(wrong)}"
            )
        for name, kind in _FIELDS.items():
            if not _is(data[name], kind):
                raise InvalidInput(
                    f"`{name}` of a latency table must be {_WORDS[kind]}: given {data[name]!r}"
                )
        entries = [_entry(record) for record in data.pop("entries")]
        if len({piece for piece, _ in entries}) < len(entries):
            raise InvalidInput("a latency table must have one entry a piece: one stands twice")
        return cls(**data, milliseconds=dict(entries))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the table as JSON."""
        pathlib.Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LatencyTable:
        """Reads a JSON file.

        Raises:
            InvalidInput: The file cannot be read or holds no latency table.
        """
        text = json_record.load(path, "a latency table of --mode=latency")
        try:
            return cls.from_json(text)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {error}") from error

    def _edge(self, plan: CellPlan, source: int, operation: str) -> float:
        """An operation on an edge, and its addition to the sum of the node."""
        if operation == "none":
            return 0.0
        return self._of(operation_piece(plan, source, operation)) + self._of(addition_piece(plan))

    def _of(self, piece: Piece) -> float:
        if piece not in self.milliseconds:
            raise InvalidInput(
                f"the latency table has no {piece}: it was measured for another skeleton or space; "
                "do measure this one: --mode=latency with the same --config and keys"
            )
        return self.milliseconds[piece]


_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "an object",
    list: "a list",
}


def _is(value: Any, kind: type) -> bool:
    """Whether a value of JSON is of a kind; a whole number is a number too, true is neither."""
    return type(value) is kind or (kind is float and type(value) is int)


def _entry(record: Any) -> tuple[Piece, float]:
    """A record of JSON as a piece and its milliseconds."""
    kinds = (str, int, int, list, int, float)
    names = (*Piece._fields, "milliseconds")
    resolution = record.get("resolution") if isinstance(record, dict) else None
    if (
        not isinstance(record, dict)
        or {*record} != {*names}
        or not all(_is(record[name], kind) for name, kind in zip(names, kinds, strict=True))
        or [type(size) for size in resolution] != [int, int]
    ):
        raise InvalidInput(
            f"an entry of a latency table must have {', '.join(names)}, the resolution a list of "
            f"two whole numbers: given {record!r}"
        )
    fields = {name: record[name] for name in Piece._fields}
    return Piece(**{**fields, "resolution": tuple(resolution)}), float(record["milliseconds"])
