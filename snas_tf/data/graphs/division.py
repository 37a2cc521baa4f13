# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which graphs, or which nodes of one graph, are learnt from, validated on and tested on."""

from __future__ import annotations

import numpy as np

from snas_tf.data.division import ROLES, TEST, TRAIN, VALIDATION, Division, divide
from snas_tf.data.graphs.source import GraphSource, example_labels, in_one_graph
from snas_tf.errors import InvalidInput

_FOLDS_SEED = 20200607  # never the run's: the folds are the same in every run
_FOLDS_STREAM = 3


def division_of(
    source: GraphSource,
    *,
    validation_fraction: float,
    num_images: int,
    seed: int,
    folds: int = 0,
    fold: int = 0,
) -> Division:
    """Divides a data set: as it says itself, into folds, or class by class as images are.

    Args:
        source: The data set.
        validation_fraction: The part held out for validation, in (0, 1), where nothing is fixed.
        num_images: Examples to use for training and validation, or 0 for all.
        seed: Draws the validation part.
        folds: Number of folds, at least 3, or 0 for none: of each class every fold has its share,
            the same whatever `seed` is.
        fold: The fold that is the test, from 0; the next one is the validation.

    Returns:
        A role for every example, by what an example is: {"graphs": uint8 (graphs,)}, or "nodes" or
        "edges" of one graph.

    Raises:
        InvalidInput: Something is out of range, or does not go with what the data set fixes.
    """
    labels = example_labels(source.graphs)
    if folds:
        roles = _of_fold(source, labels, folds, fold)
    elif source.roles is not None:
        roles = _fewer(source.roles, num_images)
    else:
        known = np.flatnonzero(labels >= 0)
        roles = np.full(len(labels), ROLES.index("unused"), np.uint8)
        found = divide(
            {"train": labels[known]},
            None,
            validation_fraction=validation_fraction,
            num_images=num_images,
            seed=seed,
        )
        roles[known] = found["train"]
    return {example_name(source): roles}


def example_name(source: GraphSource) -> str:
    """What an example is called: "graphs", or "nodes" or "edges" of one graph."""
    return f"{source.graphs.level}s" if in_one_graph(source.graphs) else "graphs"


def fold_of_each(labels: np.ndarray, folds: int) -> np.ndarray:
    """Deals examples to folds, class by class in random order.

    Args:
        labels: Whole numbers (examples,).
        folds: How many folds.

    Returns:
        The fold of each example, from 0, (examples,). Of each class, and of all, no two folds
        differ by more than one example in number.
    """
    ranks = np.random.PCG64([_FOLDS_SEED, _FOLDS_STREAM]).random_raw(len(labels))
    order = np.lexsort((ranks, labels))
    found = np.empty(len(labels), int)
    # Dealt on from class to class, so that small classes do not all begin with the first fold.
    found[order] = np.arange(len(labels)) % folds
    return found


def _of_fold(source: GraphSource, labels: np.ndarray, folds: int, fold: int) -> np.ndarray:
    known = labels >= 0
    if not 3 <= folds <= known.sum():
        raise InvalidInput(
            f"`data.folds` must be 0, or between 3 and the {known.sum()} examples: given {folds}"
        )
    if not 0 <= fold < folds:
        raise InvalidInput(
            f"`data.fold` must be between 0 and {folds - 1}, the last of the `data.folds`: given "
            f"{fold}"
        )
    if source.roles is not None:
        raise InvalidInput(
            f"`data.folds` must be 0 with {source.name!r}, whose division is fixed: given {folds}"
        )
    place = fold_of_each(labels[known], folds)
    roles = np.full(len(labels), ROLES.index("unused"), np.uint8)
    own = np.full(len(place), TRAIN, np.uint8)
    own[place == fold] = TEST
    own[place == (fold + 1) % folds] = VALIDATION
    roles[known] = own
    return roles


def _fewer(roles: np.ndarray, num_images: int) -> np.ndarray:
    """The first training examples, where only some are asked for; the other parts stay whole."""
    train = np.flatnonzero(roles == TRAIN)
    if num_images > len(train):
        raise InvalidInput(
            f"`data.num_images` must be at most the {len(train)} training examples, or 0 for all: "
            f"given {num_images}"
        )
    if num_images:
        roles = roles.copy()
        roles[train[num_images:]] = ROLES.index("unused")
    return roles
