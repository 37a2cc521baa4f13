# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials is told as its trials say: against definitions computed anew."""

import csv
import dataclasses
import io
import json
import math
import re
import warnings

import numpy as np
import pytest
import rich.console
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from snas_tf import black_box, reports, space
from snas_tf.errors import InvalidInput
from snas_tf.reports.charts import trial_charts
from snas_tf.reports.charts.lineage_charts import (
    ancestors,
    draw_lineage,
    draw_predictions,
    has_lineage,
)
from snas_tf.reports.trials import trial_table

CHOICES = space.ProductSpace([space.Decision("width", ["all"], [str(n) for n in range(30)])])
OBJECTIVES = {
    "single": black_box.Single("accuracy"),
    "bounded": black_box.Constrained("accuracy", {"parameters": (-math.inf, 30_000)}),
    "pareto": black_box.Pareto({"parameters": -1, "accuracy": 1}),
}


def trial(number, objective, seed=3):
    """Accuracies rise, costs are of all kinds, and every tenth trial fails."""
    choice = space.Selection({"width": (str(number % 30),)})
    if number % 10 == 3:
        return black_box.Trial(number, choice, failure="Failure: <b>no way out</b>", seconds=0.5)
    random = np.random.default_rng((seed, number))
    metrics = {
        "parameters": float(random.integers(10_000, 50_000)),
        "accuracy": float(0.5 + 0.01 * number + 0.1 * random.random()),
        "latency_ms": 1.5,
    }
    rewards = tuple(map(float, objective(metrics)))
    return black_box.Trial(number, choice, None, metrics, rewards, "", 2.0)


def searched(name, count=40, seed=3):
    objective = OBJECTIVES[name]
    found = [trial(number, objective, seed) for number in range(count)]
    result = black_box.SearchResult.of(found, objective)
    return reports.Trials(result=result, planned=50, method="evolution")


@given(st.sampled_from([*OBJECTIVES]), st.integers(4, 40), st.integers(0, 99))
def test_the_best_so_far_never_falls_and_ends_with_the_best(name, count, seed):
    told = searched(name, count, seed)
    if not told.result.feasible:
        assert not told.best_so_far()
        return
    numbers, values = zip(*told.best_so_far(), strict=True)
    assert [*numbers] == [each.number for each in told.result.feasible]
    assert all(np.diff(values) >= -1e-12)
    if name == "pareto":
        # A single point, or points on a line, dominate nothing above the worst of them.
        assert values[-1] == pytest.approx(1) or values[-1] == 0
    else:
        assert values[-1] == told.best.reward


def test_the_feasible_share_counts_the_latest_trials_and_what_failed_as_not():
    told = searched("bounded")
    shares = dict(told.feasible_share())
    assert told.window == 10 and [*shares] == [*range(9, 40)]
    feasible = [
        bool(each.metrics) and each.metrics["parameters"] <= 30_000 for each in told.result.trials
    ]
    for number, share in shares.items():
        assert share == pytest.approx(np.mean(feasible[number - 9 : number + 1]))
    assert searched("bounded", 9).feasible_share() == []


def test_sentences_tell_how_far_it_is_and_what_is_best():
    single, bounded, pareto = (trial_table.sentences(searched(name)) for name in OBJECTIVES)
    assert single[0] == "40 of 50 trials have ended, by evolution."
    best = searched("single").best
    assert (
        f"The best is trial {best.number}: accuracy {100 * best.metrics['accuracy']:.2f} %"
        in (single[1])
    )
    assert "parameters" in single[1] and "latency 1.50 ms" in single[1]
    kept = len(searched("bounded").result.feasible)
    assert bounded[2] == f"{kept / 36:.0%}".replace("%", " %") + (
        " of the 36 that succeeded keep to all bounds."
    )
    assert pareto[1].startswith(f"The front has {len(searched('pareto').result.front)} of them")
    for told in (single, bounded, pareto):
        assert told[-1].startswith("4 failed, the first of them because: Failure:")
    nothing = black_box.SearchResult.of([trial(3, OBJECTIVES["single"])], OBJECTIVES["single"])
    alone = reports.Trials(result=nothing, planned=5, method="random")
    assert trial_table.sentences(alone)[-1] == "None of them succeeded."


