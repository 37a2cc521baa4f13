# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a cell in which a search went astray.

empty cell: nothing leads from its inputs to its nodes, so the child network has no more than its
stem, the preprocessing and the classifier where such cells are.

nodes without inputs: more than half of the nodes are so, and stay in the output as zeros. Half of
them may be, as two of four are in the published reduction cell of SNAS_AGGRESSIVE.

skip connections: at least three quarters of the operations are `skip_connect`, the collapse that
DARTS is known for (arXiv 1909.09656). SNAS_AGGRESSIVE has most of all published cells, five of
eight, and the next number in such a cell is six.

Measured on the digits with the default config: at most 6 skip connections among 14 operations, and
7 among 12 under the aggressive constraint. Ten times that constraint gives 7 skip connections among
9 operations for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.operations import operation

if TYPE_CHECKING:
    from snas_tf.space.cells.cell_space import CellSpace

EMPTY_CELL = "empty cell"
NODES_WITHOUT_INPUTS = "nodes without inputs"
SKIP_CONNECTIONS = "skip connections"

_MOST_WITHOUT_INPUTS = 0.5  # of the nodes
_TOO_MANY_SKIPS = 0.75  # of the operations


def defects(genotype: Genotype, kind: str, cells: CellSpace) -> Iterator[tuple[str, str]]:
    """What is wrong with a cell of a genotype; an empty one has no more to be said of it.

    Args:
        genotype: The genotype.
        kind: A kind of cell of the space.
        cells: The space.

    Yields:
        What is wrong, and the sentence that tells it.
    """
    called, connections = cells.title(kind), genotype.connections(kind)
    reached = {*range(genotype.num_inputs)}
    for source, node, _ in connections:  # sorted by their nodes, so sources come first
        if source in reached:
            reached.add(node)
    without = genotype.num_inputs + genotype.num_nodes - len(reached)
    # Where the last node is all that a cell gives, nothing comes of those before it by themselves.
    is_empty = cells.output == "last_node" and cells.nodes[-1] not in reached
    skips = sum(operation(name).group == "skip" for _, _, name in connections)
    remedy = (
        "do lower search.resource_weight or raise the target where the search minds cost, else "
        "lower search.architecture_learning_rate"
    )
    if is_empty or without == genotype.num_nodes:
        yield (
            EMPTY_CELL,
            f"the {called} is empty: no operations lead from its inputs to what it gives, so "
            f"that it is zeros; {remedy}",
        )
        return
    if without > _MOST_WITHOUT_INPUTS * genotype.num_nodes:
        yield (
            NODES_WITHOUT_INPUTS,
            f"the {called} is nearly empty: {without} of its {genotype.num_nodes} nodes get "
            f"nothing from its inputs and are zeros; {remedy}",
        )
    has_choice = any(operation(name).group not in ("none", "skip") for name in cells.primitives)
    if has_choice and skips >= _TOO_MANY_SKIPS * len(connections):
        yield (
            SKIP_CONNECTIONS,
            f"the {called} drowns in skip connections: {skips} of its {len(connections)} "
            f"operations are skip_connect, which learn little or nothing; {remedy}",
        )
