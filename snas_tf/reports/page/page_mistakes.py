# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What networks confuse, and images on which the one to use is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snas_tf.reports import notation
from snas_tf.reports.mistake import Mistake
from snas_tf.reports.page.markup import Markup, element
from snas_tf.reports.page.page_tables import note, table
from snas_tf.reports.result import Result

_MOST_IN_MATRIX = 20
"""Classes; of more the pairs that are confused most often are listed instead."""

_MOST_PAIRS = 20


def has_confusions(results: Sequence[Result]) -> bool:
    """Whether it is known of any network what it confuses."""
    return any(result.confusions for result in results)


def section(results: Sequence[Result], mistakes: Sequence[Mistake]) -> Iterator[Markup]:
    """The confusion matrix of each network, and the images.

    Args:
        results: Those without confusions are passed over.
        mistakes: Images on which the network to use is wrong; () if none are known.

    Yields:
        Headings, tables and pictures.
    """
    if mistakes:
        yield element("ul", *map(_image, mistakes), class_="mistakes")
        yield note(
            "Test images on which the network to use is wrong, those first of which it is surest: "
            "below each its class, what it was taken for, and the probability of that."
        )
    for result in results:
        if result.confusions:
            yield from _confused(result)


def _image(mistake: Mistake) -> Markup:
    told = f"{mistake.right} taken for {mistake.answered}"
    certain = notation.percent(mistake.certainty, digits=0)
    picture = element("img", src=f"data:image/png;base64,{mistake.picture}", alt=told)
    return element("li", picture, element("span", f"{told}, {certain}"))


def _confused(result: Result) -> Iterator[Markup]:
    title = f"{result.name}: what it takes for what, on {result.split} images"
    if len(result.classes) <= _MOST_IN_MATRIX:
        yield element("h3", title)
        yield _matrix(result)
        yield note("A row a class, a column an answer; what is right lies on the diagonal.")
        return
    rows = [
        element(
            "tr",
            element("td", each.right, class_="text"),
            element("td", each.answered, class_="text"),
            element("td", f"{each.count:,}", class_="number"),
        )
        for each in result.confusions[:_MOST_PAIRS]
    ]
    words = ("class", "taken for", "images")
    head = element("tr", *(element("th", text, class_="text") for text in words))
    yield element("details", element("summary", title), table(head, rows))


def _matrix(result: Result) -> Markup:
    counts = {each.name: each.count for each in result.classes}
    found = {(each.right, each.answered): each.count for each in result.confusions}
    found |= {(each.name, each.name): each.right for each in result.classes}
    names = [*counts, *sorted({each.answered for each in result.confusions} - {*counts})]
    head = element(
        "tr", element("th", "class"), *(element("th", name, scope="col") for name in names)
    )
    rows = [
        element(
            "tr",
            element("th", right, scope="row"),
            *(_cell(found.get((right, name), 0), counts[right], right == name) for name in names),
        )
        for right in counts
    ]
    return table(head, rows, class_="matrix")


def _cell(count: int, of: int, is_right: bool) -> Markup:
    """A number, and behind it a color the deeper the greater its part of the class is."""
    if not count:
        return element("td", "")
    name = "right" if is_right else "wrong"
    return element("td", f"{count:,}", class_=name, style=f"--part: {count / of:.2f}")
