# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A report as one HTML file that needs no other: pictures, tables, every setting."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from snas_tf.reports import notation, truth_table
from snas_tf.reports.charts.curves import draw_panels
from snas_tf.reports.charts.gradient_charts import draw_gradient_shares
from snas_tf.reports.charts.grid import grid
from snas_tf.reports.charts.probability_charts import draw_probabilities
from snas_tf.reports.charts.trade_off import QUANTITIES, draw_trade_off
from snas_tf.reports.charts.truth_chart import draw_truth
from snas_tf.reports.comparison import TradeOffPoint
from snas_tf.reports.page import (
    page_glossary,
    page_headline,
    page_mistakes,
    page_tables,
    page_trials,
)
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_style import style_sheet
from snas_tf.reports.page.page_tables import figure, figures
from snas_tf.reports.report import Report
from snas_tf.reports.truth import Truth
from snas_tf.reports.warning_list import warnings

__all__ = ["Report", "to_html"]

_CURVE_CAPTIONS = {
    "search": "The supernet draws a new architecture for every batch. The child is the one that "
    "the search would end with at this epoch; it has the supernet's weights, without retraining.",
    "training": "The child network, trained by itself.",
}
_COST_CAPTION = (
    " The resource cost C is 1 where all operations are equally probable; with a target it is what "
    "is spent beyond it, relative to it."
)


def to_html(report: Report) -> str:
    """Writes a report as a page.

    Args:
        report: What to tell.

    Returns:
        A whole HTML document without any reference to another file or server. The same report gives
        the same text.
    """
    return document(report.title, *_sections(report))


