# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The summary in a terminal: complete, plain, and within 80 columns."""

import dataclasses
import io

import rich.console
import rich.progress

from snas_tf import reports, space
from snas_tf.reports import print_summary, print_warning


def printed(report, **options):
    console = rich.console.Console(file=io.StringIO(), **{"width": 80, **options})
    print_summary(console, report)
    return console.file.getvalue()


def full(report):
    edges = space.CellSpace().edges
    connections = tuple(space.Connection(*edge, "sep_conv_3x3") for edge in edges)
    return dataclasses.replace(
        report, architecture=space.Genotype({"normal": connections, "reduction": connections})
    )


def test_every_connection_of_both_cells_is_told(report):
    text = " ".join(printed(report).split())
    assert "normal cell node 2 = sep_conv_5x5(c_{k-2}) + skip_connect(c_{k-1}) node 3 =" in text
    assert "reduction cell node 2 = sep_conv_5x5(c_{k-2}) node 3 = sep_conv_5x5(c_{k-2})" in text
    assert "node 5 = zeros (no inputs)" in text
    assert printed(full(report)).count("sep_conv_3x3(") == 28


def test_results_and_texts_are_told(report):
    text = printed(report)
    for part in (
        *("Search on digits", "A network was found."),
        *("98.06 %", "96.05-99.06", "99.17 %", "43,210", "446.00 M", "validation", "360"),
    ):
        assert part in text


def test_the_network_to_use_comes_first(report):
    headline = reports.Headline(
        file="network.keras",
        network="the child that the search left",
        reason="better than the training's last epoch with 90.00 %",
        result=report.results[1],
    )
    text = " ".join(printed(dataclasses.replace(report, headline=headline)).split())
    begin = (
        "Search on digits 99.17 % of 360 test images right (95 % interval 97.6 % to 99.7 %) Use "
    )
    assert text.startswith(
        f"{begin}network.keras: the child that the search left, on validation images better than "
        "the training's last epoch with 90.00 %. A network was found."
    )
    validated = dataclasses.replace(headline, result=report.results[0], reason="")
    text = " ".join(printed(dataclasses.replace(report, headline=validated)).split())
    assert "the child that the search left. The network was chosen by these images" in text
    assert "--mode=evaluate" in text


def test_a_target_is_told_and_whether_it_is_missed(full_report):
    text = " ".join(printed(full_report).split())
    assert f"Target missed: {full_report.target}" in text
    kept = printed(dataclasses.replace(full_report, target_missed=False))
    assert f"Target: {full_report.target}" in " ".join(kept.split())
    assert "Target" not in printed(dataclasses.replace(full_report, target=""))


def test_warnings_are_told_the_lasting_ones_first_and_loud(full_report):
    text = " ".join(printed(full_report).split())
    told = (
        "Warning, epoch 1 and from epoch 3 on: the reduction cell is empty, again; do lower it. "
        "Warning, only epoch 1: the normal cell drowns: 8 of 9; do less. normal cell"
    )
    assert told in text
    assert "Warning" not in printed(dataclasses.replace(full_report, warnings=()))
    colored = printed(full_report, force_terminal=True, color_system="standard")
    assert "\x1b[1;31mWarning, epoch 1 and from" in colored
    assert "\x1b[1mWarning, only epoch 1" in colored


def test_a_warning_in_the_middle_of_a_run_is_one_plain_line():
    console = rich.console.Console(file=io.StringIO(), width=40)
    text = "after epoch 3 [bold]the normal cell[/bold] is empty: " + "nothing leads into it, " * 9
    print_warning(console, text)
    assert console.file.getvalue() == f"Warning: {text}\n"


def test_a_warning_stands_above_a_progress_bar():
    output = io.StringIO()
    console = rich.console.Console(file=output, width=40, force_terminal=True, color_system=None)
    with rich.progress.Progress(console=console, auto_refresh=False) as bar:
        bar.add_task("searching")
        bar.refresh()
        print_warning(console, "after epoch 3 it is empty.")
        bar.refresh()
    lines = output.getvalue().replace("\r", "\n").split("\n")
    # The bar's line is erased before, and drawn anew behind.
    (position,) = [number for number, line in enumerate(lines) if "Warning" in line]
    assert lines[position] == "\x1b[2KWarning: after epoch 3 it is empty."
    assert "searching" in lines[position + 1]


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
    bare = dataclasses.replace(report, architecture=None, results=(), next_commands=())
    assert printed(bare).splitlines() == ["Search on digits", "A network was found."]
