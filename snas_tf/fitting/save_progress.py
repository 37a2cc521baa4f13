# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What happens between two steps: a look at the loss, a checkpoint when it is time, the end.

All workers of a run decide together, from what any one of them saw, for none may stop or save
alone. The table of metrics is written anew from the history, so no row is ever lost or twice.
"""

from __future__ import annotations

import math
import signal
import time

import keras
import numpy as np
from etils import epath

from snas_tf.errors import Failure
from snas_tf.fitting import metric_state, model_state
from snas_tf.fitting.checkpoint import Checkpoints, Progress
from snas_tf.fitting.history import write_metrics
from snas_tf.machine.interruption import Interrupted, Request
from snas_tf.machine.workers import Workers


class SaveProgress(keras.callbacks.Callback):
    """Records every epoch, writes checkpoints and the table of metrics, stops where it must.

    Args:
        progress: Where the stage goes on; its history is extended in place.
        checkpoints: Where to write.
        metrics_path: The csv file.
        steps_per_epoch: Steps of a whole epoch.
        seconds: Time between checkpoints within an epoch.
        workers: The workers of the run.
        request: Whether somebody asked the run to end.
    """

    def __init__(
        self,
        progress: Progress,
        checkpoints: Checkpoints,
        metrics_path: epath.Path,
        *,
        steps_per_epoch: int,
        seconds: float,
        workers: Workers,
        request: Request,
    ) -> None:
        super().__init__()
        self._progress = progress
        self._history = progress.history
        self._checkpoints = checkpoints
        self._metrics_path = metrics_path
        self._steps_per_epoch = steps_per_epoch
        self._seconds = seconds
        self._workers = workers
        self._request = request
        self._first_step = 0
        self._finite: dict[str, float] = {}
        self._saved_at = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Gives an epoch that goes on in its middle the running metrics of its first part."""
        goes_on = self._progress.position.steps and epoch == self._progress.position.epochs
        self._first_step = self._progress.position.steps if goes_on else 0
        if goes_on:
            metric_state.restore(self.model, self._progress.metrics)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the loss, and saves or stops where it is time.

        Raises:
            Failure: The loss is no number or infinite.
            Interrupted: The run was asked to end, and is saved.
        """
        steps = min(self._first_step + batch + 1, self._steps_per_epoch)
        due = self._workers.is_chief and time.monotonic() - self._saved_at >= self._seconds
        lost = not math.isfinite(logs["loss"])
        stop, due, lost = self._workers.sums([bool(self._request.number), due, lost])
        if lost:
            raise self._astray(f"the loss is {float(logs['loss'])}", steps)
        self._finite = dict(logs)
        if steps == self._steps_per_epoch:
            return  # the end of the epoch follows, with its evaluation
        if stop or due:
            metrics = metric_state.collect(self.model)
            self._save(steps, metrics)
        if stop:
            raise self._interrupted()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Epochs are counted from 1 in the table.

        Raises:
            Interrupted: The run was asked to end, and is saved.
        """
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        self._history.rows.append({"epoch": epoch + 1, **metrics})
        architecture = getattr(self.model, "architecture", None)
        if architecture is not None:
            for kind, value in architecture.probabilities().items():
                self._history.probabilities.setdefault(kind, []).append(value.numpy())
        self._save(0, [])
        (stop,) = self._workers.sums([bool(self._request.number)])
        if stop:
            raise self._interrupted()

    def _save(self, steps: int, metrics: list[np.ndarray]) -> None:
        def write() -> None:
            state = model_state.collect(self.model)
            if name := model_state.not_finite(state):
                raise self._astray(f"the variable {name} is no number or infinite", steps)
            self._checkpoints.save(state, self._history, steps, metrics)
            if not steps:
                write_metrics(self._metrics_path, self._history.rows)

        self._workers.on_chief(write)
        self._saved_at = time.monotonic()

    def _astray(self, what: str, steps: int) -> Failure:
        epoch = self._history.epochs + bool(steps)  # without steps, the epoch that has just ended
        last = ", ".join(f"{name} {value:.4g}" for name, value in self._finite.items())
        safe = self._checkpoints.last
        return Failure(
            f"{what} at step {steps or self._steps_per_epoch} of epoch {epoch}; "
            f"the last finite values: {last or 'none'}; "
            f"{f'the state before is {safe}' if safe else 'nothing was saved before'}; the same "
            "command would end here again: do search or train in another --workdir with a lower "
            "learning rate or clip_norm"
        )

    def _interrupted(self) -> Interrupted:
        # Without a number another worker was asked, and this one ends with it.
        return Interrupted(self._request.number or signal.SIGTERM, self._checkpoints.last)
