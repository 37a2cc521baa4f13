# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Reasons to doubt what a run found, seen from its numbers: what is true but would mislead.

What is looked for:

chance: the 95 % interval of an accuracy reaches down to what is right without a look at the images:
the share of the most frequent class, or where the classes were not counted one in as many as there
are. `is_chance` is also what an export refuses.

far above: the accuracy on the training images lies more than 10 points above the interval of that
on the validation images.

statistics: the accuracy with the running statistics of batch normalisation lies more than 2 points
below that with statistics measured over all training images, and its interval does not hold it.

undecided: a third of the choices or more have no option of at least 50 % when a search is over. In
most of what was drawn there another option than the one that is kept was at work. Of the digits'
search with its 60 epochs, seven of 28 edges are so.

few images: a class has no images in a split, or fewer than 10 to learn from.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from snas_tf.reports import notation
from snas_tf.reports.result import Result

_FAR = 0.10
_LAG = 0.02
_DECIDED = 0.5
_MANY_UNDECIDED = 1 / 3  # of the choices
_FEW = 10  # training images of a class
_NAMED = 3

ClassCounts = Mapping[str, Sequence[int]]
"""Images of each class, in the order of the labels, in "train", "validation" and "test"."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One reason to doubt.

    Attributes:
        what: "chance", "far above", "statistics", "undecided" or "few images".
        about: The network, the stage or the split that it is about.
        sentence: What it is, in numbers, and what to do; one line for people.
    """

    what: str
    about: str
    sentence: str

    @property
    def condition(self) -> tuple[str, str]:
        """(what, about)."""
        return self.what, self.about


def chance(counts: Sequence[int], num_classes: int) -> float:
    """The accuracy of an answer that does not look at the images.

    Args:
        counts: Images of each class among those that are answered; () where unknown.
        num_classes: Number of classes.

    Returns:
        The share of the most frequent class, or 1 / num_classes.
    """
    return max(counts) / sum(counts) if sum(counts) else 1 / num_classes


def is_chance(result: Result, counts: Sequence[int], num_classes: int) -> bool:
    """Whether an accuracy is none that could not be chance.

    Args:
        result: What was measured; without an accuracy or a count nothing is known.
        counts: Images of each class among those that it was measured on; () where unknown.
        num_classes: Number of classes.

    Returns:
        Whether the 95 % interval reaches down to chance; False for a single class.
    """
    interval = result.interval()
    return interval is not None and num_classes > 1 and interval[0] <= chance(counts, num_classes)


def told_of_chance(result: Result, counts: Sequence[int], num_classes: int) -> str:
    """Such as "25.00 % of 72 test images, in a 95 % interval of 16.4 to 36.1 %, where ..."."""
    low, high = result.interval()
    blind = "the most frequent class alone" if sum(counts) else f"one in {num_classes} classes"
    return (
        f"{notation.percent(result.accuracy)} of {result.count:,} {result.split} images, in a 95 % "
        f"interval of {100 * low:.1f} to {100 * high:.1f} %, where {blind} is "
        f"{notation.percent(chance(counts, num_classes))}"
    )


def of_results(
    results: Sequence[Result], class_counts: ClassCounts, num_classes: int
) -> Iterator[Doubt]:
    """What is no better than chance, and what lags behind its statistics.

    Args:
        results: The table of results.
        class_counts: {} where unknown.
        num_classes: Number of classes.

    Yields:
        At most one of each for a network.
    """
    by_network: dict[str, list[Result]] = {}
    for result in results:
        by_network.setdefault(result.name, []).append(result)
    for name, measured in by_network.items():
        blind = [
            told_of_chance(result, class_counts.get(result.split, ()), num_classes)
            for result in measured
            if is_chance(result, class_counts.get(result.split, ()), num_classes)
        ]
        if blind:
            yield Doubt(
                what="chance",
                about=name,
                sentence=f"the network {name!r} is no better than chance: {'; '.join(blind)}; do "
                "let it learn longer or from more images, and look whether images and labels are "
                "right",
            )
    for name, measured in by_network.items():
        lagging = next((result for result in measured if _lags(result)), None)
        if lagging is not None:
            yield Doubt(
                what="statistics",
                about=name,
                sentence=f"the running statistics of the network {name!r} are not its own: with "
                f"them it is right on {notation.percent(lagging.accuracy)} of the {lagging.split} "
                f"images, and on {notation.percent(lagging.recalibrated)} with statistics measured "
                "over all training images; do train it (--mode=train, with train.recalibrate auto "
                "or on, and train.inherit for a search's weights), or call its refresh_statistics",
            )


def _lags(result: Result) -> bool:
    if result.recalibrated is None or result.interval() is None:
        return False
    return result.recalibrated > max(result.interval()[1], result.accuracy + _LAG)


