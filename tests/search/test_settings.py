# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is set between two calls of `fit` is what the next one does."""

import keras
import numpy as np
import pytest

from snas_tf import ResourceCost, space
from tests.search.small_models import CELLS, SKELETON, build_compiled, digits, state

pytestmark = pytest.mark.slow

IMAGES, LABELS = digits(0, 32)
SCHEDULE = keras.optimizers.schedules.PolynomialDecay(0.7, 10, 0.2)
OTHERS = {
    "temperature": SCHEDULE,
    "temperature_schedule": 0.3,
    "resource_weight": 2.0,
    "resource_cost": ResourceCost(space.cell_cost_table(CELLS, SKELETON), {"parameters": 1.0}),
    "estimator": "softmax",
    "seed": 5,
}


def test_what_is_set_takes_effect():
    """As in a model that had it from the start, and took the same first step."""
    halves = ((IMAGES[:16], LABELS[:16]), (IMAGES[16:], LABELS[16:]))
    fit = {"batch_size": 16, "verbose": 0}
    model, from_the_start = (
        build_compiled(logits=1.0, temperature=1.0, resource_weight=weight) for weight in (1.0, 2.0)
    )
    model.fit(*halves[0], **fit)
    for variable, value in zip(
        (*from_the_start.variables, *from_the_start.optimizer.variables), state(model), strict=True
    ):
        variable.assign(value)
    model.resource_weight = 2.0
    for each in (model, from_the_start):
        each.fit(*halves[1], **fit)
    for left, right in zip(state(model), state(from_the_start), strict=True):
        np.testing.assert_array_equal(left, right)


def test_everything_that_is_set_is_kept_and_traced_anew():
    model = build_compiled(temperature=1.0, compile_with={"run_eagerly": True})
    model.train_on_batch(IMAGES, LABELS)
    for name, value in OTHERS.items():
        before = model.train_function
        setattr(model, name, value)
        assert model.train_function is not before, name
    assert model.resource_weight == model.get_config()["resource_weight"] == 2.0
    assert (model.estimator, model.seed) == ("softmax", 5)
    assert model.temperature.numpy() == np.float32(0.3)
    assert model.resource_cost.weights["multiply_adds"] == 0.0


def test_a_callback_may_set_the_weight_of_the_cost_within_fit():
    model = build_compiled(logits=1.0, temperature=1.0, compile_with={"run_eagerly": True})

    class Later(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.resource_weight = 100.0 * epoch

    first = model.gradient_norms.norms["reduction"].numpy()[:, 1]
    model.fit(IMAGES, LABELS, batch_size=16, epochs=1, verbose=0, callbacks=[Later()])
    second = model.gradient_norms.norms["reduction"].numpy()[:, 1]
    model.fit(IMAGES, LABELS, batch_size=16, epochs=2, verbose=0, callbacks=[Later()])
    assert not first.any() and not second.any()
    assert model.gradient_norms.norms["reduction"].numpy()[:, 1].all()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("resource_weight", -1.0, "must not be negative|not negative"),
        ("temperature", 0.0, "must be positive"),
        ("estimator", "gumbel", "must be one of"),
        ("derivation", "best", "must be one of"),
    ],
)
def test_what_is_out_of_range_is_refused_and_changes_nothing(name, value, words):
    model = build_compiled(compile_with={"run_eagerly": True})
    config = model.get_config()
    with pytest.raises(ValueError, match=words):
        setattr(model, name, value)
    assert model.get_config() == config


def test_a_cost_does_not_change():
    cost = ResourceCost(space.cell_cost_table(CELLS, SKELETON))
    with pytest.raises(AttributeError, match="Make another one"):
        cost.weights = (1.0, 0.0, 0.0)
    with pytest.raises(AttributeError, match="`budget` of a ResourceCost cannot be set"):
        cost.budget = space.Budget(parameters=10**6)
