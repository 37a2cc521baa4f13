# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a table says of a search is told in the same words on the page and in the terminal."""

import dataclasses
import io

import pytest
import rich.console

from snas_tf import reports
from snas_tf.reports import truth_table


def test_the_sentence_names_value_rank_and_the_best(truth):
    assert truth_table.sentence(truth) == (
        "By small.npz, the architecture that the search found has a test accuracy of 91.50, rank 3 "
        "of 15,625. The best of the table has 94.37."
    )
    bounded = dataclasses.replace(truth, budget="9 parameters")
    assert "The best of the table within 9 parameters has 94.37." in truth_table.sentence(bounded)
    nothing = dataclasses.replace(bounded, best=None)
    assert truth_table.sentence(nothing).endswith(
        "No architecture of the table keeps to 9 parameters."
    )


def test_what_the_table_lacks_is_told(truth):
    lacking = reports.Standing(architecture="x", values={}, rank=0)
    unknown = dataclasses.replace(truth, trajectory=(lacking,))
    assert truth_table.sentence(unknown) == (
        "small.npz lacks the architecture that the search found; it has 15,625 others."
    )
    assert truth_table.path(unknown)[0].texts == ("epoch 1", "not in the table", "", "")
    assert unknown.best_epoch is None


def test_the_standings_show_a_better_one_on_the_way_and_say_how_it_is_known(truth):
    names = [line.texts[0] for line in truth_table.standings(truth)]
    assert names == ["found", "best on the way, epoch 2", "best of the table"]
    assert "known from the table alone" in truth_table.remarks(truth)[-1]
    ended_well = dataclasses.replace(truth, trajectory=truth.trajectory[:3])
    names = [line.texts[0] for line in truth_table.standings(ended_well)]
    assert names == ["found", "best of the table"]
    assert len(truth_table.remarks(ended_well)) == 1


def test_epochs_in_a_row_with_one_architecture_are_one_line(truth):
    assert [line.texts for line in truth_table.path(truth)] == [
        ("epoch 1", "0.5425", "0.3025", "900"),
        ("epochs 2 to 3", "93.75", "91.25", "2"),
        ("epoch 4", "91.50", "89.00", "3"),
    ]


@pytest.mark.slow
def test_page_and_terminal_tell_it(report, truth):
    told = dataclasses.replace(report, truth=truth, next_commands=())
    page = reports.to_html(told)
    assert truth_table.sentence(truth) in page and 'id="truth' in page
    assert page.count("|worse|") == 2, "once among the standings and once on the way"
    assert "True accuracy" not in reports.to_html(report)
    console = rich.console.Console(file=io.StringIO(), width=80)
    reports.print_summary(console, told)
    printed = console.file.getvalue()
    assert max(map(len, printed.splitlines())) <= 80
    for name in ("found", "best on the way, epoch 2", "epochs 2 to 3", "rank 3 of 15,625"):
        assert name in " ".join(printed.split())


@pytest.mark.parametrize("lacking", [False, True])
def test_the_chart_shows_every_epoch_and_the_best(truth, lacking):
    if lacking:
        gap = reports.Standing(architecture="x", values={}, rank=0)
        truth = dataclasses.replace(truth, trajectory=(gap, *truth.trajectory[1:]))
    (axes,) = reports.draw_truth(truth).axes
    best, path = axes.lines
    assert {*best.get_ydata()} == {94.37}
    assert [*path.get_xdata()] == [1, 2, 3, 4] and [*path.get_ydata()][1:] == [93.75, 93.75, 91.5]
    assert axes.get_title(loc="left") == "true test accuracy"


@pytest.mark.slow
def test_a_chart_of_nothing_is_refused_and_the_page_leaves_it_out(report, truth):
    gap = reports.Standing(architecture="x", values={}, rank=0)
    unknown = dataclasses.replace(truth, trajectory=(gap,))
    with pytest.raises(ValueError, match="small.npz has none"):
        reports.draw_truth(unknown)
    page = reports.to_html(dataclasses.replace(report, truth=unknown))
    assert "small.npz lacks" in page and 'id="truth' not in page
