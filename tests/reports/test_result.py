# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Results carry their uncertainty, and impossible ones are refused."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from snas_tf import reports
from snas_tf.errors import InvalidInput


def result(accuracy, count):
    return reports.Result(name="child", split="test", accuracy=accuracy, count=count)


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(counts):
    right, count = counts
    expected = stats.binomtest(right, count).proportion_ci(0.95, method="wilson")
    assert result(right / count, count).interval() == pytest.approx((*expected,), abs=1e-9)


@given(st.floats(0, 1), st.integers(1, 10**9))
def test_the_interval_holds_the_accuracy_and_stays_in_range(accuracy, count):
    low, high = result(accuracy, count).interval()
    assert 0 <= low <= accuracy + 1e-12
    assert accuracy - 1e-12 <= high <= 1


@pytest.mark.parametrize(("accuracy", "count"), [(None, 10), (0.5, None), (None, None)])
def test_without_accuracy_or_count_there_is_no_interval(accuracy, count):
    assert result(accuracy, count).interval() is None


def test_of_two_networks_the_more_accurate_and_the_less_wrong_is_worth_more():
    assert result(0.25, 4).worth > result(0.1, 4).worth
    numbers = reports.Result(name="child", split="test", mean_absolute_error=0.5)
    worse = dataclasses.replace(numbers, mean_absolute_error=1234.5)
    assert numbers.worth > worse.worth and numbers.interval() is None
    assert (result(0.25, 4).told(), worse.told()) == (
        "25.00 %",
        "a mean absolute error of 1,234",
    )
    with pytest.raises(ValueError, match="child must have"):
        _ = reports.Result(name="child", split="test").worth
    for wrong in (-1.0, float("nan")):
        with pytest.raises(InvalidInput, match="`mean_absolute_error`"):
            dataclasses.replace(numbers, mean_absolute_error=wrong)


@pytest.mark.parametrize(
    ("accuracy", "count", "fragment"),
    [
        (97.5, 10, "`accuracy`"),
        (-0.1, 10, "`accuracy`"),
        (float("nan"), 10, "nan"),
        (1, 0, "`count`"),
    ],
)
def test_impossible_results_are_refused(accuracy, count, fragment):
    with pytest.raises(InvalidInput, match=fragment):
        result(accuracy, count)


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"top_5_accuracy": 1.5}, "`top_5_accuracy`.*1.5"),
        ({"latency": 0.0}, "`latency`.*0.0"),
        ({"latency": float("nan")}, "`latency`.*nan"),
        ({"count": 999}, "`classes`.*999.*1000"),
    ],
)
def test_impossible_further_measurements_are_refused(classes, changes, fragment):
    measured = {"count": 1000, "classes": classes, "latency": 0.1, "top_5_accuracy": 1.0}
    reports.Result(name="child", split="test", **measured)
    with pytest.raises(InvalidInput, match=fragment):
        reports.Result(name="child", split="test", **{**measured, **changes})


def test_classes_do_not_need_a_count(classes):
    assert reports.Result(name="child", split="test", classes=classes).count is None


@pytest.mark.parametrize(
    ("right", "count", "fragment"),
    [(0, 0, "`count`.*'zero'"), (11, 10, "`right`.*11"), (-1, 10, "`right`.*-1")],
)
def test_impossible_classes_are_refused(right, count, fragment):
    with pytest.raises(InvalidInput, match=fragment):
        reports.ClassResult(name="zero", right=right, count=count)


def test_a_class_has_its_accuracy_and_the_interval_of_a_result():
    found = reports.ClassResult(name="zero", right=9, count=12)
    assert found.accuracy == 0.75
    assert found.interval() == result(0.75, 12).interval()


def test_classes_from_json_are_those_that_were_written(classes):
    written = reports.Result(name="child", split="test", classes=classes)
    entry = json.loads(json.dumps(dataclasses.asdict(written)))
    entry["classes"] = [reports.ClassResult(**found) for found in entry["classes"]]
    assert reports.Result(**entry) == written
