# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The progress of a run in words, in a terminal and in a log."""

import io

import pytest
import rich.console

from snas_tf.fitting.progress_display import ProgressDisplay, describe

LOGS = {
    "loss": 0.25,
    "accuracy": 0.951,
    "val_accuracy": 0.99,
    "val_sampled_accuracy": 0.97,
    "entropy_normal": 21.34,
    "entropy_reduction": 19.8,
    "temperature": 0.412,
    "expected_parameters": 12345.0,
    "expected_multiply_adds": 3830000.0,
    "unknown": 1.0,
}


def display(*, terminal):
    console = rich.console.Console(file=io.StringIO(), force_terminal=terminal, width=160)
    return ProgressDisplay(epochs=2, steps_per_epoch=3, console=console), console.file


def play(shown, epochs=(0, 1)):
    shown.on_train_begin()
    for epoch in epochs:
        shown.on_epoch_begin(epoch)
        for batch in range(3):
            shown.on_train_batch_end(batch, LOGS)
        shown.on_epoch_end(epoch, LOGS)
    shown.close()


def test_the_metrics_that_matter_in_a_line():
    assert describe(LOGS) == (
        "loss 0.250  accuracy 95.1 %  supernet 97.0 %  child 99.0 %  entropy normal 21.3, "
        "reduction 19.8 nats  temperature 0.412  expected cost 12,345 parameters, 3.83 M "
        "multiply-adds"
    )
    assert describe({}) == ""


def test_a_kind_of_cell_that_is_not_there_is_not_named():
    logs = {name: value for name, value in LOGS.items() if name != "entropy_normal"}
    assert "  entropy reduction 19.8 nats  " in describe(logs)


def test_a_training_validates_and_a_latency_has_its_unit():
    assert describe({"accuracy": 0.5, "val_accuracy": 0.25}) == "accuracy 50.0 %  validation 25.0 %"
    assert describe({"expected_latency": 1.234}) == "expected cost 1.23 ms"


def test_a_log_gets_a_line_an_epoch():
    shown, file = display(terminal=False)
    play(shown)
    lines = file.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert all("child 99.0 %" in line for line in lines)
    assert "left" not in lines[0] and lines[1].endswith("left 0 s")  # the first one traces


def test_nothing_is_cut_off_in_a_narrow_terminal():
    console = rich.console.Console(file=io.StringIO(), force_terminal=True, width=60)
    play(ProgressDisplay(epochs=2, steps_per_epoch=3, console=console))
    text = console.file.getvalue()
    for word in ("epoch 2/2", "left", "loss 0.250", "child 99.0 %", "3.83 M"):
        assert word in text


def test_a_terminal_gets_a_live_bar_and_its_cursor_back():
    shown, file = display(terminal=True)
    play(shown)
    text = file.getvalue()
    assert "epoch 2/2" in text and "temperature 0.412" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


@pytest.mark.parametrize("terminal", [True, False])
def test_closing_twice_or_before_the_start_does_no_harm(terminal):
    shown, _ = display(terminal=terminal)
    shown.close()
    play(shown, epochs=(1,))
    shown.close()
