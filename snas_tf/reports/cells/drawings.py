# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The pictures that a report leaves beside its page."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.figure import Figure

from snas_tf import space
from snas_tf.reports.cells.cell_drawing import draw_cell
from snas_tf.reports.report import Report


def drawings(report: Report) -> Iterator[tuple[str, Figure]]:
    """Pictures of what was found: of every cell; of other spaces there are none.

    Args:
        report: What to tell.

    Yields:
        The decision and its picture.
    """
    if report.architecture is not None and isinstance(report.space, space.CellSpace):
        for kind in report.uses:
            yield kind, draw_cell(report.architecture, kind, report.space.output)
