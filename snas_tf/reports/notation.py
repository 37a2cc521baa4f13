# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How counts, times and accuracies are written in every report."""

from __future__ import annotations


def count(value: float) -> str:
    """A large number to be read: 43,210, then 2.85 M, then 1.20 G."""
    if value < 1e6:
        return f"{value:,.0f}"
    return f"{value / 1e6:,.2f} M" if value < 1e9 else f"{value / 1e9:,.2f} G"


def count_deviation(deviation: float, value: float) -> str:
    """The deviation of a large number in the unit that `count` gives the number itself."""
    unit, name = (1, "") if value < 1e6 else (1e6, " M") if value < 1e9 else (1e9, " G")
    return f"{deviation / unit:,.{0 if unit == 1 else 2}f}{name}"


def percent(fraction: float, digits: int = 2) -> str:
    """A fraction in percent, such as 97.15 %.

    Args:
        fraction: The fraction, 1 for all.
        digits: How many there are behind the point.
    """
    return f"{fraction:.{digits}%}".replace("%", " %")


def decimal(value: float) -> str:
    """A number of any size to four figures, such as 0.1234, 12.3 or 1,234."""
    return count(value) if abs(value) >= 1000 else f"{value:.4g}"


def milliseconds(value: float) -> str:
    """A time to about three figures, such as 0.512 ms, 1.23 ms, 45.6 ms."""
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} ms"


def words(metric: str) -> str:
    """The name of a metric for people: "latency_ms" is "latency", "multiply_adds" multiply-adds."""
    plain = metric.removesuffix("_ms").replace("multiply_adds", "multiply-adds")
    return plain.replace("_", " ")


def metric(name: str, value: float) -> str:
    """A metric as people read it.

    Args:
        name: Its name, which tells its unit: an accuracy in [0, 1] is a part, and is told in
            percent; what ends in "_ms" is milliseconds, and in "_bytes" bytes.
        value: Its value.
    """
    if "accuracy" in name:
        return percent(value) if 0 <= value <= 1 else f"{value:.2f}"
    if name.endswith("_ms"):
        return milliseconds(value)
    return decimal(value)
