# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The words of a page, for readers who did not run the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snas_tf.reports.page.markup import Markup, element

if TYPE_CHECKING:
    from snas_tf.reports.report import Report

_OF_SEARCHES = {
    "supernet": "The network of a search, which holds every option in every place.",
    "child": "The network of one architecture, built of the chosen options alone; it takes its "
    "weights from the supernet.",
    "sampled": "Of the supernet: measured under architectures drawn by their probability.",
    "entropy": "How undecided the search is, in nats: 0 where every choice is made, the greatest "
    "where all options are equally probable.",
    "temperature": "How much a drawn architecture mixes the options: it falls during a search.",
}
_OF_TRIALS = {
    "trial": "One network that a search by trials proposed, and what it was worth.",
}
_OF_NETWORKS = {
    "training, validation, test": "Three parts of the data: what weights and choices are "
    "learnt from, what networks are compared by, and what nothing has looked at before the end.",
    "95 % interval": "Where the accuracy on endlessly many such examples may well lie, given how "
    "few were counted.",
    "recalibrated": "With statistics of batch normalisation that were measured anew over all "
    "training examples.",
    "parameters": "Weights that are trained.",
    "multiply-adds": "Multiplications with an addition that one example takes, a measure of work.",
}


def section(report: Report) -> Markup:
    """The words of what a report shows, folded away.

    Args:
        report: The report; its family of spaces has words of its own.
    """
    words = {
        **(_OF_SEARCHES if report.search_rows or report.probabilities else {}),
        **(report.presentation.words if report.architecture is not None else {}),
        **(_OF_TRIALS if report.trials else {}),
        **_OF_NETWORKS,
    }
    pairs = [
        part
        for word, meaning in words.items()
        for part in (element("dt", word), element("dd", meaning))
    ]
    summary = element("summary", "What the words of this page mean")
    return element("details", summary, element("dl", *pairs))
