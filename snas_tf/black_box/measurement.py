# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One evaluation, wherever it runs: its metrics, or why there are none."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Evaluator, Parent
from snas_tf.space import Architecture

Evaluate = Callable[[Architecture], Mapping[str, float]] | Evaluator


class Measurement(NamedTuple):
    """What came of an evaluation; plain data, for it may come from another machine.

    Attributes:
        metrics: {metric: finite number}; empty where it failed.
        failure: Why it failed, in one line; "" where it did not.
        traceback: Where it failed, for who looks for the cause.
        seconds: How long it took.
    """

    metrics: dict[str, float]
    failure: str = ""
    traceback: str = ""
    seconds: float = 0.0


def measure(
    evaluate: Evaluate, architecture: Architecture, seed: int, parent: Parent | None
) -> Measurement:
    """Evaluates an architecture; no error leaves it, for not every one can be sent home.

    Args:
        evaluate: A function of the architecture alone, or an evaluator.
        architecture: What is to be judged.
        seed: For an evaluator.
        parent: For an evaluator.
    """
    start = time.perf_counter()
    try:
        if isinstance(evaluate, Evaluator):
            given = evaluate.evaluate(architecture, seed=seed, parent=parent)
        else:
            given = evaluate(architecture)
        metrics = _checked(given)
    except Exception as error:
        told = Measurement({}, one_line(error), traceback.format_exc())
    else:
        told = Measurement(metrics)
    return told._replace(seconds=time.perf_counter() - start)


def one_line(error: BaseException) -> str:
    """An error in a line: what kind it is, and the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    kind = type(error).__name__
    return f"{kind}: {lines[0][:300]}" if lines[0] else kind


def _checked(given: Any) -> dict[str, float]:
    if not isinstance(given, Mapping) or not given:
        raise InvalidInput(f"an evaluation must give {{metric: number}}: given {given!r:.80}")
    metrics = {}
    for name, value in given.items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not isinstance(name, str) or not math.isfinite(number):
            raise InvalidInput(
                f"an evaluation must give {{metric: finite number}}: given {value!r:.40} for "
                f"{name!r:.40}"
            )
        metrics[name] = number
    return metrics
