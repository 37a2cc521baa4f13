# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which of a run's networks is meant by "the found network": the one that leaves the run.

A run leaves up to three: the child as the search left it, or of a search by trials the network of
the best one, and of a training the network of its last epoch and that of its best one. They were
measured on the same validation images, so these say which is best: a training that was too short
may well be worse than the child that it began with. Of equals the last epoch's is taken, for which
nothing was chosen by these images, then the best epoch's, then what the search left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from etils import epath

from snas_tf.errors import InvalidInput
from snas_tf.networks import ImageNetwork
from snas_tf.programs import problems
from snas_tf.programs.datasets import recorded_dataset
from snas_tf.reports import Result, doubts
from snas_tf.runs import network_files, results
from snas_tf.runs.run_directory import RunDirectory
from snas_tf.runs.stages import STAGES

BEST = "best"
CHOICES = {
    "child": (results.CHILD, results.OF_TRIAL),
    "last": (results.TRAINED,),
    "best_epoch": (results.BEST,),
}
"""The networks of a run, by the words of `export.network`, with their names in results."""

_OF_EQUALS = (results.TRAINED, results.BEST, results.OF_TRIAL, results.CHILD)
_WORDS = {
    results.CHILD: "the child that the search left",
    results.OF_TRIAL: "the network of the search's best trial",
    results.TRAINED: "the network of the training's last epoch",
    results.BEST: "the network of the training's best epoch",
}
_SHORT = {
    results.CHILD: "the search's child",
    results.OF_TRIAL: "the search's best trial",
    results.TRAINED: "the training's last epoch",
    results.BEST: "the training's best epoch",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FoundNetwork:
    """A network of a run, and why it was taken.

    Attributes:
        name: What results call it, such as "child without retraining".
        stage: The stage that left it, "search" or "train".
        path: Its .keras file.
        result: What it is worth on the validation images.
        reason: Why it and no other, such as "better than the training's last epoch with 25.00 %".
    """

    name: str
    stage: str
    path: epath.Path
    result: Result
    reason: str = ""

    @property
    def worth(self) -> float:
        """What it is compared by on the validation images, see `Result.worth`."""
        return self.result.worth

    @property
    def count(self) -> int:
        """Number of those images."""
        return self.result.count

    @property
    def words(self) -> str:
        """What it is, such as "the child that the search left"."""
        return _WORDS[self.name]

    def describe(self) -> str:
        """Such as "the child that the search left, 96.20 % of 287 validation images, better"."""
        of = "on" if self.result.accuracy is None else "of"
        told = f"{self.words}, {self.result.told()} {of} {self.count:,} validation images"
        return f"{told}, {self.reason}" if self.reason else told

    def load(self) -> ImageNetwork:
        """Reads the network, not compiled."""
        return network_files.load(self.path)


def candidates(directory: RunDirectory) -> tuple[FoundNetwork, ...]:
    """The networks that a run has left so far and measured, in the order of their making.

    Args:
        directory: The run directory.

    Returns:
        The search's child or best trial, the training's last epoch and its best one, as far as
        there are.
    """
    problems.prepare(directory)
    measured = {
        (stage, result.name): result
        for stage in STAGES
        for result in results.recorded(directory.results_path(stage))
        if result.split == "validation"
    }
    places = (
        (results.CHILD, "search", directory.network_path("search")),
        (results.OF_TRIAL, "search", directory.network_path("search")),
        (results.TRAINED, "train", directory.network_path("train")),
        (results.BEST, "train", directory.best_network_path),
    )
    return tuple(
        FoundNetwork(name=name, stage=stage, path=path, result=measured[stage, name])
        for name, stage, path in places
        if (stage, name) in measured and path.exists()
    )


def choose(directory: RunDirectory, which: str = BEST) -> FoundNetwork:
    """The network that leaves a run: what is exported, predicts, and is written as plain Keras.

    Args:
        directory: The run directory.
        which: "best", the most accurate one on the validation images; or by name "child", the
            search's; "last" or "best_epoch", the training's.

    Returns:
        The network and why it was taken.

    Raises:
        InvalidInput: The run has no such network.
    """
    found = candidates(directory)
    if not found:
        raise none_found(directory)
    if which == BEST:
        return _best(directory, found)
    if which not in CHOICES:
        known = ", ".join((BEST, *CHOICES))
        raise InvalidInput(f"`export.network` must be one of {known}: given {which!r}")
    chosen = next((each for each in found if each.name in CHOICES[which]), None)
    if chosen is None:
        words = {name: word for word, names in CHOICES.items() for name in names}
        there = ", ".join((BEST, *(words[each.name] for each in found)))
        mode = "search" if which == "child" else "train"
        raise InvalidInput(
            f"`export.network` must name a network of the run in {directory.path}, which has "
            f"{there}: given {which!r}; do run --mode={mode} there to its end first"
        )
    others = [each for each in found if each is not chosen]
    reason = f"by `export.network`={which}"
    if others:
        reason += (
            f", whereas {_and(f'{_SHORT[each.name]} has {each.result.told()}' for each in others)}"
        )
    return dataclasses.replace(chosen, reason=reason)


def none_found(directory: RunDirectory) -> InvalidInput:
    """What to say of a run that has left no network so far.

    Args:
        directory: The run directory.
    """
    if directory.finished("search"):
        return InvalidInput(
            f"`--workdir` {directory.path} holds an architecture and no network: its search judged "
            "by a table or a score, and trained none; do run --mode=train there first"
        )
    return InvalidInput(
        f"`--workdir` {directory.path} holds no finished network: do run --mode=search there to "
        "its end first"
    )


def refuse_chance(directory: RunDirectory, found: FoundNetwork) -> None:
    """Refuses a network that cannot be told from one that does not look at the images.

    Args:
        directory: The run directory.
        found: One of its networks.

    Raises:
        InvalidInput: The 95 % interval of its accuracy on the validation images reaches down to the
            share of the most frequent class.
    """
    dataset = recorded_dataset.load(directory)
    counts = dataset.class_counts.get(found.result.split, ())
    if doubts.is_chance(found.result, counts, dataset.num_classes):
        raise InvalidInput(
            f"the network to take, {_WORDS[found.name]} in {directory.path}, is no better than "
            f"chance: {doubts.told_of_chance(found.result, counts, dataset.num_classes)}; do let "
            "it learn longer, name another with --config.export.network, or set "
            "--config.export.allow_chance=true to take it all the same"
        )


def _best(directory: RunDirectory, found: tuple[FoundNetwork, ...]) -> FoundNetwork:
    if len({each.stage for each in found}) > 1 and not _same_images(directory, found):
        found = tuple(each for each in found if each.stage == STAGES[-1])
        remark = "not compared with the search's child, which was validated on other images"
    else:
        remark = ""
    best = max(found, key=lambda each: (each.worth, -_OF_EQUALS.index(each.name)))
    worse = [each for each in found if each.worth < best.worth]
    equal = [each for each in found if each.worth == best.worth and each is not best]
    parts = []
    if worse:
        told = (f"{_SHORT[each.name]} with {each.result.told()}" for each in worse)
        parts.append(f"better than {_and(told)}")
    if equal:
        parts.append(f"as good as {_and(_SHORT[each.name] for each in equal)}")
    if remark:
        parts.append(remark)
    return dataclasses.replace(best, reason=", ".join(parts) or "the only network of this run")


def _same_images(directory: RunDirectory, found: tuple[FoundNetwork, ...]) -> bool:
    """Whether both stages of a run were validated on the same images.

    They share the record of these, whatever their seeds; what was measured on images of an earlier
    one is gone. A run by an earlier version has none.
    """
    search, train = (_division(directory.recorded(stage)) for stage in STAGES)
    alike = directory.manifest_path.exists() or search == train
    return alike and len({each.count for each in found}) == 1


def _division(recorded: dict) -> tuple:
    """What of a recorded config decides which images are validated on."""
    data = recorded["data"]
    seed = recorded["seed"] if data["split_seed"] < 0 else data["split_seed"]
    return data["source"], data["num_images"], data["validation_fraction"], seed


def _and(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
