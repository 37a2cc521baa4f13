# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the networks of a search by morphs are trained, and where they are kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from etils import epath

from snas_tf.evaluation import Training
from snas_tf.networks.morphs import build, take_inherited
from snas_tf.space.morphs.layer_graph import LayerGraph


@dataclasses.dataclass(frozen=True, slots=True)
class MorphTrainings:
    """The trainings of one search.

    Attributes:
        folder: Where networks are kept, each in a file named by the seed of its training.
        epochs: Epochs of a training at most.
        patience: A training stops where the validation loss has not fallen for so many.
        batch_size: Examples of a step.
        learning_rate: Of Adam.
        inherit: Whether a training starts from the weights of what its network grew from.
    """

    folder: epath.Path
    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    inherit: bool

    def recorded(self) -> dict[str, Any]:
        """What trials depend on: all but where they are kept."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "folder"
        }

    def evaluator(self, x: np.ndarray, y: np.ndarray, validation: tuple) -> Training:
        """What judges networks.

        Args:
            x: float32 (examples, ...), what is learnt.
            y: int (examples,), its classes.
            validation: Both of what is judged by.
        """
        given = {"x": x, "y": y, "batch_size": self.batch_size, "validation_data": validation}
        return Training(
            build=self.build,
            data=lambda seed: dict(given),
            epochs=self.epochs,
            last_epochs=min(self.patience, self.epochs),
            patience=self.patience,
            keep=self.keep,
            recall=self.recall if self.inherit else None,
            inherit=_take,
        )

    def build(self, architecture: LayerGraph, seed: int) -> keras.Model:
        """The compiled network of a graph."""
        del seed  # Keras's own is set
        model = build(architecture)
        compile_classifier(model, self.learning_rate)
        return model

    def keep(self, network: keras.Model, seed: int) -> None:
        """Writes a network into the folder."""
        self.folder.mkdir(exist_ok=True)
        network.save(self._path(seed))

    def recall(self, seed: int) -> keras.Model:
        """Reads it again."""
        return keras.saving.load_model(self._path(seed), compile=False)

    def _path(self, seed: int) -> epath.Path:
        return self.folder / f"{seed}.keras"


def compile_classifier(model: keras.Model, learning_rate: float) -> None:
    """Compiles a network whose logits are to be learnt by Adam.

    Args:
        model: The network.
        learning_rate: Of Adam.
    """
    model.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,  # every network is another one, and XLA takes seconds to compile one
    )


def _take(
    model: keras.Model, architecture: LayerGraph, parent: keras.Model, of: LayerGraph, seed: int
) -> None:
    take_inherited(model, architecture, parent, of, seed=seed)
