# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every search has its line, and the spread is that of a sample."""

import dataclasses

from snas_tf import space
from snas_tf.reports import seed_table


def test_every_value_has_its_place(seeds):
    table = seed_table.table(seeds)
    assert table.headings == (
        "seed",
        "supernet, sampled",
        "child",
        "after short training",
        "parameters",
        "multiply-adds",
        "",
    )
    assert table.lines == [
        ("7", "95.00 %", "96.00 %", "97.00 %", "40,000", "4.00 M", ""),
        ("8", "96.00 %", "97.00 %", "99.00 %", "41,000", "4.10 M", "chosen"),
        ("9", "97.00 %", "98.00 %", "98.00 %", "42,000", "4.20 M", ""),
    ]


def test_the_deviation_is_that_of_a_sample(seeds):
    # Of x - d, x, x + d it is d, where that of a population is 0.82 d.
    table = seed_table.table(seeds)
    assert table.count == 3
    assert table.spreads == (
        ("96.00 %", "1.00 %"),
        ("97.00 %", "1.00 %"),
        ("98.00 %", "1.00 %"),
        ("41,000", "1,000"),
        ("4.10 M", "0.10 M"),
    )


def test_a_deviation_has_the_unit_of_its_mean(seeds):
    pair = [
        dataclasses.replace(seed, cost=space.Cost(parameters=2_000_000 + shift))
        for seed, shift in zip(seeds, (-50_000, 50_000), strict=False)
    ]
    assert seed_table.table(pair).spreads[3] == ("2.00 M", "0.07 M")


def test_a_column_without_any_value_is_left_out(seeds):
    untrained = [dataclasses.replace(seed, trained_accuracy=None) for seed in seeds]
    table = seed_table.table(untrained)
    assert "after short training" not in table.headings
    assert {len(line) for line in table.lines} == {len(table.headings)} == {6}
    assert len(table.spreads) == 4
    first = seed_table.table([seeds[0], *untrained[1:]])
    assert [line[3] for line in first.lines] == ["97.00 %", "", ""]
    assert first.spreads[2] == ("97.00 %", "")


def test_the_chosen_one_is_called_optimistic(seeds):
    notes = " ".join(seed_table.notes(seeds))
    assert "n = 3" in notes and "sample standard deviation" in notes and "optimistic" in notes
    unchosen = [dataclasses.replace(seed, chosen=False) for seed in seeds]
    assert "optimistic" not in " ".join(seed_table.notes(unchosen))
    assert "n =" not in " ".join(seed_table.notes(seeds[:1]))