def test_the_file_has_every_trial_in_full():
    for name, rewards in (("bounded", ["reward"]), ("pareto", ["reward_1", "reward_2"])):
        told = searched(name)
        rows = [*csv.DictReader(io.StringIO(reports.to_csv(told)))]
        assert len(rows) == 40
        front = {each.number for each in told.result.front}
        for row, of in zip(rows, told.result.trials, strict=True):
            assert int(row["trial"]) == of.number and float(row["seconds"]) == of.seconds
            assert CHOICES.from_json(row["architecture"]) == of.architecture
            assert json.loads(row["architecture"])["schema_version"] == 1
            assert row["on_front"] == str(int(of.number in front))
            assert row["failure"] == of.failure
            if of.metrics:
                assert {key: float(row[key]) for key in of.metrics} == dict(of.metrics)
                assert tuple(float(row[key]) for key in rewards) == of.rewards
            else:
                assert not any(row[key] for key in ("accuracy", *rewards))


def test_the_leading_trials_are_the_front_or_the_best_and_each_network_once():
    told = searched("single")
    leading = trial_table.leading(told, 5)
    assert leading[0] == told.best and len({each.architecture for each in leading}) == 5
    rewards = [each.reward for each in leading]
    assert rewards == sorted(rewards, reverse=True)
    # Trials 30 to 39 propose again what 0 to 9 proposed.
    everything = trial_table.leading(told, 99)
    assert len(everything) == len({each.architecture for each in told.result.succeeded})
    pareto = searched("pareto")
    assert trial_table.leading(pareto, 99) == pareto.result.front


def test_a_table_of_dozens_of_metrics_is_told_in_part():
    objective = black_box.Single("accuracy")
    many = {f"latency_ms/{number}": 1.0 for number in range(30)}
    one = black_box.Trial(0, space.Selection({}), None, {**many, "accuracy": 0.5}, (0.5,))
    result = black_box.SearchResult.of([one], objective)
    told = reports.Trials(result=result, planned=1, method="random")
    assert len(told.metrics) == 31 and told.told[0] == "accuracy" and len(told.told) == 4
    headings = trial_table.headings(told)
    assert len(headings) == len(trial_table.line(told, one)) == 8
    assert reports.to_csv(told).count("latency_ms/") == 30


