# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Tables fit in a terminal, and say all that they have room for."""

import dataclasses
import io
import re

import pytest
import rich.console

from snas_tf import reports, space
from snas_tf.reports import terminal_tables


def printed(*tables, width=80):
    console = rich.console.Console(file=io.StringIO(), width=width)
    console.print(*tables)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert text.isascii()
    return text


def console(width=80):
    return rich.console.Console(file=io.StringIO(), width=width)


def many(count, name="class"):
    return tuple(
        reports.ClassResult(name=f"{name} {number:03}", right=number, count=count)
        for number in range(count)
    )


def test_wide_results_become_two_tables(full_report):
    tables = [*terminal_tables.results(console(), full_report.results)]
    assert len(tables) == 2
    accuracies, costs = (printed(table) for table in tables)
    assert "98.70 %" in accuracies and "43,210" not in accuracies
    for text in ("43,210", "4.32 M", "1.23 ms"):
        assert costs.count(text) == 2
    assert "supernet" not in costs


def test_with_room_there_is_one_table(full_report, report):
    (table,) = terminal_tables.results(console(130), full_report.results)
    assert "1.23 ms" in printed(table, width=130)
    (table,) = terminal_tables.results(console(), report.results)
    assert "446.00 M" in printed(table)


def test_without_costs_too_long_names_do_not_make_a_second_table():
    result = reports.Result(name="x" * 90, split="test", accuracy=0.5, count=10)
    assert len([*terminal_tables.results(console(), [result])]) == 1


def test_two_networks_have_a_column_each(full_report):
    ((heading, table, note),) = terminal_tables.classes(console(), full_report.results)
    assert heading == "test images class by class, the weakest first"
    text = printed(table)
    weakest = re.findall(r"(\d) +55 of 100 +55.00 %\* +55 of 100 +55.00 %\*", text)
    assert weakest == ["8"]
    assert text.count("*") == 2
    assert note.startswith("* clearly below")


@pytest.mark.parametrize("number", [1, 2, 5, 24])
def test_classes_stand_side_by_side_the_weakest_first(number):
    result = reports.Result(name="child", split="test", classes=many(24)[:number])
    ((heading, table, _),) = terminal_tables.classes(console(), [result])
    assert heading == "child: test images class by class, the weakest first"
    lines = printed(table).splitlines()
    assert len(lines) <= (number + 1) // 2
    rows = [re.findall(r"class (\d+) +(\d+) of 24", line) for line in lines]
    columns = [[row[place] for row in rows if place < len(row)] for place in range(len(rows[0]))]
    found = [pair for column in columns for pair in column]
    assert found == [(f"{n:03}", str(n)) for n in range(number)]


def test_of_many_classes_the_weakest_are_shown():
    result = reports.Result(name="child", split="test", classes=many(1000))
    ((_, table, note),) = terminal_tables.classes(console(), [result])
    text = printed(table)
    assert "class 000" in text and "class 023" in text and "class 024" not in text
    assert note.endswith("; 976 better classes are not shown")


def test_long_names_of_classes_are_not_cut():
    name = "a" * 100
    classes = (reports.ClassResult(name=name, right=1, count=2),)
    result = reports.Result(name="child", split="test", classes=classes)
    ((_, table, note),) = terminal_tables.classes(console(), [result])
    assert sum(line.count("a") for line in printed(table).splitlines()) == 100
    assert note == ""


def test_results_without_classes_have_no_table(report):
    assert [*terminal_tables.classes(console(), report.results)] == []


def test_searches_have_a_line_each_and_their_spread(seeds):
    lines = printed(terminal_tables.seeds(seeds)).splitlines()
    chosen = [line.split()[0] for line in lines if line.rstrip().endswith("chosen")]
    assert chosen == ["8"]
    mean, deviation = (re.split(r"  +", line.strip()) for line in lines[-2:])
    assert mean == ["mean", "96.00 %", "97.00 %", "98.00 %", "41,000", "4.10 M"]
    assert lines[-1].count("+- 1.00 %") == 3
    assert "+- 1,000" in lines[-1] and "+- 0.10 M" in lines[-1]
    assert deviation[0].startswith("+- std")


def test_one_search_has_no_spread(seeds):
    assert "mean" not in printed(terminal_tables.seeds(seeds[:1]))


def test_large_searches_fit_too(seeds):
    large = [
        dataclasses.replace(
            seed,
            seed=10_000 + seed.seed,
            trained_accuracy=1.0,
            cost=space.Cost(parameters=999_999 - 9 * seed.seed, multiply_adds=9.9e11),
        )
        for seed in seeds
    ]
    assert "990.00 G" in printed(terminal_tables.seeds(large))
