# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""How far running statistics of batch normalisation lag behind, epoch by epoch of a training.

    python benchmarks/recalibration.py --output=benchmarks/results/recalibration.json

Trains published cells on the digits, in four ways. After each epoch the accuracy on the validation
images is measured twice: with the running statistics, and with those of all training images, which
is what `--config.train.recalibrate` takes instead. Prints both beside the step, and at the end how
often and from which step on they agree within --close. A few minutes on two cores.
"""

from __future__ import annotations

import json
import pathlib

import keras
import rich.console
import rich.table
from absl import app, flags
from ml_collections import ConfigDict

from snas_tf import config, data, space
from snas_tf.fitting.fit import validation_dataset
from snas_tf.fitting.ranking import rank
from snas_tf.programs import train
from snas_tf.programs.datasets import dataset
from snas_tf.programs.recalibration import recalibrated_accuracy

_SEED = flags.DEFINE_integer("seed", 0, "Seed of the trainings.")
_MOST_EPOCHS = flags.DEFINE_integer("most_epochs", 30, "Epochs of the longest.", lower_bound=1)
_CLOSE = flags.DEFINE_float("close", 0.01, "Difference of two accuracies that counts as none.")
_OUTPUT = flags.DEFINE_string("output", "", "A JSON file for what was found; empty for none.")

_TRAININGS = (
    ("600 digits, SNAS mild", "SNAS_MILD", 600, 12, {}),
    ("all digits, SNAS mild", "SNAS_MILD", 0, 30, {}),
    ("all digits, DARTS V2, averaged weights", "DARTS_V2", 0, 30, {"ema_decay": 0.999}),
    ("all digits, SNAS mild, drop path", "SNAS_MILD", 0, 20, {"drop_path": 0.2}),
)
"""What it is called, the architecture, images to learn from (0: all), epochs, further keys."""


class _Compare(keras.callbacks.Callback):
    """Measures both accuracies after every epoch.

    Attributes:
        rows: {"step", "running", "anew"} of every epoch.
    """

    def __init__(self, images: data.ImageData, batch_size: int) -> None:
        super().__init__()
        self.rows: list[dict[str, float]] = []
        self._images = images
        self._batch_size = batch_size

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        network = self.model.network()
        batches = validation_dataset(self._images, self._batch_size)
        running = rank(network, batches).accuracy()
        anew = recalibrated_accuracy(network, self._images, batches, self._batch_size)
        step = int(self.model.optimizer.iterations)
        self.rows.append({"step": step, "running": float(running), "anew": float(anew)})
        print(f"step {step:4}  running {running:6.2%}  anew {anew:6.2%}", flush=True)


def measured(genotype: str, settings: ConfigDict) -> list[dict[str, float]]:
    """Both accuracies after every epoch of one training."""
    keras.utils.set_random_seed(settings.seed)
    images, batch_size = dataset.load(settings), settings.data.batch_size
    steps = data.steps_per_epoch(images.train, batch_size)
    model = train.build(settings, space.PUBLISHED[genotype], images, steps)
    epochs = settings.train.epochs
    training = data.training_dataset(
        images.train,
        batch_size=batch_size,
        seed=settings.seed,
        augmentation=data.Augmentation(),
        normalization=data.normalization(images),
        epochs=epochs,
    )
    compare = _Compare(images, batch_size)
    model.fit(training, epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=[compare])
    return compare.rows


def summary(trainings: list[dict]) -> rich.table.Table:
    """For each training the greatest difference, and from which step on there is none."""
    table = rich.table.Table(box=None, pad_edge=False)
    for column in ("training", "epochs", "largest gap", "at step", "none from step"):
        table.add_column(column)
    for each in trainings:
        gaps = [(row["anew"] - row["running"], row["step"]) for row in each["epochs"]]
        gap, step = max(gaps)
        apart = [step for difference, step in gaps if abs(difference) > _CLOSE.value]
        later = [step for _, step in gaps if not apart or step > apart[-1]]
        since = str(later[0]) if later else "never"
        table.add_row(each["training"], str(len(gaps)), f"{gap:.1%}", str(step), since)
    return table


def main(arguments: list[str]) -> None:
    """Trains all, and tells of each."""
    del arguments
    found = []
    for name, genotype, num_images, epochs, values in _TRAININGS:
        settings = config.get_config()
        settings.seed, settings.data.num_images = _SEED.value, num_images
        settings.train.epochs = min(epochs, _MOST_EPOCHS.value)
        settings.train.update(values)
        print(f"{name}, {settings.train.epochs} epochs", flush=True)
        found.append({"training": name, "epochs": measured(genotype, settings)})
    rich.console.Console().print(summary(found))
    if _OUTPUT.value:
        text = json.dumps({"seed": _SEED.value, "trainings": found}, indent=1)
        pathlib.Path(_OUTPUT.value).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
