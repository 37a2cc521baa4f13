# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from snas_tf.black_box import Trial
from snas_tf.reports import notation
from snas_tf.reports.charts.lineage_charts import draw_lineage, draw_predictions, has_lineage
from snas_tf.reports.charts.trial_charts import (
    MANY,
    draw_feasible_share,
    draw_front,
    draw_progress,
    pairs,
)
from snas_tf.reports.page.inline_svg import to_svg
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import figures, note, table
from snas_tf.reports.trials import trial_table
from snas_tf.reports.trials.trials import Trials

_LEADING = 20
_MOST = 500  # lines of all trials; more make the page large, and trials.csv has them


def section(told: Trials) -> Iterator[Markup]:
    """What a search by trials found, and how it went there.

    Args:
        told: The search.

    Yields:
        The sentences, the pictures and the tables.
    """
    yield element("p", " ".join(trial_table.sentences(told)))
    if told.result.succeeded:
        yield _pictures(told)
        title = "The front" if told.has_several_rewards else "The best trials"
        yield element("h3", title)
        yield _table(told, trial_table.leading(told, _LEADING))
    if told.result.trials:
        shown = told.result.trials[:_MOST]
        count = len(told.result.trials)
        summary = f"All {count:,} trials" if len(shown) == count else f"The first {_MOST} trials"
        yield element("details", element("summary", summary), _table(told, shown))
        yield note("trials.csv beside this page has every trial with its architecture.")


def _pictures(told: Trials) -> Markup:
    pictures = [to_svg(draw_progress(told), "progress", "The best so far, trial by trial.")]
    sentences = ["Each mark is a trial, and the line the best so far."]
    if told.has_several_rewards:
        sentences = [
            "How much the front dominates above the worst that was feasible, trial by trial, as a "
            "part of what it dominates in the end."
        ]
    if told.is_bounded and told.feasible_share():
        shares = draw_feasible_share(told)
        pictures.append(to_svg(shares, "feasible", "The share of trials within the bounds."))
        sentences.append("A search that learns its bounds raises the share that keeps to them.")
    for number, (value, cost) in enumerate(pairs(told)):
        words = f"{notation.words(value)} against {notation.words(cost)} of every trial"
        pictures.append(to_svg(draw_front(told, value, cost), f"front-{number}", f"{words}."))
        sentences.append(f"{words[0].upper()}{words[1:]}; the front is what no other betters.")
    if has_lineage(told):
        pictures.append(to_svg(draw_lineage(told), "lineage", "Who started from whom."))
        sentences.append(
            "In the tree a line leads from the trial whose weights each began with; drawn out is "
            "the way to the best."
        )
    if told.predictions:
        title = "Predicted against observed rewards."
        pictures.append(to_svg(draw_predictions(told), "predictions", title))
        sentences.append("A model that is of use lies along the line from what was observed.")
    if len(told.result.succeeded) >= MANY:
        sentences.append("The worst fifth may lie below a chart.")
    return figures(pictures, " ".join(sentences), "halves")


def _table(told: Trials, trials: Iterable[Trial]) -> Markup:
    headings = trial_table.headings(told)
    last = len(headings) - 1
    rows = [_row("td", trial_table.line(told, trial), last) for trial in trials]
    return table(_row("th", headings, last), rows, class_="trials")


def _row(tag: str, texts: tuple[str, ...], last: int) -> Markup:
    cells = (
        element(tag, text, class_="text" if position == last else "number")
        for position, text in enumerate(texts)
    )
    return element("tr", *cells)
