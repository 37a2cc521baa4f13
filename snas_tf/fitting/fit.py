# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The long part of a stage: `fit`, from where it was stopped, with checkpoints and progress."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import keras
import rich.console
import tensorflow as tf

from snas_tf import data
from snas_tf.fitting.best_network import KeepBest
from snas_tf.fitting.checkpoint import Checkpoints, Progress
from snas_tf.fitting.generation import Position
from snas_tf.fitting.history import History, write_metrics
from snas_tf.fitting.progress_display import ProgressDisplay
from snas_tf.fitting.save_progress import SaveProgress
from snas_tf.machine import interruption
from snas_tf.machine.workers import Workers
from snas_tf.runs.run_directory import RunDirectory


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a stage is to go through.

    Attributes:
        stage: "search" or "train".
        images: The data set; the stage learns from `train` and validates on `validation`.
        augmentation: How training images are varied.
        seed: The run's seed.
        batch_size: Images a step, over all replicas.
        epochs: Epochs of the whole stage.
        checkpoint_seconds: Time between checkpoints within an epoch.
        two_levels_after: The number of first steps after which weights and logits learn by turns,
            from the first on each from half of the examples; None where they learn together.
    """

    stage: str
    images: data.ImageData
    augmentation: data.Augmentation
    seed: int
    batch_size: int
    epochs: int
    checkpoint_seconds: float
    two_levels_after: int | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches of an epoch."""
        return data.steps_per_epoch(self.images.train, self.batch_size)


def fit(
    model: keras.Model,
    plan: Plan,
    directory: RunDirectory,
    workers: Workers,
    console: rich.console.Console,
    *,
    evaluations: Sequence[keras.callbacks.Callback] = (),
    keeps_best: bool = False,
    stops: Callable[[History], bool] = lambda history: False,
) -> History:
    """Trains a model to the last epoch; one that was stopped goes on after its last saved step.

    Args:
        model: The compiled model, its weights at their start.
        plan: What it goes through.
        directory: The run, begun.
        workers: The workers of the run, all of which call this.
        console: Where progress is shown.
        evaluations: Callbacks that add metrics to the logs at the end of an epoch.
        keeps_best: Whether the network of the best epoch on the validation images is kept.
        stops: Whether the stage ends here, by what it has been through so far; asked after every
            epoch, and before the first.

    Returns:
        What the whole stage has been through.

    Raises:
        Failure: The loss is no number, no checkpoint is intact, or none can be written.
        Interrupted: The run was asked to end, and is saved.
    """
    best = {directory.best_network_path.name: directory.best_network_path} if keeps_best else {}
    checkpoints = Checkpoints(directory.checkpoints_folder, plan.stage, best)
    progress = checkpoints.load(model)
    position, history = progress.position, progress.history
    workers.check_same(position.epochs * plan.steps_per_epoch + position.steps, "the step")
    workers.on_chief(checkpoints.restore_companions)
    _tell(progress, plan, console)
    if position.steps:
        _build_metrics(model, plan)
    if history.rows:
        # A kill between the checkpoint and the table leaves the table a row short.
        workers.on_chief(lambda: write_metrics(directory.metrics_path(plan.stage), history.rows))
    display = ProgressDisplay(plan.epochs, plan.steps_per_epoch, console, first=position)
    with interruption.deferred() as request:
        save = SaveProgress(
            progress,
            checkpoints,
            directory.metrics_path(plan.stage),
            steps_per_epoch=plan.steps_per_epoch,
            seconds=plan.checkpoint_seconds,
            workers=workers,
            request=request,
        )
        judged = history if keeps_best else None
        chiefs = _of_the_chief(directory, plan.stage, judged) if workers.is_chief else []
        callbacks = [*evaluations, *chiefs, save, _StopWhere(stops, history), display]
        try:
            for first, last in _parts(position, plan.epochs):
                if stops(history):
                    break
                _fit_part(model, plan, first, last, callbacks)
        finally:
            display.close()  # an interruption would leave a terminal without its cursor
    return history


class _StopWhere(keras.callbacks.Callback):
    """Ends `fit` after an epoch, which is saved by then."""

    def __init__(self, stops: Callable[[History], bool], history: History) -> None:
        super().__init__()
        self._stops = stops
        self._history = history

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Asks what the stage has been through."""
        if self._stops(self._history):
            self.model.stop_training = True


def _build_metrics(model: keras.Model, plan: Plan) -> None:
    """Keras builds them with the first batch, and values that were saved must follow that."""
    model.evaluate(validation_dataset(plan.images, plan.batch_size).take(1), verbose=0)


def _of_the_chief(
    directory: RunDirectory, stage: str, judged: History | None
) -> list[keras.callbacks.Callback]:
    """What writes into the run: TensorBoard's logs, and the best network by a history, if given."""
    best = [] if judged is None else [KeepBest(directory.best_network_path, judged.rows)]
    logs = str(directory.logs_folder(stage))
    return [*best, keras.callbacks.TensorBoard(logs, write_graph=False)]


def validation_dataset(images: data.ImageData, batch_size: int) -> tf.data.Dataset:
    """Batches of the validation split in its order."""
    return data.evaluation_dataset(
        images.validation, batch_size=batch_size, normalization=data.normalization(images)
    )


def _parts(position: Position, epochs: int) -> Iterator[tuple[Position, int]]:
    """The calls of Keras's `fit`, which knows whole epochs alone: the rest of one, then the others.

    Yields:
        Where a part begins, and the number of the epoch before which it ends.
    """
    if position.steps:
        yield position, position.epochs + 1
        position = Position(position.epochs + 1)
    if position.epochs < epochs:
        yield position, epochs


def _fit_part(
    model: keras.Model,
    plan: Plan,
    first: Position,
    last: int,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    model.fit(
        _training_dataset(plan, first, last),
        initial_epoch=first.epochs,
        epochs=last,
        steps_per_epoch=plan.steps_per_epoch - first.steps,
        validation_data=validation_dataset(plan.images, plan.batch_size),
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )


def _training_dataset(plan: Plan, first: Position, last: int) -> tf.data.Dataset:
    arguments = {
        "batch_size": plan.batch_size,
        "seed": plan.seed,
        "augmentation": plan.augmentation,
        "normalization": data.normalization(plan.images),
    }
    if plan.two_levels_after is None:
        return data.training_dataset(
            plan.images.train,
            first_epoch=first.epochs,
            first_step=first.steps,
            epochs=last,
            **arguments,
        )
    return data.two_level_dataset(
        plan.images.train,
        warmup_steps=plan.two_levels_after,
        first_step=first.epochs * plan.steps_per_epoch + first.steps,
        last_step=last * plan.steps_per_epoch,
        **arguments,
    )


def _tell(progress: Progress, plan: Plan, console: rich.console.Console) -> None:
    for damage in progress.damaged:
        console.print(f"warning: {damage}", soft_wrap=True, highlight=False)
    if progress.position != Position():
        words = f"Continuing after {progress.position} of {plan.epochs} epochs."
        console.print(words, soft_wrap=True)
