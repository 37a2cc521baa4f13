# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every column is drawn as it stands, and only what there is."""

import math
import warnings

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from snas_tf.errors import InvalidInput
from snas_tf.reports import draw_curves
from snas_tf.reports.charts.curves import draw_panels


def render(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_curves(rows)
        FigureCanvasAgg(figure).draw()
    return figure


def panels(rows):
    """{title: {label: [(epoch, value)]}}."""
    return {
        axes.get_title(loc="left"): {
            line.get_label(): [*zip(*line.get_data(), strict=True)] for line in axes.lines
        }
        for axes in render(rows).axes
    }


def test_a_search_has_six_panels_with_all_its_columns(search_rows):
    found = panels(search_rows)
    assert [*found] == [
        "loss",
        "accuracy",
        "entropy of the architecture (nats)",
        "temperature",
        "expected parameters",
        "expected multiply-adds",
    ]
    drawn = [line for lines in found.values() for line in lines.values()]
    expected = [
        [(row["epoch"], row[column]) for row in search_rows]
        for column in search_rows[0]
        if column != "epoch"
    ]
    assert sorted(drawn) == sorted(expected)


@pytest.mark.slow
def test_a_constrained_search_has_panels_of_its_costs(search_rows):
    rows = [
        {**row, "expected_latency": 3.0 / row["epoch"], "resource_cost": 1.0 / row["epoch"]}
        for row in search_rows
    ]
    found = panels(rows)
    assert [*found][6:] == ["expected latency (ms)", "resource cost C"]
    for title, column in zip([*found][6:], ("expected_latency", "resource_cost"), strict=True):
        (line,) = found[title].values()
        assert line == [(row["epoch"], row[column]) for row in rows]


def test_top_5_accuracies_have_a_panel(search_rows, training_rows):
    columns = ("top_5_accuracy", "val_top_5_accuracy", "val_sampled_top_5_accuracy")
    for rows, shown in ((search_rows, columns), (training_rows, columns[:2])):
        with_top_5 = [
            {**row, **{column: 0.5 + 0.1 * place for place, column in enumerate(shown)}}
            for row in rows
        ]
        found = panels(with_top_5)
        assert [*found][:3] == ["loss", "accuracy", "top-5 accuracy"]
        values = [line[0][1] for line in found["top-5 accuracy"].values()]
        assert sorted(values) == [with_top_5[0][column] for column in shown]


def test_supernet_and_child_are_told_apart(search_rows):
    accuracy = panels(search_rows)["accuracy"]
    for label, column in {
        "supernet, training": "accuracy",
        "supernet, validation": "val_sampled_accuracy",
        "child without retraining, validation": "val_accuracy",
    }.items():
        assert accuracy[label] == [(row["epoch"], row[column]) for row in search_rows]


def test_a_training_has_its_own_panels(training_rows):
    found = panels(training_rows)
    assert [*found] == ["loss", "accuracy", "learning rate"]
    assert [*found["accuracy"]] == ["training", "validation"]
    without = [{**row} for row in training_rows]
    for row in without:
        del row["learning_rate"]
    assert [*panels(without)] == ["loss", "accuracy"]


@pytest.mark.slow
def test_values_that_are_missing_or_not_finite_are_left_out():
    values = [1.0, math.nan, math.inf, None, 2.0]
    rows = [
        {"epoch": epoch, "accuracy": 0.5, **({} if value is None else {"loss": value})}
        for epoch, value in enumerate(values, start=1)
    ]
    found = panels(rows)
    assert found["loss"]["training"] == [(1, 1.0), (5, 2.0)]
    assert len(found["accuracy"]["training"]) == 5
    diverged = [{**row, "loss": math.nan} for row in rows]
    assert [*panels(diverged)] == ["accuracy"]


def test_a_single_epoch_is_a_visible_point(search_rows):
    figure = render(search_rows[:1])
    lines = [line for axes in figure.axes for line in axes.lines]
    assert len(lines) == 11
    assert {line.get_marker() for line in lines} == {"o"}


def test_many_epochs_are_a_plain_line(search_rows):
    figure = render([{**search_rows[0], "epoch": epoch} for epoch in range(1, 61)])
    assert all(line.get_marker() != "o" for axes in figure.axes for line in axes.lines)


def test_epochs_are_counted_where_rows_do_not_name_them():
    assert panels([{"loss": 3.0}, {"loss": 2.0}])["loss"]["training"] == [(1, 3.0), (2, 2.0)]


def test_epochs_are_whole_numbers_on_the_axis(search_rows):
    for axes in render(search_rows).axes:
        assert all(tick == round(tick) for tick in axes.get_xticks())


def test_legends_hide_no_point(search_rows):
    for rows in (search_rows[:1], search_rows):
        for axes in render(rows).axes:
            if axes.get_legend():
                assert not axes.get_legend().get_window_extent().overlaps(axes.bbox)


def test_differences_of_chance_are_not_stretched_to_a_trend():
    rows = [{"loss": 1 + 0.001 * epoch, "accuracy": 0.99 + 0.001 * epoch} for epoch in range(8)]
    loss, accuracy = render(rows).axes
    bottom, top = accuracy.get_ylim()
    assert top - bottom == pytest.approx(0.1) and 1 < top <= 1.02
    assert loss.get_ylim()[1] - loss.get_ylim()[0] > 0.09
    steep = render([{"accuracy": 0.2}, {"accuracy": 0.9}]).axes[0].get_ylim()
    assert steep[1] - steep[0] == pytest.approx(0.7 * 1.1)


def test_panels_one_by_one_are_those_of_the_whole(search_rows):
    whole = [axes.get_title(loc="left") for axes in render(search_rows).axes]
    assert [title for title, _ in draw_panels(search_rows)] == whole
    assert draw_panels([{}]) == []


@pytest.mark.parametrize("rows", [[], [{}], [{"epoch": 1}], [{"epoch": 1, "loss": math.nan}]])
def test_rows_without_anything_to_draw_are_refused(rows):
    with pytest.raises(InvalidInput, match="`rows`"):
        draw_curves(rows)