def document(title: str, *content: Markup) -> str:
    """A whole HTML document in the style of all pages.

    Args:
        title: What its window is called.
        *content: What stands in it.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style_sheet())),
    )
    body = element("body", element("main", *content))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _sections(report: Report) -> Iterator[Markup]:
    yield element("h1", report.title)
    if report.headline:
        yield page_headline.section(report.headline)
    yield element("p", report.summary, class_="summary")
    if sizes := page_headline.sizes(report.dataset):
        yield element("p", sizes, class_="summary")
    if report.target:
        yield _target(report)
    if report.warnings:
        yield _section("Warnings", *_warnings(report))
    if report.results:
        yield _section("Results", *page_tables.results(report.results))
    if report.choice:
        yield _section("How the network was chosen", *page_tables.choice(report.choice))
    if report.mistakes or page_mistakes.has_confusions(report.results):
        yield _section("Mistakes", *page_mistakes.section(report.results, report.mistakes))
    if report.truth:
        yield _section("True accuracy, by a table", *_truth(report.truth))
    if report.next_commands:
        commands = [element("li", element("code", each)) for each in report.next_commands]
        yield _section("Next", element("ul", *commands, class_="commands"))
    if report.trials:
        yield _section("The trials", *page_trials.section(report.trials))
    if report.seeds:
        yield _section("The same search with several seeds", *page_tables.seeds(report.seeds))
    if report.trade_off:
        yield _section("Accuracy against cost", *_trade_off(report.trade_off))
    if report.architecture is not None:
        yield _architecture(report)
    if report.probabilities:
        yield _probabilities(report)
    if report.gradient_shares:
        yield _section("Where the cost presses", _gradient_shares(report))
    if report.search_rows:
        yield _section("The search, epoch by epoch", _curves(report.search_rows, "search"))
    if report.training_rows:
        yield _section("The training, epoch by epoch", _curves(report.training_rows, "training"))
    yield _section("Settings", *_settings(report))
    yield _section("Words", page_glossary.section(report))


def _target(report: Report) -> Markup:
    """Told by a word too, for not everyone sees colors."""
    word, class_ = (
        ("Target missed:", "target missed") if report.target_missed else ("Target:", "target")
    )
    return element("p", element("strong", word), f" {report.target}", class_=class_)


def _warnings(report: Report) -> Iterator[Markup]:
    for warned in warnings(report.warnings):
        class_ = "warning lasting" if warned.lasting else "warning"
        told = [f"{_capital(warned.sentence)}."]
        if warned.when:
            told = [element("strong", f"{_capital(warned.when)}:"), f" {warned.sentence}."]
        yield element("p", *told, class_=class_)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _section(title: str, *children: str) -> Markup:
    return element("section", element("h2", title), *children)


def _architecture(report: Report) -> Markup:
    told = report.presentation
    as_json = element(
        "details",
        element("summary", f"The {told.noun} as JSON"),
        element("pre", element("code", report.architecture.to_json())),
    )
    whole = [page_headline.outline(report.outline)] if report.outline else []
    return _section(told.title, *whole, *told.section(report), as_json)


def _probabilities(report: Report) -> Markup:
    figures = []
    for number, name in enumerate(report.uses):
        if name in report.probabilities:
            values = report.probabilities[name]
            layout = grid(report.space, name)
            picture = to_svg(
                draw_probabilities(values, report.space, name),
                f"probabilities-{number}",
                f"Probabilities of the {layout.option_word}s on the {len(values[-1])} "
                f"{layout.place_word}s of the {layout.title} over {len(values)} epochs.",
            )
            caption = (
                f"The {layout.title}. Every chart is a{'n' if layout.place_word == 'edge' else ''} "
                f"{layout.place_word}, and each color the probability of an {layout.option_word}; "
                "named is the most probable one at the end."
            )
            figures.append(figure(picture, caption))
    return _section("How the search decided", *figures)


def _truth(told: Truth) -> Iterator[Markup]:
    yield element("p", truth_table.sentence(told))
    if any(standing.rank for standing in told.trajectory):
        metric = notation.words(told.accuracies[0])
        picture = to_svg(draw_truth(told), "truth", f"True {metric} over the epochs.")
        yield figure(
            picture,
            f"The {metric}, by {told.table}, of the architecture that the search would have ended "
            "with after each epoch.",
        )
    yield from page_tables.truth(told)


def _trade_off(points: Sequence[TradeOffPoint]) -> Iterator[Markup]:
    pictures = [
        to_svg(
            draw_trade_off(points, quantity),
            f"{quantity.replace('_', '-')}-trade-off",
            f"Accuracy of {len(points)} networks against their {name}.",
        )
        for quantity, name in QUANTITIES.items()
    ]
    groups = collections.Counter(point.label for point in points)
    epochs = groups.pop(TradeOffPoint.EPOCHS, 0)
    sentences = ["Each mark is a network: the higher and the further to the left, the better."]
    if max(groups.values(), default=0) > 1:
        sentences.append(
            "Small marks are single networks, large ones the mean of their group; bars reach one "
            "standard deviation to each side."
        )
    if epochs:
        sentences.append(
            "The line joins the networks that the search would have ended with after each epoch, "
            "without retraining: it darkens with time, numbers name epochs, and the large mark is "
            "the last. Where it leaves the chart, early epochs lie below."
        )
    yield figures(pictures, " ".join(sentences), "halves")


def _gradient_shares(report: Report) -> Markup:
    picture = to_svg(
        draw_gradient_shares(report.gradient_shares, report.space),
        "gradient-shares",
        "For every place, the part of the cost in its gradient, and its part in the cost's.",
    )
    return figure(
        picture,
        "Two forces move the probabilities of a choice: the loss, towards what classifies well, "
        "and the cost, towards what is cheap. The upper bar is the part of the cost in their sum: "
        "at 50 % both pull equally hard, near 100 % the cost decides nearly alone. The lower bar "
        "tells how the pull of the cost is spread: within each picture its numbers add up to "
        "100 %.",
    )


def _curves(rows: Sequence[Mapping[str, float]], stage: str) -> Markup:
    last = ", ".join(f"{name} {value:.4g}" for name, value in rows[-1].items())
    pictures = [
        to_svg(drawn, f"{stage}-curve-{number}", f"Curve of the {stage}: {title}; last: {last}.")
        for number, (title, drawn) in enumerate(draw_panels(rows))
    ]
    caption = _CURVE_CAPTIONS[stage]
    if any("resource_cost" in row for row in rows):
        caption += _COST_CAPTION
    return figures(pictures, caption, "thirds")


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
