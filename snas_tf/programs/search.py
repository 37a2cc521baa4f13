# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=search: searches an architecture and keeps its child network and its report."""

from __future__ import annotations

import functools

import keras
import rich.console
import tensorflow as tf
from ml_collections import ConfigDict

from snas_tf import data, reports
from snas_tf.data.pipeline_errors import named_images
from snas_tf.distribution import ArchitectureDistribution
from snas_tf.errors import told_by_keys
from snas_tf.evaluation import Table, derivation_names
from snas_tf.fitting import tricks
from snas_tf.fitting.fit import Plan, fit, validation_dataset
from snas_tf.fitting.optimizer import weights_optimizer
from snas_tf.machine import native_operations, runtime
from snas_tf.machine.workers import Workers
from snas_tf.programs import (
    division,
    introduction,
    measurement,
    memory,
    plain_network,
    problems,
    report,
    resources,
    run_warnings,
    true_accuracy,
)
from snas_tf.programs.datasets import data_binding, dataset, tasks
from snas_tf.programs.ending import derivation, early_stop
from snas_tf.runs import network_files, results
from snas_tf.runs.files import write_json, write_text
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.search import Snas
from snas_tf.search.callbacks import EvaluateSamples, WarnOfDegeneracy
from snas_tf.search.turns import steps_of_weights
from snas_tf.training import smoothed_labels
from snas_tf.training.optimizers import Adam

STAGE = "search"


def run(config: ConfigDict, directory: RunDirectory) -> None:
    """Searches, or continues a search that was stopped.

    Args:
        config: The config, checked.
        directory: The run directory.

    Raises:
        InvalidInput: The data or the directory cannot be used.
    """
    console = runtime.console(config)
    perform(config, directory, console)
    reports.print_summary(console, report.assemble(directory))


@named_images()
def perform(
    config: ConfigDict,
    directory: RunDirectory,
    console: rich.console.Console,
    *,
    recorded_in: RunDirectory | None = None,
) -> None:
    """As `run`, without a summary.

    Args:
        config: The config, checked.
        directory: The run directory.
        console: Where progress is shown.
        recorded_in: The run whose images these must be; None for that of `directory`.

    Raises:
        InvalidInput: The data or the directory cannot be used, or there is too little memory.
        Failure: The run could not go on; what it saved is kept.
    """
    workers = runtime.join_workers(config, searching=True)
    native_operations.choose(config, console)
    images, verdict, table = check(config, directory, workers, console, recorded_in=recorded_in)
    plan = _plan(config, images)
    replicas = workers.strategy.num_replicas_in_sync
    division.tell_of_another(directory, STAGE, replicas, console)
    with workers.strategy.scope():
        model = build(config, images, plan.steps_per_epoch)

    def begin() -> None:
        directory.begin(STAGE, config, replicas=replicas)
        data_binding.record(directory, STAGE, images, console)
        if model.resource_cost.limits:
            write_json(directory.resources_path, resources.limits_of(model))

    workers.on_chief(begin)
    introduction.tell("Searching", images, plan.steps_per_epoch, workers, console)
    memory.tell(verdict, console)
    run_warnings.tell_of_data(images, console)
    validation = validation_dataset(images, config.data.batch_size)
    evaluations = _evaluations(config, images, validation, console)
    where = functools.partial(
        early_stop.stop,
        config.search,
        searched=model.supernet.space,
        uses=tuple(model.supernet.costs.uses),
    )
    past = fit(
        model,
        plan,
        directory,
        workers,
        console,
        evaluations=evaluations,
        stops=lambda past: where(past) is not None,
    )
    stopped = where(past)
    if stopped is not None:
        console.print(f"The search {stopped}.", soft_wrap=True, highlight=False)
    supernet = model.evaluate(validation, sampled=True, verbose=0, return_dict=True)

    def finish() -> None:
        kept = early_stop.kept(stopped, past)
        found = derivation.choose(config, model, plan, directory, console, kept)
        _keep(found, model, directory, images, config, supernet)
        plain_network.write(directory)
        with directory.finishing(STAGE):
            report.write(directory, table)

    workers.on_chief(finish)


def _evaluations(
    config: ConfigDict,
    images: data.ImageData,
    validation: tf.data.Dataset,
    console: rich.console.Console,
) -> list[keras.callbacks.Callback]:
    """What is measured and warned of after every epoch."""
    warn = functools.partial(reports.print_warning, console)
    return [
        EvaluateSamples(validation),
        WarnOfDegeneracy(epochs=config.search.epochs, write=warn),
        *early_stop.measurements(config.search, images, config.data.batch_size),
    ]


