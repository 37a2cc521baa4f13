# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a reader wants to know first: which network to use, and how good it is."""

from __future__ import annotations

import dataclasses

from snas_tf.reports import notation
from snas_tf.reports.result import Result

_COMPARED = ("better than", "as good as")
"""How a reason begins that compares networks, which is done by validation."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Headline:
    """The network that leaves a run.

    Attributes:
        file: The name of its file in the run directory.
        network: What it is, such as "the child that the search left".
        reason: Why it and no other, such as "better than ..."; "" where there is no other.
        result: What it was measured at last: on test images, or on validation images before.
        unit: What was counted: "images", or of graphs "nodes".
    """

    file: str
    network: str
    reason: str
    result: Result
    unit: str = "images"

    @property
    def figure(self) -> str:
        """Its accuracy, "97.49 %"."""
        return notation.percent(self.result.accuracy)

    @property
    def measured(self) -> str:
        """What the accuracy is of, with its interval."""
        result = self.result
        told = f"of {result.count:,} {result.split} {self.unit} right"
        if result.count and (interval := result.interval()):
            low, high = (notation.percent(each, digits=1) for each in interval)
            told += f" (95 % interval {low} to {high})"
        return told

    @property
    def use(self) -> str:
        """Which file to use, in a sentence."""
        told = f"Use {self.file}: {self.network}"
        if self.reason.startswith(_COMPARED):
            return f"{told}, on validation {self.unit} {self.reason}."
        return f"{told}, {self.reason}." if self.reason else f"{told}."

    @property
    def caveat(self) -> str:
        """What is yet to be measured; "" where nothing is."""
        if self.result.split == "test":
            return ""
        return (
            f"The network was chosen by these {self.unit}, so expect a little less of new ones; "
            f"--mode=evaluate measures it on test {self.unit} that nothing has looked at."
        )
