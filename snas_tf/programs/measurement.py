# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is measured of a network, on the images of a split and on this device."""

from __future__ import annotations

import collections
import dataclasses

import numpy as np

from snas_tf import data, reports
from snas_tf.fitting.ranking import Ranking, mean_absolute_error, rank
from snas_tf.networks import ImageNetwork, network_milliseconds
from snas_tf.programs.datasets import dataset
from snas_tf.programs.datasets.tasks import TOP, has_graphs
from snas_tf.programs.recalibration import recalibrated_accuracy

_MOST_MISTAKES = 16


def on_validation(
    name: str,
    network: ImageNetwork,
    images: data.ImageData,
    batch_size: int,
    *,
    recalibrate: bool = False,
) -> reports.Result:
    """Accuracy on the validation images, and costs.

    Args:
        name: What the result is to be called.
        network: The network.
        images: The data set.
        batch_size: Images to compute at once.
        recalibrate: Whether to tell also the accuracy with statistics of all training images.
    """
    split = images.validation
    return _measured(name, "validation", network, images, split, batch_size, recalibrate)[0]


def on_test(
    name: str,
    network: ImageNetwork,
    images: data.ImageData,
    batch_size: int,
    repetitions: int,
    *,
    recalibrate: bool = False,
) -> reports.Result:
    """Accuracy on the test images, in all and class by class, costs, and latency.

    Args:
        name: What the result is to be called.
        network: The network.
        images: The data set.
        batch_size: Images to compute at once, for the accuracy.
        repetitions: How often the latency of one image is measured.
        recalibrate: Whether to tell also the accuracy with statistics of all training images.
    """
    split = images.test
    result, ranking = _measured(name, "test", network, images, split, batch_size, recalibrate)
    return dataclasses.replace(
        result,
        classes=() if ranking is None else by_class(ranking, images.class_names),
        confusions=() if ranking is None else confusions(ranking, images.class_names),
        latency=network_milliseconds(network, 1, repetitions),
    )


def by_class(ranking: Ranking, class_names: tuple[str, ...]) -> tuple[reports.ClassResult, ...]:
    """The classes with how many of their images are right; those without images are left out.

    Args:
        ranking: The answers.
        class_names: The names in the order of the labels.
    """
    counts = np.bincount(ranking.labels, minlength=len(class_names))
    right = np.bincount(ranking.labels[ranking.ranks == 0], minlength=len(class_names))
    return tuple(
        reports.ClassResult(name=name, right=int(right[label]), count=int(counts[label]))
        for label, name in enumerate(class_names)
        if counts[label]
    )


def confusions(ranking: Ranking, class_names: tuple[str, ...]) -> tuple[reports.Confusion, ...]:
    """Which classes were taken for which others, and how often; the most frequent first.

    Args:
        ranking: The answers.
        class_names: The names in the order of the labels.
    """
    wrong = (ranking.labels != ranking.answers) & (ranking.answers >= 0)
    pairs = collections.Counter(
        zip(ranking.labels[wrong].tolist(), ranking.answers[wrong].tolist(), strict=True)
    )
    return tuple(
        reports.Confusion(right=class_names[right], answered=class_names[answered], count=count)
        for (right, answered), count in sorted(pairs.items(), key=lambda each: (-each[1], each[0]))
    )


def mistakes(
    network: ImageNetwork, images: data.ImageData, batch_size: int
) -> tuple[reports.Mistake, ...]:
    """The test images on which a network is wrong though it is most sure of itself.

    Args:
        network: The network.
        images: The data set.
        batch_size: Images to compute at once.

    Returns:
        At most 16, the surest first; () where examples are no images.
    """
    split = images.test
    if not split.holds_images:
        return ()
    batches = data.evaluation_dataset(
        split, batch_size=batch_size, normalization=data.normalization(images)
    )
    ranking = rank(network, batches)
    wrong = np.flatnonzero((ranking.labels != ranking.answers) & (ranking.answers >= 0))
    surest = wrong[np.argsort(-ranking.certainties[wrong], kind="stable")][:_MOST_MISTAKES]
    shown = split.subset(np.sort(surest)) if len(surest) else None
    pictures = {} if shown is None else _pictures(shown, np.sort(surest), batch_size)
    return tuple(
        reports.Mistake(
            right=images.class_names[ranking.labels[place]],
            answered=images.class_names[ranking.answers[place]],
            certainty=float(ranking.certainties[place]),
            picture=pictures[int(place)],
        )
        for place in surest
    )


def _pictures(split: data.Split, places: np.ndarray, batch_size: int) -> dict[int, str]:
    """The images of a split as PNG in base64, by the places that they had in another."""
    pixels = np.concatenate([batch for batch, _ in dataset.pixels(split, batch_size)])
    return {
        int(place): reports.png_text(image) for place, image in zip(places, pixels, strict=True)
    }


def _measured(
    name: str,
    split_name: str,
    network: ImageNetwork,
    images: data.ImageData,
    split: data.Split,
    batch_size: int,
    recalibrate: bool,
) -> tuple[reports.Result, Ranking | None]:
    """What is told of a network, and where labels are classes its answers."""
    batches = data.evaluation_dataset(
        split, batch_size=batch_size, normalization=data.normalization(images)
    )
    if images.regression:
        error = mean_absolute_error(network, batches)
        numbers = {"count": len(split.labels), "cost": network.cost}
        return reports.Result(
            name=name, split=split_name, mean_absolute_error=error, **numbers
        ), None
    ranking = rank(network, batches)
    by_class = has_graphs(images)
    result = reports.Result(
        name=name,
        split=split_name,
        accuracy=ranking.accuracy(),
        top_5_accuracy=ranking.accuracy(TOP) if images.num_classes > TOP else None,
        balanced_accuracy=ranking.balanced_accuracy() if by_class else None,
        f1=ranking.f1() if by_class else None,
        recalibrated=recalibrated_accuracy(network, images, batches, batch_size)
        if recalibrate
        else None,
        count=len(ranking.labels),
        cost=network.cost,
    )
    return result, ranking
