# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search leaves when it is over: the architecture that `search.derivation` chooses, a child.

What is read off the probabilities takes the supernet as it stands. What is judged takes a copy on
one device, which may learn on, and its child has statistics of batch normalisation that were
measured anew: those by which it was judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np
import rich.console
from ml_collections import ConfigDict

from snas_tf import data, reports, space
from snas_tf.data.splits import GRAPHS
from snas_tf.distribution import ArchitectureDistribution
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Parent, Training, ZeroCost, architecture_keys, derivation_names
from snas_tf.evaluation.derivation import (
    Best,
    Derivation,
    Perturbation,
    Read,
    Searched,
    drawn,
    most_probable,
)
from snas_tf.fitting.fit import Plan, validation_dataset
from snas_tf.networks import Searchable
from snas_tf.programs import problems
from snas_tf.programs.datasets import dataset, tasks
from snas_tf.programs.recalibration import recalibrated_accuracy, training_images
from snas_tf.programs.trials.learning import Learning
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.search import Snas
from snas_tf.search.estimators import named

STAGE = "search"
TUNING_RATE = 0.1
"""Of the search's first learning rate, at which a supernet learns between two decisions."""

_SCORED = 128  # images of a score, as in the paper of naswot


class Found(NamedTuple):
    """What a search leaves.

    Attributes:
        architecture: What was chosen.
        child: Its network, with the weights of the search.
        choice: How it was chosen; None where it was read off the probabilities.
    """

    architecture: space.Architecture
    child: keras.Model
    choice: reports.Choice | None


def check(config: ConfigDict, images: data.ImageData) -> None:
    """Refuses a choice that these data do not allow.

    Args:
        config: The config, checked.
        images: The data set.

    Raises:
        InvalidInput: Scores are asked for that are not defined.
    """
    if config.search.derivation == "zero_cost" and images.dtype == GRAPHS:
        raise InvalidInput(
            "`--config.search.derivation` must be another than zero_cost with graphs, of which the "
            "scores are not defined: given 'zero_cost'"
        )


def choose(
    config: ConfigDict,
    model: Snas,
    plan: Plan,
    directory: RunDirectory,
    console: rich.console.Console,
    probabilities: Mapping[str, np.ndarray] | None = None,
) -> Found:
    """Chooses what a search found.

    Args:
        config: The config, checked.
        model: The model at the end of its search, which stays as it is.
        plan: What it has been through.
        directory: The run directory.
        console: Where to tell what is going on.
        probabilities: {decision: (places, options)} of an earlier epoch; None for the last ones.

    Returns:
        What was chosen, and its network.
    """
    name = config.search.derivation
    if name in derivation_names.RULES and probabilities is None:
        architecture = model.genotype()
        return Found(architecture, model.supernet.child(architecture), None)
    if probabilities is None:
        probabilities = {k: v.numpy() for k, v in model.architecture.probabilities().items()}
    supernet = model.supernet
    if name not in derivation_names.RULES:
        console.print(f"Choosing the network by {name.replace('_', ' ')}.", highlight=False)
        supernet = problems.of(config, STAGE, plan.images).searchable(config)
        supernet.set_weights(model.supernet.get_weights())
    state = Searched(
        probabilities=probabilities,
        supernet=supernet,
        bounds=model.resource_cost.limits,
        seed=config.seed,
    )
    found = _derivation(config, state.supernet, plan, directory).derive(state)
    child = supernet.child(found.architecture)
    if name in derivation_names.RULES:
        return Found(found.architecture, child, None)
    child.refresh_statistics(training_images(plan.images, plan.batch_size))
    candidates = tuple(
        reports.Judged(architecture_keys.key(one.architecture), dict(one.metrics))
        for one in found.candidates
    )
    return Found(found.architecture, child, reports.Choice(found.told, candidates))


