# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The warnings of a report: one for all the times that the same went astray, the present first.

There are two kinds of record: how a search went astray, epoch by epoch (`space.Degeneracy`), and
why a result is to be doubted (`Doubt`), which is so now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from snas_tf import space
from snas_tf.reports.doubts import Doubt

Record = space.Degeneracy | Doubt


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning.

    Attributes:
        when: The epochs, such as "epoch 2, epochs 5 to 7 and from epoch 9 on" or "only epoch 2"; ""
            for a doubt.
        sentence: What was so the last time, and what to do.
        lasting: Whether it is so after the last epoch.
    """

    when: str
    sentence: str
    lasting: bool


def warnings(found: Sequence[Record]) -> tuple[Warned, ...]:
    """What is to be shown of all that went astray.

    Args:
        found: What is doubted; and what went astray, in the order of the epochs.

    Returns:
        A warning for each condition: first those of what is so still, then the others, both in the
        order in which they were first given.
    """
    times: dict[space.Condition, list[Record]] = {}
    for record in found:
        times.setdefault(record.condition, []).append(record)
    told = [
        Warned(
            when=_when(records),
            sentence=records[-1].sentence,
            lasting=_lasts(records[-1]),
        )
        for records in times.values()
    ]
    return tuple(sorted(told, key=lambda warned: not warned.lasting))


def _lasts(record: Record) -> bool:
    return isinstance(record, Doubt) or record.until is None


def _when(records: Sequence[Record]) -> str:
    if isinstance(records[-1], Doubt):
        return ""
    *others, last = map(_epochs, records)
    times = f"{', '.join(others)} and {last}" if others else last
    return times if records[-1].until is None else f"only {times}"


def _epochs(record: space.Degeneracy) -> str:
    if record.until is None:
        return f"from epoch {record.epoch} on"
    if record.until == record.epoch:
        return f"epoch {record.epoch}"
    return f"epochs {record.epoch} to {record.until}"