def of_epochs(
    stage: str,
    rows: Sequence[Mapping[str, float]],
    num_validation: int,
    *,
    lags: bool = False,
) -> Iterator[Doubt]:
    """Whether training images are told far better than others after the last epoch.

    Args:
        stage: "search" or "train".
        rows: The metrics of every epoch.
        num_validation: Number of validation images; 0 where unknown.
        lags: Whether running statistics are known to lag behind in the stage's last network.

    Yields:
        One doubt at most.
    """
    metric = "val_sampled_accuracy" if stage == "search" else "val_accuracy"
    last = rows[-1] if rows else {}
    if not num_validation or not {"accuracy", metric} <= {*last}:
        return
    learnt, validated = last["accuracy"], last[metric]
    if not (math.isfinite(learnt) and 0 <= validated <= 1):
        return
    seen = Result(name=stage, split="validation", accuracy=validated, count=num_validation)
    if learnt > seen.interval()[1] + _FAR:
        who = "the supernet" if stage == "search" else "the network in training"
        cause = (
            "likely because its running statistics lag behind, of which another warning tells"
            if lags
            else "likely it knows them by heart, or the two splits differ; do use more images or "
            f"vary them (data.crop_padding, data.flip, cutout), raise {stage}.weight_decay, or "
            f"lower {stage}.init_channels"
        )
        yield Doubt(
            what="far above",
            about=stage,
            sentence=f"{who} is right on {notation.percent(learnt)} of its training images after "
            f"epoch {len(rows)}, but on {notation.percent(validated)} of {num_validation:,} "
            f"validation images; {cause}",
        )


def of_search(
    probabilities: Mapping[str, np.ndarray], *, epochs: int, final_temperature: float
) -> Iterator[Doubt]:
    """Whether a search that is over has decided.

    Args:
        probabilities: {decision: (places, options)} after the last epoch, of the decisions that
            have a part in the network.
        epochs: Epochs of the search.
        final_temperature: The temperature of its last step.

    Yields:
        One doubt at most.
    """
    rows = [row for values in probabilities.values() for row in np.asarray(values)]
    open_choices = undecided(probabilities)
    if not rows or len(rows[0]) == 1 or open_choices < _MANY_UNDECIDED * len(rows):
        return
    remedies = ["more epochs (search.epochs)"]
    remedies.append("a higher rate of the logits (search.architecture_learning_rate)")
    if final_temperature > 0.1:
        remedies.append("a lower search.final_temperature")
    yield Doubt(
        what="undecided",
        about="search",
        sentence=f"{open_choices} of {len(rows)} choices are undecided after all {epochs} epochs, "
        f"with no option of 50 % or more; {entropy_told(probabilities)}: what was found there is "
        f"close to a draw by lot; do search with {', '.join(remedies[:-1])} or {remedies[-1]}",
    )


def undecided(probabilities: Mapping[str, np.ndarray]) -> int:
    """Choices without an option of at least 50 %.

    Args:
        probabilities: {decision: (places, options)}.
    """
    return sum(
        int((~(np.asarray(values).max(axis=1) >= _DECIDED)).sum())  # no number decides nothing
        for values in probabilities.values()
    )


def entropy_told(probabilities: Mapping[str, np.ndarray]) -> str:
    """Such as "the entropy is 57.4 of at most 58.2 nats".

    Args:
        probabilities: {decision: (places, options)}.
    """
    values = [np.asarray(array, np.float64) for array in probabilities.values()]
    tiny = np.finfo(np.float64).tiny
    entropy = -sum((array * np.log(np.maximum(array, tiny))).sum() for array in values)
    most = sum(len(array) * math.log(array.shape[1]) for array in values)
    return f"the entropy is {abs(entropy):.1f} of at most {most:.1f} nats"


def of_dataset(class_names: Sequence[str], class_counts: ClassCounts) -> Iterator[Doubt]:
    """Whether classes lack images.

    Args:
        class_names: The names in the order of the labels.
        class_counts: {} where unknown.

    Yields:
        At most one doubt for each split.
    """
    for split in ("validation", "test"):
        counts = class_counts.get(split, ())
        missing = [name for name, count in zip(class_names, counts, strict=False) if not count]
        if missing:
            yield Doubt(
                what="few images",
                about=split,
                sentence=f"{_classes(missing, len(class_names))} no {split} images "
                f"({_named(missing)}): no accuracy says whether they are told apart; do add images "
                "of them" + (" or raise data.validation_fraction" if split == "validation" else ""),
            )
    counts = class_counts.get("train", ())
    pairs = [(name, count) for name, count in zip(class_names, counts, strict=False)]
    few = sorted((pair for pair in pairs if pair[1] < _FEW), key=lambda pair: pair[1])
    if few:
        told = [f"{name}: {count}" for name, count in few]
        yield Doubt(
            what="few images",
            about="train",
            sentence=f"{_classes(few, len(class_names))} fewer than {_FEW} images to learn from "
            f"({_named(told)}): little can be learnt of them, and the accuracy of a class with so "
            "few images says next to nothing; do add images of them",
        )


def _classes(some: Sequence[object], of: int) -> str:
    return f"{len(some)} of {of} classes {'has' if len(some) == 1 else 'have'}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