def _plan(config: ConfigDict, images: data.ImageData) -> Plan:
    """What the search goes through."""
    steps_per_epoch = data.steps_per_epoch(images.train, config.data.batch_size)
    warmup_steps = config.search.warmup_epochs * steps_per_epoch
    return Plan(
        stage=STAGE,
        images=images,
        augmentation=dataset.augmentation(config.data, cutout=config.data.cutout),
        seed=config.seed,
        batch_size=config.data.batch_size,
        epochs=config.search.epochs,
        checkpoint_seconds=config.runtime.checkpoint_seconds,
        two_levels_after=warmup_steps if config.search.bilevel else None,
    )


def check(
    config: ConfigDict,
    directory: RunDirectory,
    workers: Workers,
    console: rich.console.Console,
    *,
    recorded_in: RunDirectory | None = None,
) -> tuple[data.ImageData, memory.Verdict, Table | None]:
    """Opens the data set and refuses a search that cannot be done, before anything is written.

    Args:
        config: The config, checked.
        directory: The run directory.
        workers: The workers of the run.
        console: Where to tell of the images.
        recorded_in: As in `perform`.

    Returns:
        The data set, what the step needs, and the table of true accuracies, if one is named.

    Raises:
        InvalidInput: The data or the table cannot be used, the devices not share a batch, or there
            is too little memory.
    """
    images = data_binding.open_for_stage(config, directory, STAGE, console, recorded_in=recorded_in)
    derivation.check(config, images)
    division.check(config, STAGE, config.data.batch_size, workers.strategy.num_replicas_in_sync)
    if config.search.bilevel:
        data.check_halves(images.train, config.data.batch_size, config.seed)
    verdict = memory.check_search(config, images, workers.strategy)
    searched = problems.family(config).space_of(config)
    return images, verdict, true_accuracy.open_table(config.evaluation.table, searched)


def build(config: ConfigDict, images: data.ImageData, steps_per_epoch: int) -> Snas:
    """The compiled model of a search; call it in the scope of the strategy.

    Args:
        config: The config, checked.
        images: The data set.
        steps_per_epoch: Steps of an epoch.

    Returns:
        The model with its weights at their start.
    """
    search, runtime_config = config.search, config.runtime
    steps = search.epochs * steps_per_epoch
    learning = steps - search.warmup_epochs * steps_per_epoch
    of_tricks = tricks.arguments(search, steps_per_epoch)
    problem = problems.of(config, STAGE, images)
    loss = tasks.loss(images, config.data.class_weights)
    if search.label_smoothing:
        with told_by_keys({"label_smoothing": "search.label_smoothing"}):
            smoothed_labels.check(loss)
    model = Snas(
        problem.searchable(config),
        ArchitectureDistribution(problem.space),
        resource_cost=resources.resource_cost(search, problem),
        resource_weight=tricks.strength(
            resources.resource_weight(search), search.resource_weight_schedule, learning
        ),
        estimator=search.estimator,
        derivation=derivation_names.rule(search.derivation),
        seed=config.seed,
        shared_samples=search.shared_samples,
        **of_tricks,
    )
    model.compile(
        optimizer=weights_optimizer(
            search, steps_of_weights(steps, of_tricks["warmup_steps"], search.bilevel)
        ),
        architecture_optimizer=Adam(
            search.architecture_learning_rate,
            beta_1=search.architecture_beta_1,
            beta_2=search.architecture_beta_2,
            l2=search.architecture_weight_decay,
            global_clipnorm=search.architecture_clip_norm,
            name="logits",
        ),
        loss=loss,
        metrics=tasks.metrics(images),
        jit_compile=runtime_config.jit_compile,
        steps_per_execution=runtime_config.steps_per_execution,
    )
    return model


def _keep(
    found: derivation.Found,
    model: Snas,
    directory: RunDirectory,
    images: data.ImageData,
    config: ConfigDict,
    supernet: dict[str, float],
) -> None:
    """Writes genotype, child network and what both networks are worth on validation images."""
    genotype, child, choice = found
    write_text(directory.genotype_path, genotype.to_json())
    told = choice.told if choice else ""
    write_json(directory.resources_path, resources.describe(model, genotype, told))
    if choice:
        results.record_choice(directory.choice_path, choice)
    network_files.save(child, directory.network_path(STAGE))
    measured = [
        reports.Result(
            name=results.SUPERNET,
            split="validation",
            count=len(images.validation.labels),
            **{name: value for name, value in supernet.items() if name in tasks.KEPT},
        ),
        measurement.on_validation(
            results.CHILD, child, images, config.data.batch_size, recalibrate=True
        ),
    ]
    results.record(directory.results_path(STAGE), measured)
