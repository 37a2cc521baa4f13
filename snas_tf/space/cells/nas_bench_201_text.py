# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How NAS-Bench-201 writes a cell (arXiv 2001.00326): |op~0|+|op~0|op~1|+|op~0|op~1|op~2|.

The edges into a node stand between two plus signs, `~j` is the node that an edge leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from snas_tf.errors import InvalidInput

NUM_NODES = 3
"""Intermediate nodes of its cells, behind the one input."""

OPERATION_NAMES: Mapping[str, str] = {
    "none": "none",
    "skip_connect": "skip_connect",
    "nor_conv_1x1": "nor_conv_1x1",
    "nor_conv_3x3": "nor_conv_3x3",
    "avg_pool_3x3": "avg_pool_3x3_plain",
}
"""Its operations, in its order, and what they are called here: its pooling is another one."""

_EDGES = tuple((source, node) for node in range(1, NUM_NODES + 1) for source in range(node))
_FORM = "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|"


def read(text: str) -> tuple[tuple[int, int, str], ...]:
    """The edges of a cell, but those of `none`.

    Args:
        text: Such as "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|".

    Returns:
        (source, node, operation) each, operations as they are called here.

    Raises:
        InvalidInput: The text is none of the 15,625 cells.
    """
    nodes = text.strip().split("+") if isinstance(text, str) else []
    parts = [
        (part, node)
        for node, edges in enumerate(nodes, start=1)
        for part in (edges[1:-1].split("|") if edges[:1] == edges[-1:] == "|" else [edges])
    ]
    found = []
    for part, node in parts:
        name, _, source = part.partition("~")
        found.append((int(source) if source in ("0", "1", "2") else -1, node, name))
    if [(source, node) for source, node, _ in found] != [*_EDGES] or any(
        name not in OPERATION_NAMES for _, _, name in found
    ):
        raise InvalidInput(
            f"a cell of NAS-Bench-201 must read {_FORM} with operations among "
            f"{', '.join(OPERATION_NAMES)}: given {text!r}"
        )
    return tuple(
        (source, node, OPERATION_NAMES[name]) for source, node, name in found if name != "none"
    )


def write(connections: Iterable[tuple[int, int, str]]) -> str:
    """The text of a cell.

    Args:
        connections: (source, node, operation) each, of a cell of one input and three nodes.

    Returns:
        What `read` reads.

    Raises:
        InvalidInput: An operation is none of NAS-Bench-201's.
    """
    theirs = {own: name for name, own in OPERATION_NAMES.items()}
    chosen = {(source, node): operation for source, node, operation in connections}
    if unknown := sorted({*chosen.values()} - {*theirs}):
        raise InvalidInput(
            f"a cell of NAS-Bench-201 must have operations among {', '.join(theirs)}: given "
            f"{', '.join(unknown)}"
        )
    nodes = (
        "".join(
            f"|{theirs[chosen.get(edge, 'none')]}~{edge[0]}" for edge in _EDGES if edge[1] == node
        )
        for node in range(1, NUM_NODES + 1)
    )
    return "+".join(f"{edges}|" for edges in nodes)
