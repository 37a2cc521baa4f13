# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The tables of the page hold every value, and lead the eye to what matters."""

import re

from snas_tf import reports
from snas_tf.reports.page import page_tables
from snas_tf.reports.page.markup import join


def rows(html):
    """The texts of every row, without tags."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", html)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found]
    return [[re.sub(r"<[^>]*>", "", cell) for cell in row] for row in cells]


def classes(count):
    return tuple(
        reports.ClassResult(name=f"class {number}", right=number, count=50)
        for number in range(count)
    )


def test_two_networks_share_the_table_of_classes(full_report):
    html = join(page_tables.results(full_report.results))
    assert html.count("<table") == 2
    found = rows(html)
    start = found.index(["class", "child without retraining", "child, trained"])
    assert found[start + 1] == ["8", *["55 of 100", "55.00 %"] * 2]
    assert [row[0] for row in found[start + 1 :]] == [*"8976543210"]
    # A heading spans both columns of its network.
    assert html.count('colspan="2"') == 2
    assert html.count("<mark>55.00 %</mark>") == html.count("<mark>") == 2
    assert "Marked are classes" in html and "latency" in html


def test_many_classes_are_folded_away_but_the_weakest_named():
    for count, folded in ((12, False), (13, True)):
        result = reports.Result(name="child", split="test", classes=classes(count))
        html = join(page_tables.results([result]))
        assert ("<details>" in html) is folded
        assert len(rows(html)) == 2 + 1 + count
        named = "13 classes, the weakest are class 0, class 1, class 2" in html
        assert named is folded


def test_without_classes_there_is_one_table(report):
    html = join(page_tables.results(report.results))
    assert html.count("<table") == 1
    assert "latency" not in html


def test_searches_have_a_line_each_their_spread_and_the_chosen_one_marked(seeds):
    html = join(page_tables.seeds(seeds))
    found = rows(html)
    assert len(found) == 5
    assert found[2] == ["8", "96.00 %", "97.00 %", "99.00 %", "41,000", "4.10 M", "chosen"]
    assert found[-1] == [
        "mean \u00b1 std",
        "96.00 % \u00b1 1.00 %",
        "97.00 % \u00b1 1.00 %",
        "98.00 % \u00b1 1.00 %",
        "41,000 \u00b1 1,000",
        "4.10 M \u00b1 0.10 M",
        "",
    ]
    (chosen,) = re.findall(r'<tr class="chosen">(.*?)</tr>', html)
    assert "96.00 %" in chosen
    assert "optimistic" in html and "n = 3" in html


def test_one_search_has_no_spread(seeds):
    assert "mean" not in join(page_tables.seeds(seeds[:1]))


def test_names_cannot_become_markup():
    attack = "<script>"
    classes = (reports.ClassResult(name=attack, right=0, count=50),)
    classes += (reports.ClassResult(name="b", right=50, count=50),)
    result = reports.Result(name=attack, split=attack, classes=classes)
    html = join(page_tables.results([result]))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5
