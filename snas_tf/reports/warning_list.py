# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The warnings of a report: one for all the times that the same went astray, the present first."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from snas_tf import space


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning.

    Attributes:
        when: The epochs, such as "epoch 2, epochs 5 to 7 and from epoch 9 on" or "only epoch 2".
        sentence: What was so the last time, and what to do.
        lasting: Whether it is so after the last epoch.
    """

    when: str
    sentence: str
    lasting: bool


def warnings(found: Sequence[space.Degeneracy]) -> tuple[Warned, ...]:
    """What is to be shown of all that went astray.

    Args:
        found: In the order of the epochs.

    Returns:
        A warning for each condition: first those of what is so still, then the others, both in the
        order in which they were first given.
    """
    times: dict[space.Condition, list[space.Degeneracy]] = {}
    for record in found:
        times.setdefault(record.condition, []).append(record)
    told = [
        Warned(
            when=_when(records),
            sentence=records[-1].sentence,
            lasting=records[-1].until is None,
        )
        for records in times.values()
    ]
    return tuple(sorted(told, key=lambda warned: not warned.lasting))


def _when(records: Sequence[space.Degeneracy]) -> str:
    *others, last = map(_epochs, records)
    times = f"{', '.join(others)} and {last}" if others else last
    return times if records[-1].until is None else f"only {times}"


def _epochs(record: space.Degeneracy) -> str:
    if record.until is None:
        return f"from epoch {record.epoch} on"
    if record.until == record.epoch:
        return f"epoch {record.epoch}"
    return f"epochs {record.epoch} to {record.until}"
