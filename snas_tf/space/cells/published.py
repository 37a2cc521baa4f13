# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Genotypes that the papers' authors published, read from their released code.

Each node is given as the operations on the edges that arrive at it and the nodes these come from.
"""

from __future__ import annotations

from snas_tf.space.cells.genotype import Connection, Genotype

_Arrivals = tuple[tuple[str, int], ...]


def _genotype(normal: tuple[_Arrivals, ...], reduction: tuple[_Arrivals, ...]) -> Genotype:
    return Genotype({"normal": _connections(normal), "reduction": _connections(reduction)})


def _connections(nodes: tuple[_Arrivals, ...]) -> tuple[Connection, ...]:
    return tuple(
        Connection(source, node, operation)
        for node, arrivals in enumerate(nodes, start=2)
        for operation, source in arrivals
    )


PUBLISHED = {
    "SNAS_MILD": _genotype(
        normal=(
            (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
            (("skip_connect", 0), ("dil_conv_3x3", 1)),
            (("skip_connect", 0), ("skip_connect", 1)),
            (("skip_connect", 0), ("sep_conv_3x3", 1)),
        ),
        reduction=(
            (("max_pool_3x3", 0), ("max_pool_3x3", 1)),
            (("max_pool_3x3", 1), ("skip_connect", 2)),
            (("max_pool_3x3", 1), ("skip_connect", 2)),
            (("max_pool_3x3", 0), ("dil_conv_5x5", 2)),
        ),
    ),
    "SNAS_MODERATE": _genotype(
        normal=(
            (("dil_conv_5x5", 0), ("skip_connect", 1)),
            (("sep_conv_3x3", 0), ("skip_connect", 1)),
            (("skip_connect", 0), ("skip_connect", 1)),
            (("sep_conv_3x3", 0), ("dil_conv_5x5", 1)),
        ),
        reduction=(
            (("max_pool_3x3", 0), ("max_pool_3x3", 1)),
            (("sep_conv_5x5", 0), ("dil_conv_5x5", 1)),
            (("sep_conv_5x5", 0), ("sep_conv_5x5", 1)),
            (("sep_conv_5x5", 0), ("sep_conv_5x5", 1)),
        ),
    ),
    "SNAS_AGGRESSIVE": _genotype(
        normal=(
            (("sep_conv_5x5", 0), ("skip_connect", 1)),
            (("skip_connect", 0), ("skip_connect", 1)),
            (("skip_connect", 0), ("dil_conv_5x5", 1)),
            (("skip_connect", 0), ("dil_conv_5x5", 1)),
        ),
        reduction=((("sep_conv_5x5", 0),), (("sep_conv_5x5", 0),), (), ()),
    ),
    "DARTS_V1": _genotype(
        normal=(
            (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
            (("skip_connect", 0), ("sep_conv_3x3", 1)),
            (("skip_connect", 0), ("sep_conv_3x3", 1)),
            (("sep_conv_3x3", 0), ("skip_connect", 2)),
        ),
        reduction=(
            (("max_pool_3x3", 0), ("max_pool_3x3", 1)),
            (("max_pool_3x3", 0), ("skip_connect", 2)),
            (("max_pool_3x3", 0), ("skip_connect", 2)),
            (("avg_pool_3x3", 0), ("skip_connect", 2)),
        ),
    ),
    "DARTS_V2": _genotype(
        normal=(
            (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
            (("sep_conv_3x3", 0), ("sep_conv_3x3", 1)),
            (("skip_connect", 0), ("sep_conv_3x3", 1)),
            (("skip_connect", 0), ("dil_conv_3x3", 2)),
        ),
        reduction=(
            (("max_pool_3x3", 0), ("max_pool_3x3", 1)),
            (("max_pool_3x3", 1), ("skip_connect", 2)),
            (("max_pool_3x3", 0), ("skip_connect", 2)),
            (("max_pool_3x3", 1), ("skip_connect", 2)),
        ),
    ),
}
"""Genotype by name: the three of SNAS (edges by argmax) and the two of DARTS (top 2)."""
