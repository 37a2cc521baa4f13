# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batches for a search in two levels, whose weights and logits learn by turns.

After the warm-up, which is the weights' alone, a batch for the logits is followed by one for the
weights. No example is ever in both: that the logits are judged on what the weights have not seen is
what the second level is for.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from snas_tf.data.pipeline import steps_per_epoch, training_dataset
from snas_tf.data.splits import Split, stratified_split
from snas_tf.errors import InvalidInput

_STREAM = 18  # of the division into halves


def alternate(of_weights: tf.data.Dataset, of_logits: tf.data.Dataset) -> tf.data.Dataset:
    """Batches by turns without an end, of the logits first; for a search without a warm-up.

    Each data set begins anew whenever it has ended. Tell `fit` the `steps_per_epoch`, such as the
    batches of both together.

    Args:
        of_weights: Batches as `fit` takes them.
        of_logits: Batches of other examples.

    Returns:
        A data set of the batches of both.
    """
    turns = tf.data.Dataset.range(2).repeat()
    return tf.data.Dataset.choose_from_datasets([of_logits.repeat(), of_weights.repeat()], turns)


def halves(split: Split, seed: int) -> tuple[Split, Split]:
    """The examples of the weights and those of the logits, class by class.

    Args:
        split: What there is to learn from.
        seed: On which, and on the split, the division depends.
    """
    of_weights, of_logits = stratified_split(split.strata, 0.5, seed, _STREAM)
    return split.subset(of_weights), split.subset(of_logits)


def check_halves(split: Split, batch_size: int, seed: int) -> None:
    """Checks that weights and logits have a batch each.

    Args:
        split: What there is to learn from.
        batch_size: Examples a batch.
        seed: The run's seed.

    Raises:
        InvalidInput: A half has too few examples.
    """
    size = min(half.size for half in halves(split, seed))
    if size < batch_size:
        raise InvalidInput(
            f"`data.batch_size` must be at most {size} with `search.bilevel`, whose weights and "
            f"logits have half of the examples each: given {batch_size}"
        )


def two_level_dataset(
    split: Split,
    *,
    batch_size: int,
    seed: int,
    warmup_steps: int,
    first_step: int,
    last_step: int,
    **arguments: Any,
) -> tf.data.Dataset:
    """The batches of some steps of a search in two levels.

    Each half is gone through as `training_dataset` does, pass after pass, whatever the epochs of
    the search are. A search that goes on at step k gets the very batches of one that was not
    stopped.

    Args:
        split: What there is to learn from.
        batch_size: Examples a batch.
        seed: The run's seed.
        warmup_steps: First steps of the search, all of which are the weights'.
        first_step: The first step to give, counted from 0.
        last_step: The step at which to stop.
        **arguments: Of `training_dataset`: augmentation, normalization.

    Returns:
        As `training_dataset`, of known cardinality: `last_step` - `first_step` batches.

    Raises:
        InvalidInput: A half has too few examples for a batch, see `check_halves`.
    """
    learning = max(first_step - warmup_steps, 0)
    given = (first_step - (learning + 1) // 2, (learning + 1) // 2)
    streams = [
        _from_batch(half, start, last_step, batch_size=batch_size, seed=seed, **arguments)
        for half, start in zip(halves(split, seed), given, strict=True)
    ]

    def turn(step: tf.Tensor) -> tf.Tensor:
        """0 of the weights, 1 of the logits."""
        even = tf.equal((step - warmup_steps) % 2, 0)
        return tf.cast((step >= warmup_steps) & even, tf.int64)

    turns = tf.data.Dataset.range(first_step, last_step).map(turn)
    chosen = tf.data.Dataset.choose_from_datasets(streams, turns)
    return chosen.apply(tf.data.experimental.assert_cardinality(last_step - first_step))


def _from_batch(
    half: Split, start: int, steps: int, *, batch_size: int, **arguments: Any
) -> tf.data.Dataset:
    """The batches of a half from one on, which are counted over all passes."""
    passes = steps_per_epoch(half, batch_size)
    return training_dataset(
        half,
        batch_size=batch_size,
        first_epoch=start // passes,
        first_step=start % passes,
        epochs=max(steps // passes, start // passes) + 1,
        **arguments,
    )
