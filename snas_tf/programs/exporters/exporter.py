# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What --mode=export must be told of a kind of examples."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from snas_tf import serving
from snas_tf.networks import ImageNetwork
from snas_tf.serving.saved_model import Describe


class Exporter(Protocol):
    """Writes a network with the signatures of its examples, and measures what was written.

    Attributes:
        examples: What a request holds, "images" or "graphs".
        answer: What is compared, "probability" or "value".
    """

    examples: str
    answer: str

    def write(
        self, network: ImageNetwork, folder: pathlib.Path, describe: Describe
    ) -> serving.Exported:
        """Writes the next version.

        Args:
            network: The network.
            folder: Where the versions lie.
            describe: As for `serving.export`.

        Raises:
            InvalidInput: An extra format is unknown, or its packages are missing.
            Failure: What was written does not pass; nothing of it is left.
        """
        ...

    def measured(
        self, draft: pathlib.Path, formats: Mapping[str, pathlib.Path]
    ) -> Mapping[str, Any]:
        """How well a verified draft and the files of its extra formats do, for the metadata.

        Returns:
            {name of what was measured: {format: value}}, and on how many examples.
        """
        ...

    def lines(self, exported: serving.Exported) -> Sequence[str]:
        """What is told of the signatures and of what was measured."""
        ...
