# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Variants are compared with the first one seed by seed, by the truth where it is known."""

import csv
import statistics

import pytest

from snas_tf import reports, space
from snas_tf.reports import ablation
from snas_tf.reports.charts.ablation_chart import draw_ablation


def result(variant, seed, accuracy, truth=None, **more):
    cost = space.Cost(parameters=1000 + seed)
    return reports.AblationResult(
        variant=variant, seed=seed, accuracy=accuracy, truth=truth, cost=cost, epochs=3, **more
    )


@pytest.fixture
def told():
    base = [result("as it is", seed, value) for seed, value in enumerate((0.80, 0.90, 0.85))]
    trick = [result("a <trick>", seed, value) for seed, value in enumerate((0.84, 0.92, 0.84))]
    return reports.Ablation("Tricks", (*base, *trick), planned=9)


def test_differences_are_those_of_the_same_seed(told):
    assert told.differences("a <trick>") == pytest.approx((4.0, 2.0, -1.0))
    assert told.differences("as it is") == (0.0, 0.0, 0.0)
    fewer = reports.Ablation("Tricks", (*told.searches[1:3], *told.searches[3:]), 9)
    assert fewer.differences("a <trick>") == pytest.approx((2.0, -1.0))


def test_a_line_has_means_and_deviations(told):
    first, second = (
        dict(zip(ablation.headings(told), line, strict=True)) for line in ablation.lines(told)
    )
    assert (first["search"], first["difference"], first["better"]) == ("as it is", "", "")
    assert first["child"] == "85.00 \u00b1 5.00"
    spread = statistics.stdev((4.0, 2.0, -1.0))
    assert second["difference"] == f"+1.67 \u00b1 {spread:.2f}"
    assert (second["better"], second["n"], second["parameters"]) == ("2 of 3", "3", "1,001")
    assert second["supernet"] == ""
    assert "6 of 9 searches have ended." in ablation.notes(told)


def test_by_a_table_the_true_accuracy_decides():
    searches = (result("as it is", 0, 0.9, truth=93.0), result("trick", 0, 0.1, truth=94.0))
    told = reports.Ablation("Tricks", searches, 2)
    assert told.differences("trick") == (1.0,)
    assert ablation.headings(told)[2] == "true accuracy" and ablation.lines(told)[1][2] == "94.00"
    assert any("true accuracy" in note for note in ablation.notes(told))
    without = reports.Ablation("Tricks", (searches[0], result("trick", 0, 0.1)), 2)
    assert not without.has_truth and "true accuracy" not in ablation.headings(without)


def test_the_page_holds_all_of_it_and_no_markup_of_a_name(told):
    page = reports.ablation_to_html(told)
    assert "a &lt;trick&gt;" in page and "<trick>" not in page and "+1.67" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    alone = reports.Ablation("Tricks", told.searches[:3], 9)
    assert "<svg" not in reports.ablation_to_html(alone)  # nothing to compare yet


def test_the_chart_has_a_mark_a_seed_and_the_mean(told):
    (axes,) = draw_ablation(told).axes
    assert sorted(axes.lines[0].get_xdata()) == pytest.approx([-1.0, 2.0, 4.0])
    (mean,) = axes.containers[0].lines[0].get_xdata()
    assert mean == pytest.approx(5 / 3)


def test_every_search_is_a_row_of_the_file(told):
    rows = [*csv.DictReader(reports.ablation_to_csv(told).splitlines())]
    assert len(rows) == 6 and rows[3]["variant"] == "a <trick>"
    assert float(rows[3]["accuracy"]) == 0.84 and rows[3]["parameters"] == "1000"
