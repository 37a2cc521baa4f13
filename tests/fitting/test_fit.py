# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The batches of a stage that goes on are those that an uninterrupted one would have had next."""

import numpy as np
import pytest

from snas_tf import data
from snas_tf.fitting.fit import Plan, _training_dataset
from snas_tf.fitting.generation import Position

NUMBERS = data.ArraySplit(np.arange(20, dtype="int32")[:, None], np.arange(20) % 2)
IMAGES = data.ImageData(
    name="numbers",
    image_shape=(1,),
    class_names=("even", "odd"),
    mean=(),
    deviation=(),
    train=NUMBERS,
    validation=NUMBERS,
    test=NUMBERS,
)


def batches(first, two_levels_after):
    """The numbers in every batch from there to the end of the third epoch, of five steps each."""
    plan = Plan(
        stage="search",
        images=IMAGES,
        augmentation=data.Augmentation(),
        seed=1,
        batch_size=4,
        epochs=3,
        checkpoint_seconds=1.0,
        two_levels_after=two_levels_after,
    )
    return [x[:, 0].numpy().tolist() for x, _ in _training_dataset(plan, first, 3)]


@pytest.mark.parametrize("two_levels_after", [None, 0, 5])
def test_from_the_middle_of_an_epoch(two_levels_after):
    whole = batches(Position(), two_levels_after)
    assert len(whole) == 15
    assert batches(Position(1, 2), two_levels_after) == whole[7:]
    assert batches(Position(2), two_levels_after) == whole[10:]


def test_two_levels_share_no_example_from_the_first_step_on():
    whole = batches(Position(), 5)
    of_logits = {*sum(whole[5::2], [])}
    assert len(of_logits) >= 8 and not of_logits & {*sum(whole[:5] + whole[6::2], [])}
