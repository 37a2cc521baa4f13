# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a training's config makes of its model."""

import types

import pytest

from snas_tf import config, space
from snas_tf.programs import train

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(1, 2, "skip_connect"),),
        "reduction": (space.Connection(1, 2, "skip_connect"),),
    },
    num_nodes=1,
)


def build(num_classes=10, **values):
    settings = config.get_config()
    settings.train.update({"epochs": 4, "learning_rate": 0.2, **values})
    settings.train.num_cells, settings.train.init_channels = 1, 2
    images = types.SimpleNamespace(num_classes=num_classes, image_shape=(4, 4, 1), dtype="uint8")
    return train.build(settings, GENOTYPE, images, steps_per_epoch=3)


def test_the_keys_reach_the_model():
    model = build(label_smoothing=0.1, ema_decay=0.9, drop_path=0.2, clip_norm=2.0)
    assert (model.label_smoothing, model.ema_decay, model.child.drop_path) == (0.1, 0.9, 0.2)
    assert model.average is not None and model.optimizer.global_clipnorm == 2.0
    plain = build()
    assert plain.average is None and plain.label_smoothing == 0.0
    assert len(plain.variables) < len(model.variables)


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ({}, 11, 0.0),
        ({"warmup_epochs": 1}, 0, 0.0),
        ({"warmup_epochs": 1}, 3, 0.2),
        ({"schedule": "exponential", "learning_rate_decay": 0.5}, 11, 0.025),
    ],
)
def test_the_learning_rate_is_the_one_of_the_config(values, step, expected):
    model = build(**values)
    model.optimizer.iterations.assign(step)
    assert float(model.optimizer.learning_rate) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("num_classes", "expected"), [(5, False), (6, True)])
def test_the_top_5_accuracy_needs_more_than_5_classes(num_classes, expected):
    names = [metric.name for metric in build(num_classes)._compile_metrics._user_metrics]
    assert names[0] == "accuracy" and ("top_5_accuracy" in names) == expected
