# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a person sees of trials as they end, where there is no terminal: a line a trial."""

import io

import rich.console

from snas_tf import black_box, space
from snas_tf.black_box import Constrained
from snas_tf.programs.trials.display import TrialsDisplay

SPACE = space.ProductSpace([space.Decision("width", ["layer"], ["8", "16"])])
COSTS = {f"cost_{number}": float(number) for number in range(12)}


def shown(evaluate, objective):
    """What is shown of one trial, a line."""
    text = io.StringIO()
    display = TrialsDisplay(1, 0, rich.console.Console(file=text))
    black_box.search(
        black_box.Random(), SPACE, evaluate, trials=1, objective=objective, progress=display.tell
    )
    return text.getvalue()


def test_a_line_has_room_for_a_few_metrics_those_that_count_first():
    line = shown(lambda _: {**COSTS, "accuracy": 0.75}, "accuracy")
    assert "trial 1/1  accuracy 75.00 %, cost 0" in line
    assert line.count("cost") == 3


def test_the_best_is_told_by_what_is_to_be_great_and_not_by_a_bound():
    objective = Constrained("accuracy", {"parameters": (0, 100)})
    line = shown(lambda _: {"parameters": 50.0, "accuracy": 0.75}, objective)
    assert "best accuracy 75.00 % (trial 0)" in line
