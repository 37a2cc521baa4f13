# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the layers of a child network are called, also where it is written in Keras's own layers."""

from __future__ import annotations

from snas_tf import space


def cell_name(plan: space.CellPlan) -> str:
    """What the names of a cell's layers begin with, such as "cell_2_reduction".

    Args:
        plan: The cell's plan.
    """
    return f"cell_{plan.index}_{plan.kind}"


HEAD = "head"
"""[BN, ReLU] before the classifier, where the skeleton has it."""


def block_name(plan: space.CellPlan) -> str:
    """The name of the residual block before a cell, such as "block_5".

    Args:
        plan: The cell's plan.
    """
    return f"block_{plan.index}"


def edge_name(plan: space.CellPlan, connection: space.Connection) -> str:
    """The name of an edge: cell, source, node and operation, as the genotype numbers them.

    Args:
        plan: The cell's plan.
        connection: The edge and its operation.
    """
    source, node, name = connection
    return f"{cell_name(plan)}_{source}_{node}_{space.operation(name).label}"
