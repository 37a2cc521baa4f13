# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The trials of a search in a file: a line a record, each with a checksum, none ever changed.

    {"schema_version":1,"holds":"trials","crc32":"..."}
    {"proposed":0,"architecture":{...},"crc32":"..."}
    {"ended":0,"metrics":{"accuracy":0.91},"seconds":12.5,"crc32":"..."}

What a power failure or a full disk left of a last record is left out, and written over.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from absl import logging
from etils import epath

from snas_tf.black_box.trial import Trial
from snas_tf.errors import Failure, InvalidInput
from snas_tf.runs import checked_lines, files
from snas_tf.space import Space, json_record

SCHEMA_VERSION = 1


class TrialLogFile:
    """A `TrialLog` in a file of one writer; every record is on the disk before the call returns.

    Args:
        path: The file; its folder exists. In an object store it is written anew for every record.
        space: What the architectures are of.
    """

    def __init__(self, path: epath.PathLike, space: Space) -> None:
        self._path, self._space = epath.Path(path), space
        self._size: int | None = None  # of the file as this writer knows it; None before reading
        self._whole = 0  # of its records; what is beyond is torn

    def read(self) -> list[Trial]:
        """The trials: those that ended, in the order in which they ended, then the others.

        Raises:
            InvalidInput: The file is no log of trials of this space, or a record within is damaged.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = b""
        records, self._whole = self._records(content)
        self._size = len(content)
        if self._whole < self._size:
            logging.warning(
                "The last record of %s is not whole and is left out; its trial is done again",
                self._path,
            )
        return self._trials(records)

    def propose(self, trial: Trial) -> None:
        """Records a trial, before it is evaluated.

        Raises:
            Failure: Another process writes the file.
            OSError: It cannot be written; what it held stays.
        """
        record = {
            "proposed": trial.number,
            "architecture": json.loads(trial.architecture.to_json()),
        }
        if trial.parent is not None:
            record["parent"] = trial.parent
        self._append(record)

    def end(self, trial: Trial) -> None:
        """Records what came of a trial.

        Raises:
            Failure: Another process writes the file.
            OSError: It cannot be written; what it held stays.
        """
        outcome = {"failure": trial.failure} if trial.failure else {"metrics": {**trial.metrics}}
        self._append({"ended": trial.number, **outcome, "seconds": trial.seconds})

    def _append(self, record: dict[str, Any]) -> None:
        if self._size is None:
            self.read()
        lines = checked_lines.line(record) if self._whole else _HEADER + checked_lines.line(record)
        size = self._path.stat().length if self._path.exists() else 0
        if size != self._size:
            raise Failure(
                f"another process writes {self._path}; every search needs a log of its own, and "
                "what this one recorded so far is safe"
            )
        files.append(self._path, lines, at=self._whole)
        self._whole += len(lines)
        self._size = self._whole

    def _records(self, content: bytes) -> tuple[list[dict[str, Any]], int]:
        """The records, without the header, and how long they are altogether."""
        if _HEADER.startswith(content):  # empty, or torn when it was begun
            return [], len(content) if content == _HEADER else 0
        lines = content.split(b"\n")
        parsed = [checked_lines.record(line) for line in lines[:-1]]  # the last one is empty
        whole = parsed.index(None) if None in parsed else len(parsed)
        if not whole:
            raise InvalidInput(f"a log of trials must begin with its schema: {self._path} does not")
        json_record.read(json.dumps(parsed[0]), f"{self._path}, a log of trials,", SCHEMA_VERSION)
        if any(parsed[whole:]):
            raise InvalidInput(
                f"line {whole + 1} of {self._path} is damaged, though others follow: do restore "
                f"the file, or cut it to its first {whole} lines, which loses the trials after them"
            )
        return parsed[1:whole], sum(len(line) + 1 for line in lines[:whole])

    def _trials(self, records: Iterable[dict[str, Any]]) -> list[Trial]:
        ended: list[Trial] = []
        running: dict[int, Trial] = {}
        for line, record in enumerate(records, start=2):
            try:
                if "proposed" in record:
                    self._propose(record, running, len(ended))
                else:
                    ended.append(_ended(running.pop(record["ended"]), record))
            except (KeyError, TypeError, InvalidInput) as error:
                raise InvalidInput(
                    f"line {line} of {self._path} is no record of a trial of this space ({error}); "
                    "do give the space that the search was begun with, or another log"
                ) from error
        return [*ended, *running.values()]

    def _propose(self, record: dict[str, Any], running: dict[int, Trial], ended: int) -> None:
        number = record["proposed"]
        if number != ended + len(running):
            raise InvalidInput(f"trial {number} after {ended + len(running)} others")
        architecture = self._space.from_json(json.dumps(record["architecture"]))
        running[number] = Trial(number, architecture, record.get("parent"))


def _ended(trial: Trial, record: dict[str, Any]) -> Trial:
    outcome = {name: record[name] for name in ("metrics", "failure") if name in record}
    return dataclasses.replace(trial, seconds=record["seconds"], **outcome)


_HEADER = checked_lines.line({json_record.VERSION: SCHEMA_VERSION, "holds": "trials"})
