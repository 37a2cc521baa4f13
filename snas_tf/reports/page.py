# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A report as one HTML file that needs no other: pictures, tables, every setting."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from snas_tf import space
from snas_tf.reports import notation, result_table
from snas_tf.reports.cell_drawing import draw_cell
from snas_tf.reports.curves import draw_curves
from snas_tf.reports.inline_svg import to_svg
from snas_tf.reports.markup import Markup, element, join
from snas_tf.reports.page_style import style_sheet
from snas_tf.reports.probability_charts import draw_probabilities
from snas_tf.reports.report import Report, Result

__all__ = ["Report", "Result", "to_html"]

_CURVE_CAPTIONS = {
    "search": "The supernet draws a new architecture for every batch. The child is the one that "
    "the search would end with at this epoch; it has the supernet's weights, without retraining.",
    "training": "The child network, trained by itself.",
}


def to_html(report: Report) -> str:
    """Writes a report as a page.

    Args:
        report: What to tell.

    Returns:
        A whole HTML document without any reference to another file or server. The same report gives
        the same text.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", report.title),
        element("style", Markup(style_sheet())),
    )
    body = element("body", element("main", *_sections(report)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _sections(report: Report) -> Iterator[Markup]:
    yield element("h1", report.title)
    yield element("p", report.summary, class_="summary")
    if report.results:
        yield _results(report.results)
    if report.next_commands:
        commands = element("code", "\n".join(report.next_commands))
        yield _section("Next", element("pre", commands))
    if report.genotype is not None:
        yield _cells(report.genotype)
    if report.probabilities:
        yield _probabilities(report)
    if report.search_rows:
        yield _section("The search, epoch by epoch", _curves(report.search_rows, "search"))
    if report.training_rows:
        yield _section("The training, epoch by epoch", _curves(report.training_rows, "training"))
    yield _section("Settings", *_settings(report))


def _section(title: str, *children: str) -> Markup:
    return element("section", element("h2", title), *children)


def _figure(picture: Markup, caption: str) -> Markup:
    return element("figure", element("div", picture, class_="wide"), element("figcaption", caption))


def _results(results: Sequence[Result]) -> Markup:
    headings, lines = result_table.table(results)
    head = [_cell("th", position, text) for position, text in enumerate(headings)]
    rows = [
        element("tr", *(_cell("td", position, text) for position, text in enumerate(line)))
        for line in lines
    ]
    table = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    note = element(
        "p",
        "The interval (Wilson's, in percent) accounts for the number of images alone: another seed "
        "or split may move the accuracy further. Multiply-adds are those for one image.",
        class_="note",
    )
    return _section("Results", element("div", table, class_="wide"), note)


def _cell(tag: str, position: int, text: str) -> Markup:
    return element(tag, text, class_="text" if position < result_table.TEXT_COLUMNS else "number")


def _cells(genotype: space.Genotype) -> Markup:
    figures = [_cell_figure(genotype, kind) for kind in space.KINDS]
    tables = [_connection_table(genotype, kind) for kind in space.KINDS]
    as_json = element(
        "details",
        element("summary", "The genotype as JSON"),
        element("pre", element("code", genotype.to_json())),
    )
    return _section("The cells", *figures, element("div", *tables, class_="pair"), as_json)


def _cell_figure(genotype: space.Genotype, kind: str) -> Markup:
    description = f"Graph of the {kind} cell: {'; '.join(notation.equations(genotype, kind))}."
    picture = to_svg(draw_cell(genotype, kind), f"{kind}-cell", description)
    return _figure(
        picture,
        f"The {kind} cell. Each node adds up what its arrows bring; gray lines lead to the output, "
        "which concatenates all nodes.",
    )


def _connection_table(genotype: space.Genotype, kind: str) -> Markup:
    rows = []
    for node, connections in notation.arrivals(genotype, kind).items():
        for source, _, operation in connections:
            rows.append((notation.node_name(node), _node(source), element("code", operation)))
        if not connections:
            rows.append((notation.node_name(node), "no inputs", "adds zeros"))
    head = element("tr", *(element("th", text) for text in ("node", "from", "operation")))
    body = [element("tr", *(element("td", text) for text in row)) for row in rows]
    caption = element("caption", f"{kind} cell")
    return element("table", caption, element("thead", head), element("tbody", *body))


def _node(node: int) -> Markup:
    """A node's name with its index typeset."""
    name, _, index = notation.node_name(node).partition("_")
    return join([name, element("sub", index.strip("{}"))] if index else [name])


def _probabilities(report: Report) -> Markup:
    figures = []
    for kind in space.KINDS:
        if kind in report.probabilities:
            values = report.probabilities[kind]
            picture = to_svg(
                draw_probabilities(values, report.cells, kind),
                f"{kind}-probabilities",
                f"Probabilities of the operations on the {len(values[-1])} edges of the {kind} "
                f"cell over {len(values)} epochs.",
            )
            caption = (
                f"The {kind} cell. Every chart is an edge, and each color the probability of an "
                "operation; named is the most probable one at the end."
            )
            figures.append(_figure(picture, caption))
    return _section("How the search decided", *figures)


def _curves(rows: Sequence[Mapping[str, float]], stage: str) -> Markup:
    last = ", ".join(f"{name} {value:.4g}" for name, value in rows[-1].items())
    picture = to_svg(draw_curves(rows), f"{stage}-curves", f"Curves of the {stage}; last: {last}.")
    return _figure(picture, _CURVE_CAPTIONS[stage])


def _settings(report: Report) -> Iterator[Markup]:
    sections = {
        "Data set": report.dataset,
        "Configuration": report.config,
        "Environment": report.environment,
    }
    for title, values in sections.items():
        rows = [
            element("tr", element("th", key, scope="row"), element("td", value))
            for key, value in _flat(values)
        ]
        table = element("table", element("tbody", *rows), class_="settings")
        if rows:
            yield element("details", element("summary", title), table)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Nested values as (dotted key, text), in their order."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            is_text = isinstance(value, str)
            text = value if is_text else json.dumps(value, default=str, ensure_ascii=False)
            yield f"{prefix}{key}", text
