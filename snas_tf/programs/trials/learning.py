# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the network of a trial learns: as --mode=train lets one learn, for a few epochs."""

from __future__ import annotations

from typing import Any

import keras
from ml_collections import ConfigDict

from snas_tf import data, space
from snas_tf.evaluation import Training
from snas_tf.fitting.fit import validation_dataset
from snas_tf.programs import problems, train
from snas_tf.runs import network_files
from snas_tf.runs.run_directory import RunDirectory


class Learning:
    """The trainings of a run's trials.

    Args:
        config: The config, checked.
        images: The data set.
        directory: The run directory, in which networks are kept.
    """

    def __init__(self, config: ConfigDict, images: data.ImageData, directory: RunDirectory) -> None:
        self._config = train.shortened(config, config.trials.epochs)
        self._images = images
        self._directory = directory
        self._plan = train.plan_of(self._config, images)
        self._problem = problems.of(self._config, train.STAGE, images)

    def evaluator(self) -> Training:
        """What evaluates."""
        trials = self._config.trials
        return Training(
            build=self.build,
            data=self.data,
            epochs=trials.epochs,
            last_epochs=trials.last_epochs,
            measures=(),
            network=lambda model: model.network(),
            keep=self.keep,
            recall=self.recall if trials.inherit else None,
            inherit=self.inherit if hasattr(self._problem, "inherit") else None,
            patience=trials.patience,
        )

    def build(self, architecture: space.Architecture, seed: int) -> keras.Model:
        """The compiled model of a trial."""
        config = self._config.copy_and_resolve_references()
        config.seed = seed
        return train.build(config, architecture, self._images, self._plan.steps_per_epoch)

    def inherit(
        self,
        model: keras.Model,
        architecture: space.Architecture,
        parent: keras.Model,
        of: space.Architecture,
        seed: int,
    ) -> None:
        """Starts a trial from a network of another architecture, `of`, as its family has it."""
        self._problem.inherit(model.child, architecture, parent, of, seed=seed)
        if model.average is not None:
            model.average.take_weights(model.child)

    def data(self, seed: int) -> dict[str, Any]:
        """What it learns from, in an order of its own, and is validated on."""
        plan = self._plan
        training = data.training_dataset(
            self._images.train,
            batch_size=plan.batch_size,
            seed=seed,
            augmentation=plan.augmentation,
            normalization=data.normalization(self._images),
            epochs=plan.epochs,
        )
        callbacks, _ = train.statistics_callbacks(self._config, plan)
        return {
            "x": training,
            "steps_per_epoch": plan.steps_per_epoch,
            "validation_data": validation_dataset(self._images, plan.batch_size),
            "callbacks": callbacks,
            "shuffle": False,
        }

    def keep(self, network: keras.Model, seed: int) -> None:
        """Writes a network into the run."""
        self._directory.trial_networks_folder.mkdir(parents=True, exist_ok=True)
        network_files.save(network, self._directory.trial_network_path(seed))

    def recall(self, seed: int) -> keras.Model:
        """Reads it again."""
        return network_files.load(self._directory.trial_network_path(seed))
