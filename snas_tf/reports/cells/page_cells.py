# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cells on a page: a picture and a table of connections each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snas_tf import space
from snas_tf.reports.cells.cell_drawing import draw_cell
from snas_tf.reports.cells.cell_equations import arrivals, equations
from snas_tf.reports.page import page_tables
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element, join
from snas_tf.reports.page.page_tables import figure
from snas_tf.space.cells.cell_grid import node_name


def section(
    genotype: space.Genotype, cells: space.CellSpace, kinds: Sequence[str]
) -> Iterator[Markup]:
    """The cells of a genotype.

    Args:
        genotype: The genotype.
        cells: Its space.
        kinds: The kinds of cell that the networks have.

    Yields:
        The pictures, the tables, and what is to be said of kinds that are not there.
    """
    for kind in kinds:
        yield _cell_figure(genotype, kind, cells.output)
    yield element("div", *(_connection_table(genotype, kind) for kind in kinds), class_="pair")
    for kind in genotype.kinds:
        if kind not in kinds:
            yield page_tables.note(
                f"A network of so few cells has no {kind} cell; that of the genotype below was "
                "never learnt, and nothing is built of it."
            )


def _cell_figure(genotype: space.Genotype, kind: str, output: str) -> Markup:
    told = "; ".join(equations(genotype, kind))
    description = f"Graph of the {space.cell_title(kind)}: {told}."
    picture = to_svg(draw_cell(genotype, kind, output), f"{kind}-cell", description)
    gives = "concatenates all nodes" if output == "concatenation" else "is the last node"
    inputs = [node_name(node, genotype.num_inputs) for node in range(genotype.num_inputs)]
    numbers = "s c_{k-2} and c_{k-1} are 0 and 1" if len(inputs) == 2 else f" {inputs[0]} is 0"
    return figure(
        picture,
        f"The {space.cell_title(kind)}. Each node adds up what its arrows bring; gray lines lead "
        f"to the output, which {gives}. Nodes have the numbers of the genotype and of the layers' "
        f"names, in which the input{numbers}.",
    )


def _connection_table(genotype: space.Genotype, kind: str) -> Markup:
    rows = []
    for node, connections in arrivals(genotype, kind).items():
        for source, _, operation in connections:
            rows.append(
                (
                    str(node),
                    _node(source, genotype.num_inputs),
                    element("code", operation),
                )
            )
        if not connections:
            rows.append((str(node), "no inputs", "adds zeros"))
    head = element("tr", *(element("th", text) for text in ("node", "from", "operation")))
    body = [element("tr", *(element("td", text) for text in row)) for row in rows]
    caption = element("caption", space.cell_title(kind))
    return element("table", caption, element("thead", head), element("tbody", *body))


def _node(node: int, num_inputs: int) -> Markup:
    """A node's name with its index typeset."""
    name, _, index = node_name(node, num_inputs).partition("_")
    return join([name, element("sub", index.strip("{}"))] if index else [name])
