# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Classes are ordered by their accuracy, and only clearly weak ones are marked."""

import dataclasses

from snas_tf import reports
from snas_tf.reports import class_table


def result(classes, name="child", split="test"):
    return reports.Result(name=name, split=split, classes=classes)


def counted(*right, count=100):
    return tuple(
        reports.ClassResult(name=name, right=number, count=count)
        for name, number in zip("abcdef", right, strict=False)
    )


def test_the_weakest_class_comes_first(classes):
    (table,) = class_table.tables([result(classes)])
    assert [line.name for line in table.lines] == [*"8976543210"]
    assert table.lines[0].scores == (class_table.Score("55 of 100", "55.00 %", True),)
    assert table.lines[-1].scores == (class_table.Score("99 of 100", "99.00 %", False),)


def test_a_class_is_weak_where_chance_does_not_explain_it():
    # Of 100 images 78 to 91 % is the interval of 85 right ones, of 1000 it is 83 to 87 %.
    for count, is_weak in ((100, False), (1000, True)):
        tenth = count // 10
        classes = counted(*[9 * tenth] * 5, 85 * count // 100, count=count)
        (table,) = class_table.tables([result(classes)])
        assert [line.scores[0].is_weak for line in table.lines] == [is_weak, *[False] * 5]
        assert table.any_weak is is_weak


def test_weak_is_what_lies_below_the_same_network():
    good, bad = counted(100, 100, 70), counted(70, 70, 70)
    (table,) = class_table.tables([result(good, "good"), result(bad, "bad")])
    flags = {line.name: [score.is_weak for score in line.scores] for line in table.lines}
    assert flags == {"a": [False, False], "b": [False, False], "c": [True, False]}


def test_networks_on_the_same_images_share_a_table(classes):
    better = (*classes[:8], dataclasses.replace(classes[8], right=99), classes[9])
    (table,) = class_table.tables([result(classes, "last"), result(better, "best")])
    assert (table.split, table.networks) == ("test", ("last", "best"))
    scores = {line.name: [score.right for score in line.scores] for line in table.lines}
    assert scores["8"] == ["55 of 100", "99 of 100"]
    # The order is that of both together: "8" has 154 of 200, "9" has 182.
    assert [line.name for line in table.lines][:2] == ["8", "9"]


def test_other_images_have_their_own_table(classes):
    results = [
        result(classes),
        result(classes, split="validation"),
        result(counted(1, 2)),
        result(()),
    ]
    tables = class_table.tables(results)
    assert [(table.split, len(table.lines)) for table in tables] == [
        ("test", 10),
        ("validation", 10),
        ("test", 2),
    ]
    assert class_table.tables([result(())]) == []
