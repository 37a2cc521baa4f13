# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The best epoch's network is kept, whole, also by a training that goes on."""

import keras
import numpy as np
import pytest

from snas_tf import ChildNetwork, space
from snas_tf.fitting.best_network import KeepBest, best_epoch
from snas_tf.fitting.training_model import TrainingModel

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(1, 2, "skip_connect"),),
        "reduction": (space.Connection(1, 2, "skip_connect"),),
    },
    num_nodes=1,
)
SKELETON = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(4, 4, 1))


def rows(*accuracies):
    return [
        {"epoch": number, "val_accuracy": accuracy}
        for number, accuracy in enumerate(accuracies, start=1)
    ]


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [((), None), ((0.5,), 1), ((0.1, 0.3, 0.2), 2), ((0.1, 0.3, 0.3, 0.2), 2), ((0.0, 0.0), 1)],
)
def test_the_best_epoch_is_the_first_of_equals(accuracies, expected):
    assert best_epoch(rows(*accuracies)) == expected


def test_of_numbers_the_best_epoch_has_the_least_error():
    errors = (0.5, 0.2, 0.2, 0.9)
    assert best_epoch([{"epoch": 1, "val_mean_absolute_error": error} for error in errors]) == 2


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ((), (0.2, 0.5, 0.5, 0.4), 1),  # the second of these epochs, counted from 0
        ((0.3, 0.6), (0.4, 0.7, 0.1), 1),
        ((0.3, 0.6), (0.6, 0.5), None),  # an equal one does not take the place of the first
        ((), (0.0,), 0),
    ],
)
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_the_network_of_the_best_epoch_is_kept(tmp_path, before, after, kept, ema_decay):
    model = TrainingModel(ChildNetwork(GENOTYPE, SKELETON), ema_decay=ema_decay)
    path = tmp_path / "best.keras"
    callback = KeepBest(path, rows(*before))
    callback.set_model(model)
    for number, accuracy in enumerate(after):
        for weight in model.child.weights:
            weight.assign(weight * 0 - 7.0)  # what is not averaged must not be kept
        for weight in (model.average if ema_decay else model.child).weights:
            weight.assign(weight * 0 + number)
        callback.on_epoch_end(len(before) + number, {"val_accuracy": accuracy})
    if kept is None:
        assert not path.exists()
        return
    found = keras.saving.load_model(path)
    assert found.weights and all(np.all(weight == kept) for weight in found.weights)
    assert [entry.name for entry in tmp_path.iterdir()] == ["best.keras"]
