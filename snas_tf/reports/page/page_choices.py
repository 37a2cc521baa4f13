# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""An architecture of any decisions on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snas_tf import space
from snas_tf.reports import choices
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import table


def section(
    architecture: space.Architecture, searched: space.DecisionSpace, uses: Sequence[str]
) -> Iterator[Markup]:
    """What an architecture chooses.

    Args:
        architecture: An architecture of the space.
        searched: The space.
        uses: The decisions that have a part in the networks.

    Yields:
        The tables.
    """
    for found in choices.tables(architecture, searched, uses):
        head = element("tr", *(element("th", heading) for heading in found.headings))
        yield table(head, [_row(line) for line in found.lines])


def _row(line: Sequence[str]) -> Markup:
    place, *chosen = line
    codes = (element("td", element("code", option)) for option in chosen)
    return element("tr", element("td", place), *codes)