def _derivation(
    config: ConfigDict, supernet: Searchable, plan: Plan, directory: RunDirectory
) -> Derivation:
    """What `search.derivation` names."""
    search, images = config.search, plan.images
    validation = validation_dataset(images, plan.batch_size)
    match search.derivation:
        case "samples":
            return Best(drawn, _Inherited(supernet, plan), search.candidates)
        case "short_training":
            trained = _ShortTraining(config, supernet, plan, directory)
            return Best(most_probable, trained.evaluator(), search.candidates)
        case "zero_cost":
            pixels, labels = dataset.batch_of_all_classes(images, _SCORED)
            scores = tuple(search.derivation_scores)
            child = problems.of(config, STAGE, images).child
            judge = ZeroCost(child, pixels, scores, labels=labels)
            return Best(drawn, judge, search.candidates, scores)
        case "perturbation":
            estimator = named(search.estimator)
            return Perturbation(
                validation,
                draw=estimator.draw,
                temperature=search.final_temperature,
                one_hot=estimator.one_hot,
                tune=_Tuning(config, plan) if search.derivation_epochs else None,
            )
        case rule:
            return Read(rule)


class _Inherited:
    """An `Evaluator`: the child with the supernet's weights, on the validation images.

    Its statistics of batch normalisation are measured anew over the training images.
    """

    def __init__(self, supernet: Searchable, plan: Plan) -> None:
        self._supernet = supernet
        self._plan = plan

    def evaluate(
        self, architecture: space.Architecture, *, seed: int, parent: Parent | None = None
    ) -> dict[str, float]:
        """See `Evaluator`; nothing is left to chance."""
        images, size = self._plan.images, self._plan.batch_size
        child = self._supernet.child(architecture)
        validation = validation_dataset(images, size)
        return {"accuracy": recalibrated_accuracy(child, images, validation, size)}


class _ShortTraining:
    """Children that learn by themselves for some epochs, from the supernet's weights."""

    def __init__(
        self, config: ConfigDict, supernet: Searchable, plan: Plan, directory: RunDirectory
    ) -> None:
        config = config.copy_and_resolve_references()
        config.trials.epochs = config.search.derivation_epochs
        self._learning = Learning(config, plan.images, directory)
        self._epochs = config.trials.epochs
        self._supernet = supernet

    def evaluator(self) -> Training:
        """What evaluates."""
        return Training(
            build=self.build, data=self._learning.data, epochs=self._epochs, measures=()
        )

    def build(self, architecture: space.Architecture, seed: int) -> keras.Model:
        """The compiled model, which begins where the search ended."""
        model = self._learning.build(architecture, seed)
        model.take_weights(self._supernet.child(architecture))
        return model


class _Tuning:
    """Lets a supernet learn for some epochs under what is decided so far."""

    def __init__(self, config: ConfigDict, plan: Plan) -> None:
        self._config = config
        self._plan = plan
        self._model: Snas | None = None
        self._done = plan.epochs

    def __call__(self, supernet: Searchable, architecture: ArchitectureDistribution) -> None:
        """Goes through the training images, each time in another order."""
        plan, epochs = self._plan, self._config.search.derivation_epochs
        if self._model is None:
            self._model = self._compiled(supernet, architecture)
        learnt = data.training_dataset(
            plan.images.train,
            batch_size=plan.batch_size,
            seed=plan.seed,
            augmentation=plan.augmentation,
            normalization=data.normalization(plan.images),
            first_epoch=self._done,
            epochs=self._done + epochs,
        )
        steps = plan.steps_per_epoch
        self._model.fit(learnt, epochs=epochs, steps_per_epoch=steps, shuffle=False, verbose=0)
        self._done += epochs

    def _compiled(self, supernet: Searchable, architecture: ArchitectureDistribution) -> Snas:
        search = self._config.search
        architecture.trainable = False
        model = Snas(
            supernet,
            architecture,
            temperature=search.final_temperature,
            estimator=search.estimator,
            seed=self._config.seed,
        )
        model.compile(
            optimizer=keras.optimizers.SGD(
                TUNING_RATE * search.learning_rate,
                momentum=search.momentum,
                global_clipnorm=search.clip_norm,
            ),
            architecture_optimizer=keras.optimizers.SGD(0.0),
            loss=tasks.loss(self._plan.images),
        )
        return model
