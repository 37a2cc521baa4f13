# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the trials of a run are worth by, wherever they are evaluated."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import Any

import rich.console
from ml_collections import ConfigDict

from snas_tf import data, space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Evaluator, Parent, Table, WeightSharing, ZeroCost, costs
from snas_tf.fitting.checkpoint import Checkpoints
from snas_tf.fitting.fit import validation_dataset
from snas_tf.machine import native_operations, runtime
from snas_tf.machine.environment import usable_cores
from snas_tf.programs import problems, search, true_accuracy
from snas_tf.programs.datasets import data_binding, dataset
from snas_tf.programs.trials import objectives
from snas_tf.programs.trials.learning import Learning
from snas_tf.runs.run_directory import RunDirectory

STAGE = "search"
_SCORED = 128
"""Images that a score is of, as in the paper of naswot."""

_BY_THE_PLAN = ("parameters", "multiply_adds")


@dataclasses.dataclass(frozen=True, slots=True)
class OfRun:
    """The `Evaluator` of a run; in another process it is made anew from what the run recorded.

    Attributes:
        config: The run's config, as JSON.
        workdir: Its directory, which all processes share.
        defaults: The defaults of the directory, as JSON.
        inherits: Whether it is given parents.
        here: The evaluator of this process; None in others, which open the run's images first.
    """

    config: str
    workdir: str
    defaults: str
    inherits: bool
    here: Callable[[], Evaluator] | None = None

    @classmethod
    def of(
        cls, config: ConfigDict, directory: RunDirectory, here: Callable[[], Evaluator]
    ) -> OfRun:
        """The evaluator of a run.

        Args:
            config: The config, checked.
            directory: The run directory.
            here: Makes that of this process, where it is to evaluate.
        """
        text = json.dumps(_shared_among(config).to_dict())
        defaults = json.dumps(directory.defaults and directory.defaults.to_dict())
        place, inherits = str(directory.path), config.trials.inherit
        return cls(text, place, defaults, inherits, functools.cache(here))

    @property
    def keeps_time(self) -> bool:
        """Whether it is told of the time that is left: where it trains."""
        return json.loads(self.config)["trials"]["evaluator"] == "training"

    def evaluate(
        self,
        architecture: space.Architecture,
        *,
        seed: int,
        parent: Parent | None = None,
        **left: float,
    ) -> dict[str, float]:
        """See `Evaluator`."""
        here = self.here or functools.partial(_elsewhere, self.config, self.workdir, self.defaults)
        return here().evaluate(architecture, seed=seed, parent=parent, **left)

    def __reduce__(self) -> tuple[type[OfRun], tuple[str, str, str, bool]]:
        return OfRun, (self.config, self.workdir, self.defaults, self.inherits)


@dataclasses.dataclass(frozen=True, slots=True)
class WithCosts:
    """An `Evaluator` that adds costs to another one's metrics.

    Attributes:
        evaluator: The other one.
        problem: What has the costs.
        measures: Their names; one that the other one gives as well is that one's.
    """

    evaluator: Evaluator
    problem: problems.Problem
    measures: tuple[str, ...]

    @property
    def inherits(self) -> bool:
        """Whether the other one takes parents."""
        return bool(getattr(self.evaluator, "inherits", False))

    @property
    def keeps_time(self) -> bool:
        """Whether the other one is told of the time that is left."""
        return bool(getattr(self.evaluator, "keeps_time", False))

    def evaluate(
        self,
        architecture: space.Architecture,
        *,
        seed: int,
        parent: Parent | None = None,
        **left: float,
    ) -> dict[str, float]:
        """See `Evaluator`."""
        found = self.evaluator.evaluate(architecture, seed=seed, parent=parent, **left)
        missing = [name for name in self.measures if name not in found]
        planned = [name for name in missing if name in _BY_THE_PLAN]
        cost = self.problem.cost(architecture) if planned else None
        told = {name: float(getattr(cost, name)) for name in planned}
        if built := [name for name in missing if name not in _BY_THE_PLAN]:
            told.update(costs.measure(self.problem.child(architecture), built))
        return {**found, **{name: told[name] for name in missing}}


def build(
    config: ConfigDict, images: data.ImageData, directory: RunDirectory, table: Table | None
) -> Evaluator:
    """The evaluator of a config, for this process.

    Args:
        config: The config, checked.
        images: The data set.
        directory: The run directory.
        table: What `open_table` gave.
    """
    match config.trials.evaluator:
        case "training":
            evaluator = Learning(config, images, directory).evaluator()
        case "weight_sharing":
            batches = validation_dataset(images, config.data.batch_size)
            evaluator = WeightSharing(supernet(config, images, directory), batches)
        case "zero_cost":
            evaluator = score(config, images)
        case _:
            evaluator = table
    problem = problems.of(config, STAGE, images)
    return WithCosts(evaluator, problem, objectives.measures(config.trials))


