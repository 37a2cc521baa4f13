# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The long part of a stage: `fit`, from where it was stopped, with checkpoints and progress."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import rich.console
import tensorflow as tf

from snas_tf import data
from snas_tf.runs.checkpoint import Checkpoints, SaveProgress
from snas_tf.runs.history import write_metrics
from snas_tf.runs.progress_display import ProgressDisplay
from snas_tf.runs.run_directory import RunDirectory


def fit(
    model: keras.Model,
    stage: str,
    directory: RunDirectory,
    images: data.ImageData,
    *,
    seed: int,
    batch_size: int,
    epochs: int,
    augmentation: data.Augmentation,
    console: rich.console.Console,
    evaluations: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Trains a model to the last epoch; one that was stopped goes on after its last whole epoch.

    Args:
        model: The compiled model, its weights at their start.
        stage: "search" or "train".
        directory: The run, begun.
        images: The data set; learns from `train`, validates on `validation`.
        seed: The run's seed.
        batch_size: Images a step.
        epochs: Epochs of the whole stage.
        augmentation: How training images are varied.
        console: Where progress is shown.
        evaluations: Callbacks that add metrics to the logs at the end of an epoch.
    """
    checkpoints = Checkpoints(directory.checkpoints_folder, stage)
    history = checkpoints.load(model)
    if history.epochs:
        console.print(f"Continuing after epoch {history.epochs} of {epochs}.")
        # A kill between the checkpoint and the table leaves the table a row short.
        write_metrics(directory.metrics_path(stage), history.rows)
    training = data.training_dataset(
        images.train,
        batch_size=batch_size,
        seed=seed,
        augmentation=augmentation,
        normalization=data.normalization(images),
        first_epoch=history.epochs,
        epochs=epochs,
    )
    steps = data.steps_per_epoch(images.train, batch_size)
    display = ProgressDisplay(epochs, steps, console)
    try:
        model.fit(
            training,
            initial_epoch=history.epochs,
            epochs=epochs,
            steps_per_epoch=steps,
            validation_data=validation_dataset(images, batch_size),
            shuffle=False,
            verbose=0,
            callbacks=[
                *evaluations,
                SaveProgress(checkpoints, history, directory.metrics_path(stage)),
                keras.callbacks.TensorBoard(str(directory.logs_folder(stage)), write_graph=False),
                display,
            ],
        )
    finally:
        display.close()  # an interruption would leave a terminal without its cursor


def validation_dataset(images: data.ImageData, batch_size: int) -> tf.data.Dataset:
    """Batches of the validation split in its order."""
    return data.evaluation_dataset(
        images.validation, batch_size=batch_size, normalization=data.normalization(images)
    )
