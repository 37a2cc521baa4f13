# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A short training judges an architecture: the same by its seed, on from a parent's weights."""

import keras
import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import Evaluator, Parent
from snas_tf.evaluation.training import Training, take_weights
from tests.search.small_models import digits

SPACE = space.ProductSpace(
    (
        space.Decision("units", ("first",), ("4", "16")),
        space.Decision("act", ("a",), ("relu", "elu")),
    )
)
SMALL = space.Selection({"units": ("4",), "act": ("relu",)})
LARGE = space.Selection({"units": ("16",), "act": ("relu",)})
OTHER = space.Selection({"units": ("16",), "act": ("elu",)})
IMAGES, LABELS = digits(0, 256)
VALIDATION = digits(256, 384)


def build(architecture, seed):
    """A network of one hidden layer on digits."""
    del seed
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(
                int(architecture["units"][0]), architecture["act"][0], name="hidden"
            ),
            keras.layers.Dense(10, name="logits"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], run_eagerly=True)
    return model


def data(seed):
    """Some digits, in an order that follows from the seed."""
    order = np.random.default_rng(seed).permutation(len(IMAGES))
    return {
        "x": IMAGES[order],
        "y": LABELS[order],
        "batch_size": 64,
        "shuffle": False,
        "validation_data": VALIDATION,
    }


def test_the_metrics_follow_from_architecture_and_seed():
    training = Training(build=build, data=data, epochs=2)
    assert isinstance(training, Evaluator) and not training.inherits
    one = training.evaluate(LARGE, seed=3)
    assert one == training.evaluate(LARGE, seed=3)
    weights = 64 * 16 + 16 + 16 * 10 + 10
    assert one["parameters"] == weights and one["multiply_adds"] == 64 * 16 + 16 * 10
    other = training.evaluate(SMALL, seed=4)
    assert other["accuracy"] != one["accuracy"] and 0 <= other["accuracy"] <= 1


def test_the_accuracy_is_the_mean_of_the_last_epochs():
    told = [
        Training(build=build, data=data, epochs=epochs, last_epochs=last, measures=()).evaluate(
            LARGE, seed=0
        )["accuracy"]
        for epochs, last in ((1, 1), (2, 1), (2, 2))
    ]
    assert told[0] < told[1]
    assert told[2] == pytest.approx((told[0] + told[1]) / 2)


@pytest.mark.parametrize(("seconds", "epochs"), [(0.0, 1), (3600.0, 3)])
def test_a_training_ends_with_the_epoch_after_which_another_would_end_too_late(seconds, epochs):
    told = Training(build=build, data=data, epochs=3, measures=()).evaluate(
        LARGE, seed=1, seconds=seconds
    )
    whole = Training(build=build, data=data, epochs=epochs, measures=())
    assert whole.keeps_time
    assert told == {**whole.evaluate(LARGE, seed=1), "epochs": epochs}


def test_a_child_goes_on_from_the_network_that_was_kept():
    kept = {}
    training = Training(
        build=build,
        data=data,
        epochs=1,
        measures=(),
        keep=lambda network, seed: kept.update({seed: network}),
        recall=kept.__getitem__,
    )
    assert training.inherits
    first = training.evaluate(LARGE, seed=1)["accuracy"]
    fresh = training.evaluate(OTHER, seed=2)["accuracy"]
    on = training.evaluate(OTHER, seed=2, parent=Parent(LARGE, 1))["accuracy"]
    assert on > max(first, fresh)
    assert {*kept} == {1, 2}


def test_a_child_takes_weights_in_a_way_of_its_own_where_there_is_one():
    kept, asked = {}, []

    def inherit(model, architecture, parent, of, seed):
        asked.append((architecture, of, seed))
        model.layers[-1].set_weights(parent.layers[-1].get_weights())

    training = Training(
        build=build,
        data=lambda seed: {**data(seed), "steps_per_epoch": 1, "callbacks": [Start(begun)]},
        epochs=1,
        measures=(),
        keep=lambda network, seed: kept.update({seed: network}),
        recall=kept.__getitem__,
        inherit=inherit,
    )
    begun = []
    training.evaluate(LARGE, seed=1)
    training.evaluate(OTHER, seed=2, parent=Parent(LARGE, 1))
    assert asked == [(OTHER, LARGE, 2)]
    np.testing.assert_array_equal(begun[1], kept[1].layers[-1].get_weights()[0])


class Start(keras.callbacks.Callback):
    """Tells the last kernel with which a training begins."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def on_train_begin(self, logs=None):
        self.told.append(self.model.layers[-1].get_weights()[0])


def test_a_training_that_no_longer_gets_better_stops_and_says_after_how_many_epochs():
    def hopeless(architecture, seed):
        model = build(architecture, seed)
        model.optimizer.learning_rate = 0.0
        return model

    told = {
        judge: Training(
            build=judge, data=data, epochs=3, last_epochs=2, patience=1, measures=()
        ).evaluate(SMALL, seed=0)
        for judge in (hopeless, build)
    }
    assert told[hopeless]["epochs"] == 2 and told[build]["epochs"] == 3
    same = Training(build=build, data=data, epochs=3, last_epochs=2, measures=())
    assert told[build]["accuracy"] == same.evaluate(SMALL, seed=0)["accuracy"]


def test_weights_are_taken_where_path_and_shape_are_the_same():
    one, other = build(LARGE, 0), build(OTHER, 0)
    assert take_weights(other, one) == 4
    for pair in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(*pair)
    small = build(SMALL, 0)
    before = [weight.numpy() for weight in small.weights]
    assert take_weights(small, one) == 1  # the bias of the last layer
    for weight, value in zip(small.weights[:3], before[:3], strict=True):
        np.testing.assert_array_equal(weight, value)


def test_wrong_arguments_are_refused():
    with pytest.raises(InvalidInput, match="from 1 to the 5 of `epochs`: given 6"):
        Training(build=build, data=data, last_epochs=6)
    with pytest.raises(InvalidInput, match="`patience` must be a whole number.*given -1"):
        Training(build=build, data=data, patience=-1)
    with pytest.raises(InvalidInput, match="one of parameters, multiply_adds, peak.*given 'power'"):
        Training(build=build, data=data, measures=("power",))
    blind = Training(build=build, data=lambda seed: {"x": IMAGES, "y": LABELS}, epochs=1)
    with pytest.raises(InvalidInput, match="validation_data"):
        blind.evaluate(SMALL, seed=0)
