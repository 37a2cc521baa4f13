# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
r"""How far running statistics of batch normalisation lag behind, epoch by epoch of a training.

    python benchmarks/recalibration.py

Trains published cells on the digits. Prints after each epoch the step, and the accuracy on the
validation images with running statistics and with those of all training images.
"""

from __future__ import annotations

import keras

from snas_tf import config, data, space
from snas_tf.fitting.fit import validation_dataset
from snas_tf.fitting.ranking import rank
from snas_tf.programs import train
from snas_tf.programs.datasets import dataset
from snas_tf.programs.recalibration import recalibrated_accuracy

_TRAININGS = (
    ("SNAS_MILD", 600, 12, {}),
    ("SNAS_MILD", 0, 30, {}),
    ("DARTS_V2", 0, 30, {"ema_decay": 0.999}),
    ("SNAS_MILD", 0, 20, {"drop_path": 0.2}),
)


class _Compare(keras.callbacks.Callback):
    """Prints both accuracies after every epoch."""

    def __init__(self, images: data.ImageData, batch_size: int) -> None:
        super().__init__()
        self._images = images
        self._batch_size = batch_size

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        network = self.model.network()
        batches = validation_dataset(self._images, self._batch_size)
        running = rank(network, batches).accuracy()
        anew = recalibrated_accuracy(network, self._images, batches, self._batch_size)
        step = int(self.model.optimizer.iterations)
        print(f"step {step:4}  running {running:6.2%}  anew {anew:6.2%}", flush=True)


def main() -> None:
    """Trains all."""
    for name, num_images, epochs, values in _TRAININGS:
        settings = config.get_config()
        settings.data.num_images, settings.train.epochs = num_images, epochs
        settings.train.update(values)
        print(f"{name}, {num_images or 'all'} images, {epochs} epochs, {values}", flush=True)
        keras.utils.set_random_seed(settings.seed)
        images, batch_size = dataset.load(settings), settings.data.batch_size
        steps = data.steps_per_epoch(images.train, batch_size)
        model = train.build(settings, space.PUBLISHED[name], images, steps)
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


if __name__ == "__main__":
    main()
