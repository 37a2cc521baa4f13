# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The summary in a terminal: complete, plain, and within 80 columns."""

import dataclasses
import io

import rich.console

from snas_tf import space
from snas_tf.reports import print_summary


def printed(report, **options):
    console = rich.console.Console(file=io.StringIO(), **{"width": 80, **options})
    print_summary(console, report)
    return console.file.getvalue()


def full(report):
    edges = space.CellSpace().edges
    connections = tuple(space.Connection(*edge, "sep_conv_3x3") for edge in edges)
    return dataclasses.replace(report, genotype=space.Genotype(connections, connections))


def test_every_connection_of_both_cells_is_told(report):
    text = " ".join(printed(report).split())
    assert "normal cell node 0 = sep_conv_5x5(c_{k-2}) + skip_connect(c_{k-1}) node 1 =" in text
    assert "reduction cell node 0 = sep_conv_5x5(c_{k-2}) node 1 = sep_conv_5x5(c_{k-2})" in text
    assert "node 3 = zeros (no inputs)" in text
    assert printed(full(report)).count("sep_conv_3x3(") == 28


def test_results_and_texts_are_told(report):
    text = printed(report)
    for part in (
        *("Search on digits", "A network was found."),
        *("98.06 %", "96.05-99.06", "99.17 %", "43,210", "446.00 M", "validation", "360"),
    ):
        assert part in text


def test_a_target_is_told_and_whether_it_is_missed(full_report):
    text = " ".join(printed(full_report).split())
    assert f"Target missed: {full_report.target}" in text
    kept = printed(dataclasses.replace(full_report, target_missed=False))
    assert f"Target: {full_report.target}" in " ".join(kept.split())
    assert "Target" not in printed(dataclasses.replace(full_report, target=""))


def test_classes_and_searches_are_told(full_report):
    text = printed(full_report)
    for part in (
        *("test images class by class", "55 of 100  55.00 %*", "* clearly below"),
        *("3 searches that differ in their seed", "+- 1.00 %", "n = 3", "optimistic"),
    ):
        assert part in text


def test_commands_are_never_broken(report):
    assert f"Next: {report.next_commands[0]}" in printed(report).splitlines()


def test_it_fits_in_80_columns(report, full_report):
    for text in (printed(full(report)), printed(full(full_report))):
        for line in text.splitlines():
            assert len(line) <= 80 or line.startswith("Next: ")
        # Nothing is cut off for that.
        assert "…" not in text


def test_it_is_plain_where_there_is_no_terminal(report, full_report):
    text = printed(full_report)
    assert "\x1b" not in text
    assert text.isascii()
    assert "\x1b" in printed(report, force_terminal=True, color_system="standard")


def test_texts_are_no_console_markup(report):
    title = "[red]digits[/red] [/] :smile:"
    assert title in printed(dataclasses.replace(report, title=title))


def test_parts_that_a_report_lacks_are_left_out(report):
    bare = dataclasses.replace(report, genotype=None, results=(), next_commands=())
    assert printed(bare).splitlines() == ["Search on digits", "A network was found."]
