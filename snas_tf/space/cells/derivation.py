# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""From probabilities to the genotype that a search found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_space import KINDS, CellSpace
from snas_tf.space.cells.genotype import Connection, Genotype

RULES = ("argmax", "top2")
"""`argmax` on every edge, as SNAS does, or the two strongest edges into a node, as DARTS does."""


def derive(
    probabilities: Mapping[str, np.ndarray], cells: CellSpace, rule: str = "argmax"
) -> Genotype:
    """Reads a genotype off the probabilities of the operations; ties go to the first.

    Args:
        probabilities: {kind: (edges, ops)}; any scores in the same order do as well.
        cells: The cell space.
        rule: "argmax" keeps the most probable operation of every edge, and an edge where that is
            `none` vanishes (section 2.1 of arXiv 1812.09926). "top2" keeps, into each node, the
            two edges whose most probable operation other than `none` is strongest (DARTS, arXiv
            1806.09055).

    Returns:
        The genotype.

    Raises:
        InvalidInput: The rule is unknown, or an array has another shape or holds NaN.
    """
    if rule not in RULES:
        raise InvalidInput(f"`rule` must be one of {', '.join(RULES)}: given {rule!r}")
    shape = (cells.num_edges, cells.num_operations)
    read = _argmax if rule == "argmax" else _top2
    connections = {}
    for kind in KINDS:
        values = np.asarray(probabilities[kind])
        if values.shape != shape:
            raise InvalidInput(
                f"`probabilities` of the {kind} cell must be {shape} (edges, operations): "
                f"given {values.shape}"
            )
        if np.isnan(values).any():
            raise InvalidInput(
                f"`probabilities` of the {kind} cell must be numbers: given NaN, as after a search "
                "that diverged; do lower its learning rates"
            )
        connections[kind] = tuple(read(values, cells))
    return Genotype(connections["normal"], connections["reduction"], cells.num_nodes)


def one_hot(genotype: Genotype, cells: CellSpace) -> dict[str, np.ndarray]:
    """The decisions Z of a genotype, what `derive` reads it off.

    Args:
        genotype: A genotype of the cell space.
        cells: The cell space.

    Returns:
        {kind: float32 (edges, ops)}, one-hot rows; of an edge that it has not, `none`, or nothing
        but zeros in a space without it.
    """
    found = {}
    for kind in KINDS:
        chosen = {(edge.source, edge.node): edge.operation for edge in genotype.connections(kind)}
        names = [chosen.get(edge, "none") for edge in cells.edges]
        found[kind] = np.array(
            [[name == other for other in cells.primitives] for name in names], np.float32
        )
    return found


def _argmax(probabilities: np.ndarray, cells: CellSpace) -> Iterator[Connection]:
    for edge, row in zip(cells.edges, probabilities, strict=True):
        operation = cells.primitives[int(row.argmax())]
        if operation != "none":
            yield Connection(*edge, operation)


def _top2(probabilities: np.ndarray, cells: CellSpace) -> Iterator[Connection]:
    columns = [column for column, name in enumerate(cells.primitives) if name != "none"]
    if not columns:
        return
    strongest = probabilities[:, columns].max(axis=1)
    for node in cells.nodes:
        arriving = [row for row, edge in enumerate(cells.edges) if edge.node == node]
        for row in sorted(arriving, key=lambda row: -strongest[row])[:2]:
            best = columns[int(probabilities[row, columns].argmax())]
            yield Connection(*cells.edges[row], cells.primitives[best])