@pytest.mark.parametrize("name", OBJECTIVES)
def test_pictures_are_drawn_and_hold_every_trial(name):
    told = searched(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = [reports.draw_progress(told), reports.draw_feasible_share(told)]
        drawn = [*trial_charts.pairs(told)]
        figures += [reports.draw_front(told, *pair) for pair in drawn]
        for figure in figures:
            FigureCanvasAgg(figure).draw()
    assert drawn == [("accuracy", "parameters")]
    lines = {line.get_label(): line for line in figures[-1].axes[0].lines}
    shown = len(lines["a trial"].get_xdata())
    beyond = lines.get("beyond the bounds")
    assert shown == len(told.result.feasible)
    assert shown + (len(beyond.get_xdata()) if beyond else 0) == len(told.result.succeeded)
    assert ("beyond the bounds" in lines) == (name == "bounded") == told.is_bounded
    if name != "single":
        front = sorted(each.metrics["parameters"] for each in told.result.front)
        assert [*lines["the front"].get_xdata()] == front
    assert ("the best" in lines) == (name != "pareto")


def grown(count=12):
    """Each trial but the first from the one before the last, with predictions that are off."""
    told = searched("single", count)
    found = [
        dataclasses.replace(each, parent=max(each.number - 2, 0) if each.number else None)
        for each in told.result.trials
    ]
    predictions = tuple(
        black_box.Prediction(each.number, each.reward, each.reward + 0.1, 0.05)
        for each in found
        if each.metrics
    )
    result = black_box.SearchResult.of(found, told.result.objective)
    return dataclasses.replace(told, result=result, predictions=predictions)


def test_the_tree_has_a_line_a_child_and_draws_the_way_to_the_best_out():
    told = grown()
    assert has_lineage(told) and not has_lineage(searched("single"))
    way = ancestors(told)
    assert way[0] == told.best.number and way[-1] in (0, 5)  # trial 3 failed
    (axes,) = draw_lineage(told).axes
    known = {each.number for each in told.result.succeeded}
    *lines, marks = axes.get_lines()
    pairs_drawn = {tuple(line.get_xdata()) for line in lines}
    assert pairs_drawn == {
        (each.parent, each.number) for each in told.result.succeeded if each.parent in known
    }
    assert {*marks.get_xdata()} == known


def test_predictions_are_drawn_beside_what_was_observed():
    told = grown()
    (axes,) = draw_predictions(told).axes
    line, marks = axes.get_lines()[:2]
    assert [*line.get_xdata()] == [*line.get_ydata()]
    assert [*marks.get_ydata()] == [each.mean for each in told.predictions]
    for draw in (draw_predictions, draw_lineage):
        with pytest.raises(InvalidInput, match="given none"):
            draw(searched("single"))


def test_the_page_of_a_search_that_grows_has_both(bare):
    told = reports.to_html(dataclasses.replace(bare, trials=grown()))
    assert "Who started from whom" in told and "Predicted against observed" in told


def test_what_cannot_be_drawn_is_refused():
    few = searched("single", 3)
    with pytest.raises(InvalidInput, match="`told` must have 10 trials or more: given 3"):
        reports.draw_feasible_share(few)
    failed = black_box.SearchResult.of([trial(3, OBJECTIVES["single"])], OBJECTIVES["single"])
    with pytest.raises(InvalidInput, match="succeeded"):
        reports.draw_progress(reports.Trials(result=failed, planned=1, method="random"))


@pytest.fixture
def bare(report):
    nothing = dict.fromkeys(("search_rows", "training_rows", "results"), ())
    return dataclasses.replace(report, architecture=None, probabilities={}, **nothing)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_page_and_terminal_tell_the_trials(name, bare):
    told = searched(name)
    report = dataclasses.replace(bare, trials=told)
    page = reports.to_html(report)
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Next", "The trials", "Settings", "Words"]
    assert page.count("<svg") == {"single": 2, "bounded": 3, "pareto": 2}[name]
    assert "All 40 trials" in page and "<b>no way" not in page
    assert "The worst fifth may lie below a chart." in page
    few = dataclasses.replace(bare, trials=searched(name, count=15))
    assert "worst fifth" not in reports.to_html(few)
    assert page.count("failed: Failure") == 4
    console = rich.console.Console(file=io.StringIO(), width=80)
    reports.print_summary(console, report)
    printed = console.file.getvalue()
    assert "40 of 50 trials have ended, by evolution." in printed
    leading = trial_table.leading(told, 8)
    assert all(
        any(line.split()[:1] == [str(each.number)] for line in printed.splitlines())
        for each in leading
    )
    assert all(len(line) <= 80 for line in printed.splitlines() if "Next" not in line)


def test_a_search_of_which_nothing_succeeded_is_a_page_too(bare):
    failed = black_box.SearchResult.of([trial(3, OBJECTIVES["single"])], OBJECTIVES["single"])
    for result in (failed, black_box.SearchResult.of([], OBJECTIVES["single"])):
        told = reports.Trials(result=result, planned=1, method="random")
        page = reports.to_html(dataclasses.replace(bare, trials=told))
        assert "<svg" not in page and "of 1 trials have ended" in page
        assert ("All 1 trials" in page) == bool(result.trials)
