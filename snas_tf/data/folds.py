# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cross-validation: a data set in equal folds, of which each is the test of one run."""

from __future__ import annotations

import numpy as np

from snas_tf.errors import InvalidInput

_SEED, _STREAM = 20200607, 3  # never the run's: the folds are the same in every run


def fold_of_each(labels: np.ndarray, folds: int) -> np.ndarray:
    """Deals examples to folds, class by class in random order.

    Args:
        labels: Whole numbers (examples,).
        folds: How many folds.

    Returns:
        The fold of each example, from 0, (examples,). Of each class, and of all, no two folds
        differ by more than one example in number.
    """
    ranks = np.random.PCG64([_SEED, _STREAM]).random_raw(len(labels))
    order = np.lexsort((ranks, labels))
    found = np.empty(len(labels), int)
    # Dealt on from class to class, so that small classes do not all begin with the first fold.
    found[order] = np.arange(len(labels)) % folds
    return found


def parts_of_fold(labels: np.ndarray, folds: int, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """What is tested on and what is validated on where a fold is the test.

    Args:
        labels: Whole numbers (examples,).
        folds: How many folds, at least 3.
        fold: Which one is the test, from 0; the next one is the validation.

    Returns:
        Two bool arrays (examples,): the test and the validation.

    Raises:
        InvalidInput: A number is out of range.
    """
    if not 3 <= folds <= len(labels):
        raise InvalidInput(
            f"`data.folds` must be 0, or between 3 and the {len(labels)} examples: given {folds}"
        )
    if not 0 <= fold < folds:
        raise InvalidInput(
            f"`data.fold` must be between 0 and {folds - 1}, the last of the `data.folds`: given "
            f"{fold}"
        )
    place = fold_of_each(labels, folds)
    return place == fold, place == (fold + 1) % folds
