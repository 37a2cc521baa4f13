# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks of graphs in a report: their layers drawn, and what each state is made of."""

from __future__ import annotations

from collections.abc import Iterator

import rich.console
import rich.table
import rich.text
from matplotlib.figure import Figure

from snas_tf.reports.graphs.graph_drawing import Arc, arcs, draw_layer
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup
from snas_tf.reports.page.page_tables import figure
from snas_tf.reports.report import Report


class GraphPresentation:
    """The `Presentation` of the family of graphs."""

    title = "The layers"
    noun = "architecture"
    words = {
        "entity, edge": "What a graph is made of: its nodes, called entities, and edges "
        "between them, each with features of its own.",
        "state": "What a layer of the network makes of all entities, or of all edges: the sum "
        "of what its operations make of earlier states.",
    }

    def section(self, report: Report) -> Iterator[Markup]:
        """A picture of every layer."""
        for layer, chains in _layers(report).items():
            told = "; ".join(
                f"{title}: {', '.join(_equations(found)) or 'nothing'}" for title, found in chains
            )
            picture = to_svg(
                draw_layer(chains, report.space.num_states + 2),
                f"layer-{layer}",
                f"Graph of layer {layer}. {told}.",
            )
            yield figure(
                picture,
                f"Layer {layer}. States 0 and 1 are what the two layers before it gave; every "
                "other state adds up what its arcs bring, of the entities and edges of the state "
                "that each leaves. All states together give what the next layer is given.",
            )

    def terminal(self, report: Report) -> Iterator[rich.console.RenderableType]:
        """Every chain as one equation a state."""
        for chains in _layers(report).values():
            for title, found in chains:
                grid = rich.table.Table.grid(padding=(0, 1))
                grid.add_column(no_wrap=True)
                grid.add_column()
                for equation in _equations(found):
                    state, terms = equation.split(" = ", maxsplit=1)
                    grid.add_row(rich.text.Text(f"  {state} ="), rich.text.Text(terms))
                yield rich.console.Group(rich.text.Text(title, style="bold"), grid)

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """A picture of every layer."""
        for layer, chains in _layers(report).items():
            yield f"layer_{layer}", draw_layer(chains, report.space.num_states + 2)


def _layers(report: Report) -> dict[str, list[tuple[str, list[Arc]]]]:
    """Of each layer the title and the arcs of those chains that are in the networks."""
    found: dict[str, list[tuple[str, list[Arc]]]] = {}
    for decision in report.uses:
        _, layer, _ = decision.split("_")
        title = report.space.title(decision)
        kept = arcs(report.architecture, report.space, decision)
        found.setdefault(layer, []).append((title, kept))
    return found


def _equations(found: list[Arc]) -> list[str]:
    """A text a state that something leads to, such as "2 = mean(0) + identity(1)"."""
    terms: dict[int, list[str]] = {}
    for source, state, operation in found:
        terms.setdefault(state, []).append(f"{operation}({source})")
    return [f"{state} = {' + '.join(of)}" for state, of in sorted(terms.items())]
