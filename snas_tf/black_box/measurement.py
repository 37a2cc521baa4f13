# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One evaluation, wherever it runs: its metrics, or why there are none."""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
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


class Time(NamedTuple):
    """How long evaluations may take.

    Attributes:
        limit: Seconds of one of them, after which its process is ended; None for no limit.
        ends: When the search ends, as `time.time()`, for evaluators that keep to it; None for
            never. A time of day, for it may be told to another process while that starts.
    """

    limit: float | None = None
    ends: float | None = None


def measure(
    evaluate: Evaluate,
    architecture: Architecture,
    seed: int,
    parent: Parent | None,
    allowed: Time,
) -> Measurement:
    """Evaluates an architecture; no error leaves it, for not every one can be sent home.

    Args:
        evaluate: A function of the architecture alone, or an evaluator.
        architecture: What is to be judged.
        seed: For an evaluator.
        parent: For an evaluator.
        allowed: The time for it.
    """
    start = time.perf_counter()
    try:
        with _limited(allowed.limit):
            if isinstance(evaluate, Evaluator):
                left = _left(evaluate, allowed.ends)
                given = evaluate.evaluate(architecture, seed=seed, parent=parent, **left)
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


@contextlib.contextmanager
def _limited(limit: float | None) -> Iterator[None]:
    """Ends this process where the block takes longer, even if it hangs outside of Python."""
    if limit is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(limit, file=nowhere, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _left(evaluate: Evaluator, ends: float | None) -> dict[str, float]:
    """What an evaluator that keeps to the time of the search is told of it."""
    if ends is None or not getattr(evaluate, "keeps_time", False):
        return {}
    return {"seconds": max(ends - time.time(), 0.0)}


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
