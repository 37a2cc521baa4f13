# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How a network was chosen is told alike on the page and in the terminal."""

import math

from snas_tf import reports
from snas_tf.reports import choice
from snas_tf.reports.page import page_tables

JUDGED = (
    reports.Judged("<one>", {"accuracy": 0.975, "parameters": 1234.0}),
    reports.Judged("two", {"accuracy": -math.inf, "parameters": 99.0}),
)
CHOICE = reports.Choice("the best of 2 by accuracy", JUDGED)


def test_a_sentence_tells_the_best_and_the_last():
    assert choice.sentence(CHOICE) == (
        "The network was chosen when the search was over: the best of 2 by accuracy. The best has "
        "accuracy 97.50 %, parameters 1,234, the last accuracy none, parameters 99."
    )
    assert choice.sentence(reports.Choice("place by place")).endswith(": place by place.")


def test_every_candidate_is_a_line_of_the_page():
    assert choice.headings(CHOICE) == ("place", "accuracy", "parameters")
    assert choice.lines(CHOICE) == [("1", "97.50 %", "1,234"), ("2", "none", "99")]
    page = "".join(page_tables.choice(CHOICE))
    assert "&lt;one&gt;" in page and "<one>" not in page and page.count("<tr") == 3
    assert "<table" not in "".join(page_tables.choice(reports.Choice("place by place")))
