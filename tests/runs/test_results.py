# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Results are merged by network and split, and read back as they were."""

import math

from snas_tf import space
from snas_tf.reports import Choice, ClassResult, Confusion, Judged, Mistake, Result
from snas_tf.runs import results

CHILD = Result(name=results.CHILD, split="validation", accuracy=0.5, count=10)
COST = space.Cost(parameters=5, multiply_adds=7, memory_access=9)


def test_what_is_recorded_is_read_back(tmp_path):
    path = tmp_path / "results.json"
    assert results.recorded(path) == ()
    first = Result(name=results.TRAINED, split="test", accuracy=0.25, count=4, cost=COST)
    results.record(path, [CHILD, first])
    assert results.recorded(path) == (CHILD, first)


def test_all_that_an_evaluation_measures_is_read_back(tmp_path):
    path = tmp_path / "results.json"
    classes = (ClassResult(name="ant", right=1, count=3), ClassResult(name="bee", right=2, count=7))
    full = Result(
        name=results.BEST,
        split="test",
        accuracy=0.3,
        top_5_accuracy=0.9,
        count=10,
        cost=COST,
        latency=1.5,
        classes=classes,
        confusions=(Confusion(right="ant", answered="bee", count=2),),
    )
    results.record(path, [full])
    assert results.recorded(path) == (full,)


def test_mistakes_are_told_of_the_network_that_made_them_alone(tmp_path):
    path = tmp_path / "mistakes.json"
    assert results.recorded_mistakes(path, results.CHILD) == ()
    made = (Mistake(right="ant", answered="bee", certainty=0.75, picture="iVBORw0KGgo="),)
    results.record_mistakes(path, results.CHILD, made)
    assert results.recorded_mistakes(path, results.CHILD) == made
    assert results.recorded_mistakes(path, results.BEST) == ()


def test_a_file_of_an_earlier_version_is_read(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(
        '[{"name": "child, trained", "split": "test", "accuracy": 0.5, "count": 4, "cost": null}]'
    )
    (found,) = results.recorded(path)
    assert found == Result(name="child, trained", split="test", accuracy=0.5, count=4)


def test_a_new_result_replaces_the_one_of_the_same_network_on_the_same_images(tmp_path):
    path = tmp_path / "results.json"
    again = Result(name=results.CHILD, split="validation", accuracy=0.75, count=10, cost=COST)
    other = Result(name=results.CHILD, split="test", accuracy=0.7, count=20, cost=COST)
    results.record(path, [CHILD])
    results.record(path, [again, other])
    assert results.recorded(path) == (again, other)


def test_a_choice_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "choice.json"
    assert results.recorded_choice(path) is None
    judged = (
        Judged("one", {"accuracy": 0.975, "parameters": 1234.0}),
        Judged("two", {"accuracy": -math.inf, "parameters": 99.0}),
    )
    choice = Choice("the best of 2 by accuracy", judged)
    results.record_choice(path, choice)
    assert results.recorded_choice(path) == choice
    assert "Infinity" not in path.read_text()  # which is no JSON