def open_table(config: ConfigDict, searched: space.DecisionSpace) -> Table | None:
    """The table that judges trials; None where another evaluator does.

    Args:
        config: The config, checked.
        searched: The space.

    Raises:
        InvalidInput: It cannot be used, or lacks the metric.
    """
    if not config.trials.table:
        return None
    return true_accuracy.open_table(config.trials.table, searched, "trials.table")


def check_metrics(trials: ConfigDict, table: Table | None) -> None:
    """Refuses metrics that trials will not have.

    Args:
        trials: The section `trials`, checked.
        table: The table that judges, if one does.

    Raises:
        InvalidInput: There is no such metric; names those that there are.
    """
    if table is not None:
        first = table.metrics
    else:
        first = (trials.score if trials.evaluator == "zero_cost" else "accuracy",)
    known = (*first, *costs.NAMES)
    if trials.metric not in first:
        raise InvalidInput(
            f"`--config.trials.metric` must be one of {', '.join(first)} with "
            f"`--config.trials.evaluator={trials.evaluator}`: given {trials.metric!r}"
        )
    if trials.cost not in known:
        raise InvalidInput(
            f"`--config.trials.cost` must be one of {', '.join(dict.fromkeys(known))}: given "
            f"{trials.cost!r}"
        )


def supernet(config: ConfigDict, images: data.ImageData, directory: RunDirectory) -> Any:
    """The supernet that a finished search by snas left in its last checkpoint.

    Args:
        config: The config, which names the run directory of that search.
        images: The data set, for its sizes.
        directory: The run directory of the trials.
    """
    run = directory.another(config.trials.supernet)
    # How it runs is recorded nowhere, and of this run.
    recorded = {"runtime": config.runtime.to_dict(), **run.recorded(STAGE)}
    model = search.build(ConfigDict(recorded), images, steps_per_epoch=1)
    Checkpoints(run.checkpoints_folder, STAGE).load(model)
    return model.supernet


def check_supernet(config: ConfigDict, directory: RunDirectory) -> None:
    """Refuses a run whose supernet cannot judge the architectures of a config.

    Args:
        config: The config, checked.
        directory: The run directory of the trials.

    Raises:
        InvalidInput: It is no finished search by snas, or one in another space.
    """
    run = directory.another(config.trials.supernet)
    recorded = run.recorded(STAGE) if run.finished(STAGE) else {}
    if not recorded or recorded["search"]["method"] != "snas":
        raise InvalidInput(
            "`--config.trials.supernet` must be the run directory of a finished search by snas: "
            f"given {config.trials.supernet}"
        )
    here = json.loads(json.dumps({key: config[key].to_dict() for key in ("space", "network")}))
    different = [key for key, value in here.items() if recorded[key] != value]
    if different:
        raise InvalidInput(
            f"`--config.trials.supernet` {config.trials.supernet} must be of the same space and "
            f"network: its sections {' and '.join(different)} of the config differ; do give the "
            "same keys"
        )


def score(config: ConfigDict, images: data.ImageData) -> ZeroCost:
    """The score of a config, on training images of every class.

    Args:
        config: The config, checked.
        images: The data set.
    """
    problem = problems.of(config, STAGE, images)
    pixels, labels = dataset.batch_of_all_classes(images, _SCORED)
    return ZeroCost(problem.child, pixels, (config.trials.score,), labels=labels)


def _shared_among(config: ConfigDict) -> ConfigDict:
    """The config of one of several processes: each takes its share of the cores."""
    shared = config.copy_and_resolve_references()
    if config.trials.workers and not config.trials.scheduler:
        cores = max(usable_cores() // config.trials.workers, 1)
        shared.runtime.inter_op_threads = config.runtime.inter_op_threads or cores
    return shared


@functools.lru_cache(maxsize=1)
def _elsewhere(text: str, workdir: str, defaults: str) -> Evaluator:
    """The evaluator of another process, which has nothing yet."""
    config, known = ConfigDict(json.loads(text)), json.loads(defaults)
    directory = RunDirectory(workdir, defaults=known and ConfigDict(known))
    quiet = rich.console.Console(quiet=True)
    runtime.join_workers(config, searching=True)
    native_operations.choose(config, quiet)
    images = data_binding.open_for_stage(config, directory, STAGE, quiet)
    table = open_table(config, problems.family(config).space_of(config))
    return build(config, images, directory, table)
