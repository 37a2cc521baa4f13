# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows at the end of a run."""

from __future__ import annotations

import rich.console
import rich.text

from snas_tf.reports import choice, seed_table, terminal_tables, truth_table
from snas_tf.reports.report import Report
from snas_tf.reports.trials import trial_table
from snas_tf.reports.trials.trials import Trials
from snas_tf.reports.truth import Truth
from snas_tf.reports.warning_list import warnings

_WARNING = "bold red"


def print_summary(console: rich.console.Console, report: Report) -> None:
    """Prints what was found, how good it is, and what to do next.

    Args:
        console: Where to print; readable at 80 columns, and without colors.
        report: What to say.
    """
    _print_text(console, report.title, "bold")
    if report.headline:
        told = report.headline
        _print_text(console, f"{told.figure} {told.measured}", "bold")
        _print_text(console, " ".join(filter(None, (told.use, told.caveat))))
        console.print()
    if report.summary:
        _print_text(console, report.summary)
    if report.target:
        _print_target(console, report)
    for warned in warnings(report.warnings):
        console.print()
        when = f", {warned.when}" if warned.when else ""
        word = (f"Warning{when}: ", _WARNING if warned.lasting else "bold")
        console.print(rich.text.Text.assemble(word, f"{warned.sentence}."), highlight=False)
    if report.architecture is not None:
        _print_architecture(console, report)
    if report.results:
        _print_results(console, report)
    if report.choice:
        console.print()
        _print_text(console, choice.sentence(report.choice))
    if report.truth:
        _print_truth(console, report.truth)
    if report.trials:
        _print_trials(console, report.trials)
    if report.seeds:
        _print_seeds(console, report)
    if report.next_commands:
        console.print()
    for command in report.next_commands:
        # Not a character changed, nor broken into lines: commands are there to be copied.
        console.out(f"Next: {command}", highlight=False)


def print_warning(console: rich.console.Console, text: str) -> None:
    """Prints a warning while a run goes on: one line, above the progress bar if there is one.

    Args:
        console: Where to print.
        text: What to say.
    """
    warning = rich.text.Text.assemble(("Warning: ", _WARNING), text)
    console.print(warning, highlight=False, soft_wrap=True)


def _print_text(console: rich.console.Console, text: str, style: str = "") -> None:
    console.print(rich.text.Text(text, style=style), highlight=False)


def _print_target(console: rich.console.Console, report: Report) -> None:
    """Told by a word too, for there may be no colors."""
    word, style = ("Target missed: ", _WARNING) if report.target_missed else ("Target: ", "bold")
    console.print()
    console.print(rich.text.Text.assemble((word, style), report.target), highlight=False)


def _print_architecture(console: rich.console.Console, report: Report) -> None:
    for shown in report.presentation.terminal(report):
        console.print()
        console.print(shown)


def _print_results(console: rich.console.Console, report: Report) -> None:
    for table in terminal_tables.results(console, report.results):
        console.print()
        console.print(table)
    for heading, table, note in terminal_tables.classes(console, report.results):
        console.print()
        _print_text(console, heading, "bold")
        console.print(table)
        if note:
            _print_text(console, note)


def _print_truth(console: rich.console.Console, told: Truth) -> None:
    console.print()
    _print_text(console, "True accuracy", "bold")
    _print_text(console, truth_table.sentence(told))
    console.print()
    console.print(terminal_tables.truth(told))
    for remark in truth_table.remarks(told):
        _print_text(console, remark)


def _print_trials(console: rich.console.Console, told: Trials) -> None:
    console.print()
    _print_text(console, "The front" if told.has_several_rewards else "The trials", "bold")
    _print_text(console, " ".join(trial_table.sentences(told)))
    if told.result.succeeded:
        console.print()
        for table in terminal_tables.trials(console, told):
            console.print(table)


def _print_seeds(console: rich.console.Console, report: Report) -> None:
    console.print()
    _print_text(console, f"{len(report.seeds)} searches that differ in their seed", "bold")
    console.print(terminal_tables.seeds(report.seeds))
    for note in seed_table.notes(report.seeds):
        _print_text(console, note)
