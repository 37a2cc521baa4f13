# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The tables of the page: results, classes, seeds, true accuracies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from snas_tf.reports import choice as choices
from snas_tf.reports import class_table, result_table, seed_table, truth_table
from snas_tf.reports.choice import Choice
from snas_tf.reports.comparison import SeedResult
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.result import Result
from snas_tf.reports.truth import Truth

_MOST_OPEN = 12  # a longer table of classes is folded away
_NAMED = 3  # of which the weakest are named


def results(measured: Sequence[Result]) -> Iterator[Markup]:
    """The table of results, and those of classes.

    Args:
        measured: The results, at least one.

    Yields:
        The tables and their notes.
    """
    yield plain_table(*result_table.table(measured), result_table.TEXT_COLUMNS)
    costs = "Multiply-adds are those for one image"
    if any(result.latency is not None for result in measured):
        costs += ", and so is the latency"
    yield note(
        "The interval (Wilson's, in percent) accounts for the number of images alone: another seed "
        f"or split may move the accuracy further. {costs}."
    )
    for found in class_table.tables(measured):
        yield from _classes(found)


def _classes(found: class_table.ClassTable) -> Iterator[Markup]:
    """One table, with two columns a network."""
    networks = [element("th", name, colspan="2", class_="number") for name in found.networks]
    head = element("tr", element("th", "class", class_="text"), *networks)
    rows = [_class_row(line) for line in found.lines]
    remark = "The weakest class comes first."
    if found.any_weak:
        remark += (
            " Marked are classes whose own 95 % interval lies below the network's accuracy over "
            "all classes."
        )
    title = f"Class by class, on {found.split} images"
    content = (table(head, rows, class_="classes"), note(remark))
    if len(rows) <= _MOST_OPEN:
        yield element("h3", title)
        yield from content
    else:
        weakest = ", ".join(line.name for line in found.lines[:_NAMED])
        summary = element("summary", f"{title}: {len(rows)} classes, the weakest are {weakest}")
        yield element("details", summary, *content)


def _class_row(line: class_table.Line) -> Markup:
    cells = []
    for right, percent, is_weak in line.scores:
        cells.append(element("td", right, class_="number"))
        shown = element("mark", percent) if is_weak else percent
        cells.append(element("td", shown, class_="number"))
    return element("tr", element("td", line.name, class_="text"), *cells)


def seeds(searches: Sequence[SeedResult]) -> Iterator[Markup]:
    """The table of several searches.

    Args:
        searches: The searches, at least one.

    Yields:
        The table and its notes.
    """
    found = seed_table.table(searches)
    rows = [
        element("tr", *_cells("td", line, 1), **({"class_": "chosen"} if line[-1] else {}))
        for line in found.lines
    ]
    if found.count > 1:
        spreads = [
            f"{mean} \u00b1 {deviation}" if deviation else mean for mean, deviation in found.spreads
        ]
        last = ("mean \u00b1 std", *spreads, "")
        rows.append(element("tr", *_cells("th", last, 1)))
    yield table(element("tr", *_cells("th", found.headings, 1)), rows)
    yield note(" ".join(seed_table.notes(searches)))


def choice(told: Choice) -> Iterator[Markup]:
    """How a network was chosen: a sentence, and the candidates where there are some.

    Args:
        told: How it was.

    Yields:
        Both.
    """
    yield element("p", choices.sentence(told))
    if not told.candidates:
        return
    headings = _cells("th", choices.headings(told), 1)
    head = element("tr", *headings, element("th", "architecture", class_="text"))
    rows = []
    for line, one in zip(choices.lines(told), told.candidates, strict=True):
        code = element("td", element("code", one.architecture), class_="text")
        rows.append(element("tr", *_cells("td", line, 1), code))
    yield table(head, rows)


def truth(told: Truth) -> Iterator[Markup]:
    """What a table of true accuracies says: the standings, and the way there.

    Args:
        told: What the table says.

    Yields:
        The tables and their notes.
    """
    headings = _cells("th", truth_table.headings(told), 1)
    head = element("tr", *headings, element("th", "architecture", class_="text"))
    yield table(head, [_standing_row(line) for line in truth_table.standings(told)])
    yield note(" ".join(truth_table.remarks(told)))
    rows = [_standing_row(line) for line in truth_table.path(told)]
    summary = element("summary", f"The {len(told.trajectory)} epochs of the search, one by one")
    yield element("details", summary, table(head, rows))


def _standing_row(line: truth_table.Line) -> Markup:
    code = element("td", element("code", line.architecture), class_="text")
    return element("tr", *_cells("td", line.texts, 1), code)


def note(text: str) -> Markup:
    """A remark below a table."""
    return element("p", text, class_="note")


def wide(content: Markup) -> Markup:
    """What scrolls where the screen is narrow, also by the keyboard."""
    return element("div", content, class_="wide", tabindex="0")


def figure(picture: Markup, caption: str) -> Markup:
    """A picture and what it shows."""
    return figures([picture], caption, "")


def figures(pictures: Sequence[Markup], caption: str, layout: str) -> Markup:
    """Pictures side by side, as many as the screen has room for, and what they show.

    Args:
        pictures: The pictures.
        caption: What they show.
        layout: "halves" or "thirds" of the page; "" for one picture.
    """
    boxes = [*map(wide, pictures)]
    shown = [element("div", *boxes, class_=layout)] if layout else boxes
    return element("figure", *shown, element("figcaption", caption))


def table(head: Markup, rows: Iterable[Markup], **attributes: str) -> Markup:
    """A table, which scrolls where the screen is narrow."""
    whole = element("table", element("thead", head), element("tbody", *rows), **attributes)
    return wide(whole)


def plain_table(
    headings: Sequence[str], lines: Iterable[Sequence[str]], text_columns: int
) -> Markup:
    """A table of texts, the first columns of which are words and the others numbers."""
    head = element("tr", *_cells("th", headings, text_columns))
    rows = [element("tr", *_cells("td", line, text_columns, headings)) for line in lines]
    return table(head, rows, class_="stack")


def _cells(
    tag: str, texts: Sequence[str], text_columns: int, labels: Sequence[str] = ()
) -> list[Markup]:
    """A line; with labels, which name each cell where the table is no table on a narrow screen."""
    named = [{"data_label": label} for label in labels] or [{}] * len(texts)
    return [
        element(tag, text, class_="text" if position < text_columns else "number", **name)
        for position, (text, name) in enumerate(zip(texts, named, strict=True))
    ]
