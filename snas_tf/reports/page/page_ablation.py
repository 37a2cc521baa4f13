# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""An ablation as a page of its own."""

from __future__ import annotations

from collections.abc import Iterator

from snas_tf.reports import ablation
from snas_tf.reports.ablation import Ablation
from snas_tf.reports.charts.ablation_chart import draw_ablation
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page import document
from snas_tf.reports.page.page_tables import figure, note, plain_table


def ablation_to_html(told: Ablation) -> str:
    """Writes an ablation as a page.

    Args:
        told: The ablation, with one search at least.

    Returns:
        A whole HTML document without any reference to another file or server.
    """
    return document(told.title, *_sections(told))


def _sections(told: Ablation) -> Iterator[Markup]:
    yield element("h1", told.title)
    table = plain_table(ablation.headings(told), ablation.lines(told), 1)
    notes = [note(text) for text in ablation.notes(told)]
    yield element("section", element("h2", "What each trick is worth"), table, *notes)
    if len(told.variants) > 1:
        picture = to_svg(draw_ablation(told), "ablation", "Differences of the variants by seed.")
        caption = (
            "Each small mark is a seed: how much better its child is than that of the search as "
            "it is. The large mark is the mean, and the bar one standard deviation to each side."
        )
        yield element("section", element("h2", "Seed by seed"), figure(picture, caption))
