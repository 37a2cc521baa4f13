# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A grown network in a report: drawn, and a table of its layers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import rich.table
from matplotlib.figure import Figure

from snas_tf import space
from snas_tf.reports import terminal_tables
from snas_tf.reports.morphs.graph_drawing import draw_graph, label, shape_text
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import figure, table
from snas_tf.reports.report import Report
from snas_tf.space.morphs import layer_kinds

_HEADINGS = ("layer", "what", "reads", "gives", "weights")


class MorphPresentation:
    """The `Presentation` of the family of morphs."""

    title = "The network"
    noun = "network"
    words = {
        "morph": "A change of a network, deeper, wider or with another path, after which it "
        "answers as before.",
        "parent": "The network that another was made of by a morph, and whose weights that has.",
    }

    def section(self, report: Report) -> Iterator[Markup]:
        """A picture, and a table of the layers."""
        graph = report.architecture
        told = "; ".join(f"{layer.name} reads {', '.join(layer.inputs)}" for layer in graph.layers)
        yield figure(
            to_svg(draw_graph(graph), "network", f"Graph of the network: {told}."),
            "The network, from its input above to its output below. A line at the side is a path "
            "that passes layers by; it ends in an addition or a concatenation.",
        )
        head = element("tr", *(element("th", heading) for heading in _HEADINGS))
        yield table(head, [_row(line) for line in lines(graph)])

    def terminal(self, report: Report) -> Iterator[rich.table.Table]:
        """A table of the layers."""
        found = [
            (name, what, gives, weights)
            for name, what, _, gives, weights in lines(report.architecture)
        ]
        yield terminal_tables.words(("layer", "what", "gives", "weights"), found)

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """The picture."""
        yield "network", draw_graph(report.architecture)


def lines(graph: space.LayerGraph) -> list[tuple[str, str, str, str, str]]:
    """What is told of every layer: its name, what it is, what it reads and gives, its weights."""
    found = []
    for layer in graph.layers:
        read = graph.shapes[layer.inputs[0]][-1] if layer.inputs else 0
        weights = layer_kinds.weight_shapes(layer.kind, layer.config, read)
        count = sum(map(math.prod, weights.values()))
        given = shape_text(graph.shapes[layer.name])
        told = f"{count:,}" if count else ""
        found.append((layer.name, label(layer), ", ".join(layer.inputs), given, told))
    return found


def _row(line: tuple[str, ...]) -> Markup:
    return element("tr", *(element("td", element("code", text) if text else "") for text in line))
