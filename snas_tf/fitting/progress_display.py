# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a person sees of a run: a live bar in a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import keras
import rich.console
import rich.progress
import rich.text

from snas_tf.fitting.generation import Position
from snas_tf.reports import notation

_ACCURACIES = {"accuracy": "accuracy", "val_sampled_accuracy": "supernet"}
_ERROR = "mean_absolute_error"
_ENTROPY = "entropy_"
_COSTS = {
    "expected_parameters": lambda value: f"{notation.count(value)} parameters",
    "expected_multiply_adds": lambda value: f"{notation.count(value)} multiply-adds",
    "expected_latency": notation.milliseconds,
}


def describe(logs: Mapping[str, float]) -> str:
    """The metrics that matter, in a line, with the names and units that reports have.

    Args:
        logs: Metrics as Keras reports them.

    Returns:
        Such as "loss 0.312  accuracy 95.1 %  entropy normal 21.3, reduction 19.8 nats  temperature
        0.412  expected cost 12,345 parameters, 1.23 M multiply-adds".
    """
    parts = [f"loss {logs['loss']:.3f}"] if "loss" in logs else []
    parts += [
        f"{label} {notation.percent(logs[name], digits=1)}"
        for name, label in _ACCURACIES.items()
        if name in logs
    ]
    if "val_accuracy" in logs:
        label = "child" if "temperature" in logs else "validation"
        parts.append(f"{label} {notation.percent(logs['val_accuracy'], digits=1)}")
    if _ERROR in logs:
        parts.append(f"mean error {notation.decimal(logs[_ERROR])}")
    if f"val_{_ERROR}" in logs:
        label = "child's" if "temperature" in logs else "validation's"
        parts.append(f"{label} {notation.decimal(logs[f'val_{_ERROR}'])}")
    entropies = [
        f"{name.removeprefix(_ENTROPY)} {value:.1f}"
        for name, value in logs.items()
        if name.startswith(_ENTROPY)
    ]
    if entropies:
        parts.append(f"entropy {', '.join(entropies)} nats")
    if "temperature" in logs:
        parts.append(f"temperature {logs['temperature']:.3f}")
    costs = [told(logs[name]) for name, told in _COSTS.items() if name in logs]
    if costs:
        parts.append(f"expected cost {', '.join(costs)}")
    return "  ".join(parts)


class BarAndMetrics(rich.progress.Progress):
    """The bar, and below it the metrics, which would not fit beside it in 80 columns."""

    def get_renderables(self) -> Iterator[rich.console.RenderableType]:
        """What rich asks for."""
        yield self.make_tasks_table(self.tasks)
        for task in self.tasks:
            yield rich.text.Text(task.fields["metrics"])


class ProgressDisplay(keras.callbacks.Callback):
    """Shows the whole run: epoch, metrics, time passed and time left.

    Args:
        epochs: Epochs of the whole run.
        steps_per_epoch: Steps of an epoch.
        console: Where to show it.
        first: Where the run goes on; None for its start.
    """

    def __init__(
        self,
        epochs: int,
        steps_per_epoch: int,
        console: rich.console.Console,
        first: Position | None = None,
    ) -> None:
        super().__init__()
        self._epochs = epochs
        self._steps_per_epoch = steps_per_epoch
        self._console = console
        self._validation = {}
        self._first = first or Position()
        self._epoch = 0
        self._task: rich.progress.TaskID | None = None
        self._started = 0.0
        self._first_epoch: int | None = None
        self._bar = BarAndMetrics(
            rich.progress.TextColumn("epoch {task.fields[epoch]}/" + str(epochs)),
            rich.progress.BarColumn(bar_width=24),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("left"),
            rich.progress.TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Starts the bar, once: the rest of an epoch and those that follow are a `fit` each."""
        if self._task is not None:
            return
        self._task = self._bar.add_task(
            "", total=self._epochs * self._steps_per_epoch, epoch=0, metrics="tracing the step ..."
        )
        self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Remembers where the run stands."""
        self._first_epoch = epoch if self._first_epoch is None else self._first_epoch
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Moves the bar."""
        if not self._bar.disable:
            before = self._first.steps if self._epoch == self._first.epochs else 0
            self._bar.update(
                self._task,
                completed=self._epoch * self._steps_per_epoch + before + batch + 1,
                epoch=self._epoch + 1,
                metrics=describe({**(logs or {}), **self._validation}),
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Prints a line where there is no bar."""
        logs = logs or {}
        self._validation = {name: logs[name] for name in logs if name.startswith("val_")}
        if self._bar.disable:
            line = f"epoch {epoch + 1}/{self._epochs}  {describe(logs)}  {self._left(epoch)}"
            self._console.print(line.rstrip(), highlight=False, soft_wrap=True)

    def _left(self, epoch: int) -> str:
        """The time left in words; the first epoch, with its tracing, is no measure."""
        now = time.monotonic()
        if epoch == self._first_epoch:
            self._started = now
            return ""
        pace = (now - self._started) / (epoch - self._first_epoch)
        return f"left {pace * (self._epochs - epoch - 1):.0f} s"

    def close(self) -> None:
        """Removes the bar, however the run ended."""
        self._bar.stop()
