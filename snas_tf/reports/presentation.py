# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How what was found is told and drawn: each family of spaces may do it in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

import rich.console
from matplotlib.figure import Figure

from snas_tf.reports.page.markup import Markup

if TYPE_CHECKING:
    from snas_tf.reports.report import Report


class Presentation(Protocol):
    """Tells of the architecture of a report, which is there, on a page and in a terminal.

    Attributes:
        title: The heading above it, such as "The cells".
        noun: What the architecture is called, such as "genotype".
        words: What the words mean that only this family has, {"cell": "..."}.
    """

    title: str
    noun: str
    words: Mapping[str, str]

    def section(self, report: Report) -> Iterator[Markup]:
        """What stands on the page, below the heading."""
        ...

    def terminal(self, report: Report) -> Iterator[rich.console.RenderableType]:
        """What the terminal shows, readable at 80 columns; an empty line stands before each."""
        ...

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """The pictures that are left beside the page, each with a name for its file."""
        ...
