# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Where trials are recorded, so that a search goes on after any end of its process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from snas_tf.black_box.trial import Trial


class TrialLog(Protocol):
    """Records trials; `snas_tf.runs.trial_log.TrialLogFile` does so in a file.

    A search calls it from one thread, and goes on only after what it gave is safe.
    """

    def read(self) -> Sequence[Trial]:
        """The trials so far: those that ended, in the order in which they ended, then the others.

        Rewards are left out: they follow from the metrics.
        """
        ...

    def propose(self, trial: Trial) -> None:
        """Records a trial, before it is evaluated."""
        ...

    def end(self, trial: Trial) -> None:
        """Records what came of a trial that was proposed."""
        ...
