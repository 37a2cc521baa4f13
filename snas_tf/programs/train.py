# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=train: trains the network of a genotype, from scratch or from the search's weights."""

from __future__ import annotations

import os

import keras
import rich.console
from ml_collections import ConfigDict

from snas_tf import data, reports, space
from snas_tf.data.pipeline_errors import named_images
from snas_tf.errors import InvalidInput
from snas_tf.fitting import best_network, learning_rate
from snas_tf.fitting.fit import Plan, fit
from snas_tf.fitting.history import History
from snas_tf.fitting.optimizer import weights_optimizer
from snas_tf.fitting.training_model import TrainingModel
from snas_tf.machine import native_operations, runtime
from snas_tf.programs import (
    division,
    introduction,
    measurement,
    memory,
    plain_network,
    problems,
    recalibration,
    report,
    run_warnings,
)
from snas_tf.programs.datasets import data_binding, dataset, tasks
from snas_tf.runs import network_files, results, snapshot
from snas_tf.runs.files import write_text
from snas_tf.runs.run_directory import RunDirectory

STAGE = "train"


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Trains, or continues a training that was stopped.

    Args:
        config: The config, checked.
        directory: The run directory.

    Raises:
        InvalidInput: Genotype, data or directory cannot be used.
    """
    console = runtime.console(config)
    perform(config, directory, console)
    reports.print_summary(console, report.assemble(directory))


@named_images()
def perform(config: ConfigDict, directory: RunDirectory, console: rich.console.Console) -> None:
    """As `run`, without a summary.

    Args:
        config: The config, checked.
        directory: The run directory.
        console: Where progress is shown.

    Raises:
        InvalidInput: Genotype, data or directory cannot be used.
    """
    workers = runtime.join_workers(config)
    genotype = find_genotype(config, directory)
    native_operations.choose(config, console)
    images = data_binding.open_for_stage(config, directory, STAGE, console)
    problem = problems.of(config, STAGE, images)
    start = _inherited(config, directory, problem) if config.train.inherit else None
    plan = plan_of(config, images)
    replicas = workers.strategy.num_replicas_in_sync
    division.check(config, STAGE, plan.batch_size, replicas)
    division.tell_of_another(directory, STAGE, replicas, console)
    verdict = memory.check_training(config, genotype, images, workers.strategy)
    with workers.strategy.scope():
        model = build(config, genotype, images, plan.steps_per_epoch)
        if start is not None:
            model.take_weights(start)

    def begin() -> None:
        directory.begin(STAGE, config, replicas=replicas)
        data_binding.record(directory, STAGE, images, console)
        write_text(directory.training_genotype_path, genotype.to_json())

    workers.on_chief(begin)
    cost = problem.cost(genotype)
    introduction.tell(
        f"Training a network of {cost.parameters:,} weights",
        images,
        plan.steps_per_epoch,
        workers,
        console,
    )
    memory.tell(verdict, console)
    run_warnings.tell_of_data(images, console)
    evaluations, catches_up = statistics_callbacks(config, plan)
    history = fit(
        model, plan, directory, workers, console, evaluations=evaluations, keeps_best=True
    )

    def finish() -> None:
        network_files.save(model.network(), directory.network_path(STAGE))
        _measure(directory, plan, history, console, lags=not catches_up)
        plain_network.write(directory)
        with directory.finishing(STAGE):
            report.write(directory)

    workers.on_chief(finish)


def plan_of(config: ConfigDict, images: data.ImageData) -> Plan:
    """What a training goes through.

    Args:
        config: The config, checked.
        images: The data set.
    """
    return Plan(
        stage=STAGE,
        images=images,
        augmentation=dataset.augmentation(config.data, cutout=config.train.cutout),
        seed=config.seed,
        batch_size=snapshot.training_sizes(config)["batch_size"],
        epochs=config.train.epochs,
        checkpoint_seconds=config.runtime.checkpoint_seconds,
    )


def build(
    config: ConfigDict, genotype: space.Architecture, images: problems.Images, steps_per_epoch: int
) -> TrainingModel:
    """The compiled model of a training; call it in the scope of the strategy.

    Args:
        config: The config, checked.
        genotype: The architecture.
        images: The data set, of which the sizes count.
        steps_per_epoch: Steps of an epoch.

    Returns:
        The model with its weights at their start.
    """
    train = config.train
    steps = train.epochs * steps_per_epoch
    child = problems.of(config, STAGE, images).child(
        genotype,
        auxiliary=train.auxiliary_weight > 0,
        drop_path=train.drop_path,
        drop_path_steps=steps,
        seed=config.seed,
        synchronized_batch_norm=train.synchronized_batch_norm,
    )
    model = TrainingModel(child, train.auxiliary_weight, train.label_smoothing, train.ema_decay)
    schedule = learning_rate.training_schedule(train, steps_per_epoch)
    model.compile(
        optimizer=weights_optimizer(train, steps, schedule),
        loss=tasks.loss(images, config.data.class_weights),
        metrics=tasks.metrics(images, top=True),
        jit_compile=config.runtime.jit_compile,
        steps_per_execution=config.runtime.steps_per_execution,
    )
    # Under a strategy a lazily built optimizer fails inside the step.
    model.optimizer.build(model.trainable_variables)
    return model


def shortened(config: ConfigDict, epochs: int) -> ConfigDict:
    """A config of a training of some epochs of what a search found, in the size it was found in.

    Args:
        config: The config.
        epochs: How many, at least 1.

    Returns:
        A config of its own.
    """
    config = config.copy_and_resolve_references()
    config.train.genotype = ""
    config.train.num_cells = config.train.init_channels = 0
    config.train.epochs = epochs
    # Too short to warm up, or for an average that leaves where it began.
    config.train.warmup_epochs, config.train.ema_decay = 0, 0.0
    return config


def find_genotype(config: ConfigDict, directory: RunDirectory) -> space.Architecture:
    """The genotype that a config asks for: the run's own, a published one, or a file.

    Args:
        config: The config; reads `train.genotype` and `space`.
        directory: The run directory.

    Raises:
        InvalidInput: There is no such genotype, or it does not belong to the config's space.
    """
    name = config.train.genotype or os.fspath(directory.genotype_path)
    if not config.train.genotype and not directory.genotype_path.exists():
        raise InvalidInput(
            f"`--workdir` {directory.path} holds no genotype.json yet: do run --mode=search there, "
            "or set --config.train.genotype to a JSON file or a published name such as SNAS_MILD"
        )
    return problems.family(config).find(name, config)


def statistics_callbacks(
    config: ConfigDict, plan: Plan
) -> tuple[list[keras.callbacks.Callback], bool]:
    """What measures the statistics of normalisation anew while a training is short.

    Args:
        config: The config; reads `train.recalibrate`.
        plan: What the training goes through.

    Returns:
        Callbacks, and whether they do so until the last epoch.
    """
    when = config.train.recalibrate
    if when == "off":
        return [], False
    steps = None if when == "on" else recalibration.AUTO_STEPS
    images = recalibration.training_images(plan.images, plan.batch_size)
    to_the_end = steps is None or plan.epochs * plan.steps_per_epoch <= steps
    return [recalibration.RecalibrateStatistics(images, steps)], to_the_end


def _measure(
    directory: RunDirectory,
    plan: Plan,
    history: History,
    console: rich.console.Console,
    *,
    lags: bool,
) -> None:
    """Records what both networks of the training are worth on the validation images.

    Where running statistics may lag, it is measured too how far.
    """
    paths = {
        results.TRAINED: directory.network_path(STAGE),
        results.BEST: directory.best_network_path,
    }
    measured = [
        measurement.on_validation(
            name, network_files.load(path), plan.images, plan.batch_size, recalibrate=lags
        )
        for name, path in paths.items()
    ]
    results.record(directory.results_path(STAGE), measured)
    console.print(
        f"Of {history.epochs} epochs the best on the validation images was number "
        f"{best_network.best_epoch(history.rows)}. It was chosen by these images, so its accuracy "
        "on them is optimistic: --mode=evaluate measures it, and the last epoch, on the test "
        "images.",
        soft_wrap=True,
        highlight=False,
    )


def _inherited(
    config: ConfigDict, directory: RunDirectory, problem: problems.Problem
) -> keras.Model:
    """The child network as the search left it.

    Raises:
        InvalidInput: There is none, or not of the size that is to be trained.
    """
    path = directory.network_path("search")
    if config.train.genotype or not path.exists():
        raise InvalidInput(
            "`--config.train.inherit` needs the network that a search left in the same --workdir: "
            f"given {directory.path} and --config.train.genotype={config.train.genotype!r}"
        )
    child = network_files.load(path)
    problem.refuse_other(child)
    return child
