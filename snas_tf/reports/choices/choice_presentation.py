# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Models with choices in a report: drawn with their options, and told as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import rich.console
from matplotlib.figure import Figure

from snas_tf.reports import terminal_tables
from snas_tf.reports.choices.choice_drawing import draw_choices
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import figure, table
from snas_tf.reports.report import Report
from snas_tf.space.choices.outline import Outline

_HEADINGS = ("decision", "chosen", "probability")


class ChoicePresentation:
    """The `Presentation` of the family of models with choices.

    Args:
        outline: From the config of a run, as its report has it, to the outline of its model.
    """

    title = "What was chosen"
    noun = "architecture"
    words = {
        "choice, option": "A place of the model that was left open, and what may stand there.",
    }

    def __init__(self, outline: Callable[[Mapping[str, Any]], Outline]) -> None:
        self._outline = outline

    def section(self, report: Report) -> Iterator[Markup]:
        """The picture and the table on a page."""
        chosen = "; ".join(f"{name}: {option}" for name, option, _ in _lines(report))
        picture = to_svg(self._drawn(report), "model", f"The model, with its choices: {chosen}.")
        bars = " Bars are as long as the probabilities." if report.probabilities else ""
        yield figure(picture, f"The model with what it leaves open; what was chosen is bold.{bars}")
        head = element("tr", *(element("th", heading) for heading in _HEADINGS))
        rows = [
            element("tr", element("td", name), element("td", element("code", option)), *more)
            for name, option, value in _lines(report)
            for more in [[element("td", value)]]
        ]
        yield table(head, rows)

    def terminal(self, report: Report) -> Iterator[rich.console.RenderableType]:
        """The table in a terminal."""
        yield terminal_tables.words(_HEADINGS, _lines(report))

    def drawings(self, report: Report) -> Iterator[tuple[str, Figure]]:
        """The picture."""
        yield "model", self._drawn(report)

    def _drawn(self, report: Report) -> Figure:
        rows = report.space.encode(report.architecture)
        last = {name: values[-1] for name, values in report.probabilities.items()}
        return draw_choices(self._outline(report.config), report.space, rows, last)


def _lines(report: Report) -> tuple[tuple[str, str, str], ...]:
    """Each decision, what was chosen, and how probable that is; "-" where nothing tells."""
    rows = report.space.encode(report.architecture)
    told = []
    for decision in report.space.decisions:
        place = int(rows[decision.name][0].argmax())
        values = report.probabilities.get(decision.name)
        probability = "-" if values is None else f"{values[-1][0][place]:.2f}"
        told.append((decision.name, decision.options[place], probability))
    return tuple(told)
