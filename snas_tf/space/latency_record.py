# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What all tables of latencies say: on what, and how, the milliseconds were measured."""

from __future__ import annotations

import json
import math
import os
import pathlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from snas_tf.errors import InvalidInput
from snas_tf.space import json_record

_HEAD = {
    "device": str,
    "batch_size": int,
    "dtype_policy": str,
    "repetitions": int,
    "versions": dict,
}
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    dict: "an object",
    list: "a list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRecord:
    """Milliseconds that were measured for one batch, in a file of JSON.

    Attributes:
        device: What they were measured on, by name.
        batch_size: Examples that are answered at once.
        dtype_policy: Keras's name of the arithmetic, such as "float32".
        repetitions: How often each was timed.
        versions: {"tensorflow": "2.21.0", ...} of what computed.

    Raises:
        InvalidInput: A value is out of range.
    """

    schema_version: ClassVar[int] = 1
    fields: ClassVar[Mapping[str, type]] = {}
    """{key: kind} of what the file holds beside the attributes above."""

    device: str
    batch_size: int
    dtype_policy: str
    repetitions: int
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("batch_size", "repetitions"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InvalidInput(
                    f"`{name}` of a latency table must be a whole number, at least 1: "
                    f"given {value!r}"
                )
        for name, value in self.measured():
            if not (math.isfinite(value) and value >= 0):
                raise InvalidInput(
                    f"a latency must be a finite number of milliseconds, 0 or more: given {value} "
                    f"of {name}"
                )

    def measured(self) -> Iterable[tuple[Any, float]]:
        """All latencies, each with what it is of."""
        raise NotImplementedError

    def entries(self) -> list[dict[str, Any]]:
        """The records of the file."""
        raise NotImplementedError

    @classmethod
    def of_entries(cls, data: dict[str, Any], entries: list[Any]) -> Self:
        """The table of such records.

        Args:
            data: All attributes but those that the records hold.
            entries: As `entries`, not checked.

        Raises:
            InvalidInput: One is none.
        """
        raise NotImplementedError

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
        """The table as JSON: the schema's version, how it was measured, and a record an entry."""
        head = {name: getattr(self, name) for name in (*_HEAD, *self.fields)}
        data = {json_record.VERSION: self.schema_version, **head, "versions": dict(self.versions)}
        text = json.dumps(data, indent=2, ensure_ascii=False)
        lines = ",\n    ".join(json.dumps(entry) for entry in self.entries())
        # A record a line: fifty of them spread over lines of their own would be no table.
        return f'{text[:-2]},\n  "entries": [\n    {lines}\n  ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote.

        Args:
            text: JSON.

        Returns:
            The table.

        Raises:
            InvalidInput: The text is no JSON, of another schema, or describes no such table.
        """
        data = json_record.read(text, "a latency table", cls.schema_version)
        kinds = {**_HEAD, **cls.fields, "entries": list}
        if wrong := sorted({*kinds} ^ {*data}):
            raise InvalidInput(
                f"a latency table must have {', '.join(kinds)}, nothing else: "
                f"missing or unknown {', '.join(wrong)}"
            )
        for name, kind in kinds.items():
            if not is_of(data[name], kind):
                raise InvalidInput(
                    f"`{name}` of a latency table must be {_WORDS[kind]}: given {data[name]!r}"
                )
        return cls.of_entries(data, data.pop("entries"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the table as JSON."""
        pathlib.Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Reads a JSON file.

        Raises:
            InvalidInput: The file cannot be read or holds no such table.
        """
        text = json_record.load(path, "a latency table of --mode=latency")
        try:
            return cls.from_json(text)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {error}") from error


def is_of(value: Any, kind: type) -> bool:
    """Whether a value of JSON is of a kind; a whole number is a number too, true is neither."""
    return type(value) is kind or (kind is float and type(value) is int)


def refuse_twice(entries: list[tuple[Any, float]]) -> None:
    """Refuses entries of which two are of one thing."""
    if len({what for what, _ in entries}) < len(entries):
        raise InvalidInput("a latency table must have one entry a piece: one stands twice")
