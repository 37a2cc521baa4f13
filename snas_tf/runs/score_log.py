# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Scores in a file as they are computed, so that who scores many networks may be stopped.

    {"schema_version":1,"holds":"scores","of":{...},"crc32":"..."}
    {"network":"0 |none~0|...","scores":{"naswot":1441.49,"parameters":73306.0},"crc32":"..."}

A score of minus infinity is null.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from etils import epath

from snas_tf.runs import checked_lines, files
from snas_tf.space import json_record

_SCHEMA_VERSION = 1


class ScoreLog:
    """The scores of networks by their names, in a file of one writer.

    Args:
        path: The file; its folder exists.
        of: What all scores depend on, plain data. A file of something else is begun anew.
    """

    def __init__(self, path: epath.Path, of: Mapping[str, Any]) -> None:
        self._path = path
        header = {json_record.VERSION: _SCHEMA_VERSION, "holds": "scores", "of": {**of}}
        self._header = checked_lines.line(header)
        self._whole = 0  # of what the file holds; what is beyond is torn, or of something else

    def read(self) -> dict[str, dict[str, float]]:
        """The scores that are there; of a file that is torn or damaged, those before that."""
        content = self._path.read_bytes() if self._path.exists() else b""
        self._whole = 0
        found: dict[str, dict[str, float]] = {}
        if not content.startswith(self._header):
            return found
        self._whole = len(self._header)
        for text in content[self._whole :].split(b"\n")[:-1]:
            record = checked_lines.record(text)
            if record is None:
                break
            self._whole += len(text) + 1
            found[record["network"]] = {
                name: -math.inf if value is None else value
                for name, value in record["scores"].items()
            }
        return found

    def add(self, network: str, scores: Mapping[str, float]) -> None:
        """Writes the scores of a network; they are on the disk before the call returns.

        Args:
            network: Its name, which no other one has.
            scores: Numbers, none of them NaN or infinite but minus infinity.

        Raises:
            OSError: The file cannot be written; what it held stays.
        """
        kept = {name: None if value == -math.inf else value for name, value in scores.items()}
        line = checked_lines.line({"network": network, "scores": kept})
        lines = line if self._whole else self._header + line
        files.append(self._path, lines, at=self._whole)
        self._whole += len(lines)
