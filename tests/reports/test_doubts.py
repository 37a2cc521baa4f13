# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What would mislead is told in numbers, and nothing is told of what is as it seems."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.reports import Result, doubts


def a_result(accuracy, count=72, name="child without retraining", split="validation", **more):
    return Result(name=name, split=split, accuracy=accuracy, count=count, **more)


def sentences(found):
    return [doubt.sentence for doubt in found]


def sharp(edges, decided, operations=8):
    """Probabilities of which so many edges have an operation of 60 %."""
    values = np.full((edges, operations), 1 / operations)
    values[:decided] = 0.4 / (operations - 1)
    values[:decided, 3] = 0.6
    return values


# === Chance ===


@pytest.mark.parametrize(
    ("accuracy", "count", "counts", "classes", "expected"),
    [
        (0.25, 72, (), 4, True),
        (0.297, 1000, (250,) * 4, 4, False),  # small, but no chance any more
        (0.297, 74, (), 4, True),
        (0.962, 287, (28,) * 9 + (35,), 10, False),
        (0.90, 100, (90, 10), 2, True),  # as the one that always answers the frequent class
        (0.99, 100, (90, 10), 2, False),
        (0.0, 50, (), 4, True),
        (1.0, 50, (), 1, False),  # nothing is to be told apart
        (None, 50, (), 4, False),
        (0.25, None, (), 4, False),
    ],
)
def test_an_accuracy_is_chance_where_its_interval_reaches_down_to_it(
    accuracy, count, counts, classes, expected
):
    assert doubts.is_chance(a_result(accuracy, count), counts, classes) == expected


@given(st.lists(st.integers(0, 50), min_size=2, max_size=9).filter(sum))
def test_the_most_frequent_class_alone_is_chance_whatever_the_counts(counts):
    blind = a_result(max(counts) / sum(counts), sum(counts))
    assert doubts.is_chance(blind, counts, len(counts))
    assert doubts.chance(counts, len(counts)) >= 1 / len(counts)


def test_a_network_is_told_of_once_with_all_its_numbers():
    measured = [a_result(0.25), a_result(0.3, 90, split="test"), a_result(0.9, name="trained")]
    counts = {"validation": (18,) * 4, "test": (30, 20, 20, 20)}
    (told,) = doubts.of_results(measured, counts, 4)
    assert (told.what, told.about) == ("chance", "child without retraining")
    for part in (
        "no better than chance: 25.00 % of 72 validation images, in a 95 % interval of 16.4 to 36",
        "where the most frequent class alone is 25.00 %; 30.00 % of 90 test images",
        "class alone is 33.33 %; do let it learn longer",
    ):
        assert part in told.sentence
    (unknown,) = doubts.of_results(measured[:1], {}, 4)
    assert "where one in 4 classes is 25.00 %" in unknown.sentence


# === Statistics, and training far above validation ===


def test_statistics_that_lag_are_told_with_both_numbers():
    lagging = a_result(0.60, 287, name="trained, last epoch", recalibrated=0.95)
    (told,) = doubts.of_results([lagging], {}, 10)
    assert told.what == "statistics"
    assert "60.00 % of the validation images, and on 95.00 % with statistics" in told.sentence
    as_good = a_result(0.96, 287, recalibrated=0.97)
    worse = a_result(0.96, 287, recalibrated=0.5)
    assert not [*doubts.of_results([as_good, worse], {}, 10)]


def test_a_training_far_above_its_validation_is_told_with_both_numbers():
    rows = [{"accuracy": 0.1, "val_accuracy": 0.1}, {"accuracy": 0.965, "val_accuracy": 0.25}]
    (told,) = doubts.of_epochs("train", rows, 72)
    assert "right on 96.50 % of its training images after epoch 2, but on 25.00 % of 72" in (
        told.sentence
    )
    assert "by heart" in told.sentence and "train.weight_decay" in told.sentence
    (told,) = doubts.of_epochs("train", rows, 72, lags=True)
    assert "running statistics lag behind" in told.sentence and "by heart" not in told.sentence


def test_a_search_is_judged_by_its_supernet():
    rows = [{"accuracy": 0.99, "val_accuracy": 0.2, "val_sampled_accuracy": 0.98}]
    assert not [*doubts.of_epochs("search", rows, 72)]
    (told,) = doubts.of_epochs("search", [{**rows[0], "val_sampled_accuracy": 0.5}], 72)
    assert "the supernet is right on 99.00 %" in told.sentence


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 72),
        ([{"accuracy": 1.0}], 72),
        ([{"accuracy": 1.0, "val_accuracy": 0.1}], 0),
        ([{"accuracy": float("nan"), "val_accuracy": 0.1}], 72),
        ([{"accuracy": 1.0, "val_accuracy": 0.97}], 287),
        ([{"accuracy": 0.5, "val_accuracy": 0.6}], 287),
    ],
)
def test_nothing_is_said_of_a_training_that_is_well_or_unknown(rows, count):
    assert not [*doubts.of_epochs("train", rows, count)]


# === A search that has not decided ===


def test_undecided_edges_are_counted_over_the_kinds_that_there_are():
    probabilities = {"normal": sharp(14, 4), "reduction": sharp(14, 12)}
    (told,) = doubts.of_search(probabilities, epochs=4, final_temperature=0.03)
    assert told.sentence.startswith("12 of 28 choices are undecided after all 4 epochs")
    assert "of at most 58.2 nats" in told.sentence
    assert "search.epochs" in told.sentence and "final_temperature" not in told.sentence
    (told,) = doubts.of_search(probabilities, epochs=4, final_temperature=0.5)
    assert "search.final_temperature" in told.sentence
    assert not [*doubts.of_search({"reduction": sharp(14, 12)}, epochs=4, final_temperature=0.03)]
    assert not [*doubts.of_search({}, epochs=4, final_temperature=0.03)]
    assert not [*doubts.of_search({"normal": np.ones((14, 1))}, epochs=4, final_temperature=0.03)]


def test_the_entropy_is_in_nats():
    assert doubts.entropy_told({"normal": np.full((14, 8), 0.125)}) == (
        "the entropy is 29.1 of at most 29.1 nats"
    )
    assert doubts.entropy_told({"normal": np.eye(8)}) == "the entropy is 0.0 of at most 16.6 nats"


# === Classes that lack images ===


def test_classes_without_images_are_named():
    counts = {"train": (20, 20, 20, 20, 3), "validation": (5, 0, 0, 0, 0), "test": (5, 5, 5, 5, 0)}
    names = ("ant", "bee", "cat", "dog", "elk")
    validation, test, train = sentences(doubts.of_dataset(names, counts))
    assert "4 of 5 classes have no validation images (bee, cat, dog and 1 more)" in validation
    assert "1 of 5 classes has no test images (elk)" in test
    assert "1 of 5 classes has fewer than 10 images to learn from (elk: 3)" in train
    assert not [*doubts.of_dataset(names, {})]
    enough = dict.fromkeys(("train", "validation", "test"), (10,) * 5)
    assert not [*doubts.of_dataset(names, enough)]
