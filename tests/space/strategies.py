# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Random genotypes and skeletons for hypothesis."""

from hypothesis import strategies as st

from snas_tf import space

# `none` more often than the others, so that empty nodes and unused inputs are common.
_OPERATIONS = st.sampled_from((*space.PRIMITIVES, "none", "none", "none"))


@st.composite
def genotypes(draw, most_nodes=5, least_nodes=1):
    cells = space.CellSpace(draw(st.integers(least_nodes, most_nodes)))
    operations = st.lists(_OPERATIONS, min_size=cells.num_edges, max_size=cells.num_edges)
    normal, reduction = (
        [
            space.Connection(*edge, operation)
            for edge, operation in zip(cells.edges, draw(operations), strict=True)
            if operation != "none"
        ]
        for _ in space.KINDS
    )
    return space.Genotype(
        {"normal": tuple(normal), "reduction": tuple(reduction)}, num_nodes=cells.num_nodes
    )


@st.composite
def skeletons(draw, most_cells=4, most_pixels=9):
    size = st.integers(1, most_pixels)
    return space.Skeleton(
        num_cells=draw(st.integers(1, most_cells)),
        init_channels=draw(st.sampled_from((2, 4, 6))),
        num_classes=draw(st.integers(1, 4)),
        image_shape=(draw(size), draw(size), draw(st.integers(1, 3))),
        stem=draw(st.sampled_from(space.STEMS)),
    )
