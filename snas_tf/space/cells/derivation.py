# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The rules by which scores of the operations choose what a cell keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from snas_tf.space.cells.genotype import Connection

if TYPE_CHECKING:
    from snas_tf.space.cells.cell_space import CellSpace


def argmax(scores: np.ndarray, cells: CellSpace) -> Iterator[Connection]:
    """The operation with the highest score on every edge, the first of equals.

    An edge where that is `none` vanishes (section 2.1 of arXiv 1812.09926).

    Args:
        scores: (edges, ops), probabilities or whatever has the same order.
        cells: The cell space.

    Yields:
        The connections that are kept.
    """
    for edge, row in zip(cells.edges, scores, strict=True):
        operation = cells.primitives[int(row.argmax())]
        if operation != "none":
            yield Connection(*edge, operation)


def top2(scores: np.ndarray, cells: CellSpace) -> Iterator[Connection]:
    """The two strongest edges into each node, with their best operation other than `none`.

    An edge is as strong as the score of that operation (DARTS, arXiv 1806.09055).

    Args:
        scores: (edges, ops), probabilities or whatever has the same order.
        cells: The cell space.

    Yields:
        The connections that are kept.
    """
    columns = [column for column, name in enumerate(cells.primitives) if name != "none"]
    if not columns:
        return
    strongest = scores[:, columns].max(axis=1)
    for node in cells.nodes:
        arriving = [row for row, edge in enumerate(cells.edges) if edge.node == node]
        for row in sorted(arriving, key=lambda row: -strongest[row])[:2]:
            best = columns[int(scores[row, columns].argmax())]
            yield Connection(*cells.edges[row], cells.primitives[best])


RULES: Mapping[str, Callable[[np.ndarray, CellSpace], Iterator[Connection]]] = {
    "argmax": argmax,
    "top2": top2,
}
"""`argmax` on every edge, as SNAS does, or the two strongest edges into a node, as DARTS does."""
