# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What stands at the top of a page, and the whole network in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from snas_tf.reports.headline import Headline
from snas_tf.reports.outline import Stage, merged
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import note

_FOR = {"train": "to learn from", "validation": "for validation", "test": "for the test"}


def section(told: Headline) -> Markup:
    """The network to use and how good it is."""
    figure = element("strong", told.figure)
    lines = [element("p", figure, f" {told.measured}", class_="figure"), element("p", told.use)]
    if told.caveat:
        lines.append(element("p", told.caveat, class_="note"))
    return element("div", *lines, class_="headline")


def sizes(dataset: Mapping[str, Any]) -> str:
    """How many examples each split has, in a sentence; "" where that is not known."""
    counts = dataset.get("sizes", {})
    told = [f"{counts[name]:,} {words}" for name, words in _FOR.items() if counts.get(name)]
    if not told:
        return ""
    classes = dataset.get("class_names", ())
    of_classes = f" of {len(classes):,} classes" if classes else ""
    unit = dataset.get("labelled", "images")
    return f"{unit[0].upper()}{unit[1:]}{of_classes}: {', '.join(told)}."


def outline(stages: Sequence[Stage]) -> Markup:
    """The whole network, box by box, in as many lines as the screen needs."""
    boxes = []
    for stage, count in merged(stages):
        title = f"{count} \u00d7 {stage.title}" if count > 1 else stage.title
        attributes = {"class_": "marked"} if stage.marked else {}
        boxes.append(
            element("li", element("strong", title), element("span", stage.shape), **attributes)
        )
    whole = element("ol", *boxes, class_="outline")
    told = (
        "The whole network, from the images to the classes; below each piece what it gives: "
        "height, width and channels."
    )
    return element("div", whole, note(told))
