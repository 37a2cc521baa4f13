# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The frame's proof: a space of a user's own, in thirty lines, and what searches it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import make_moons

from snas_tf import ArchitectureDistribution, ResourceCost, Snas, space
from snas_tf.search.callbacks import WarnOfDegeneracy
from tests import own_space

pytestmark = pytest.mark.slow


def test_it_stands_in_thirty_lines():
    assert sum(bool(line.strip()) for line in own_space.source().splitlines()) <= 30


def test_two_moons_are_told_apart_by_what_was_found():
    variables = {}
    exec(own_space.source(), variables)
    search = variables["search"]
    points, moons = make_moons(256, noise=0.1, random_state=2)
    child = search.child()
    found = child(points)[:, 0] > 0.5
    assert np.mean(found == (moons == 1)) > 0.97  # a line has 0.88
    assert variables["SPACE"].from_json(search.genotype().to_json()) == search.genotype()
    decided = [z.numpy().max() for z in search.architecture.probabilities().values()]
    assert min(decided) > 0.9
    # It costs something to be no line, so that not all three are bent.
    assert search.resource_cost.expectation(search.architecture.probabilities())["operations"] < 200


def test_a_budget_of_its_own_cost_is_kept():
    names = own_space.definitions()
    cost = ResourceCost(names["COSTS"], budget=space.Budget(operations=20))
    model = Snas(names["Moons"](), ArchitectureDistribution(names["SPACE"]), resource_cost=cost)
    for logits in model.architecture.logits.values():
        logits.assign([[0.0, 1.0, 2.0]])
    (limit,) = cost.limits
    assert limit.cost(model.architecture.genotype(), model.supernet.space) == 241
    # The dearest option of two layers goes: 1 for all, and twice 8.
    assert limit.cost(model.genotype(), model.supernet.space) == 17


INPUTS = space.ProductSpace([space.Decision("input", ["one"], ["left", "right"])])
FREE = space.CostTable(["inputs"], [0], {"input": [[[1], [1]]]})


class TwoInputs(keras.Model):
    """Takes a dict of two inputs and chooses which of them counts."""

    space, costs = INPUTS, FREE

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.head = keras.layers.Dense(2)
        self.head.build((None, 3))
        self.built = True

    def call(self, inputs, samples, training=False, one_hot=False):
        left, right = tf.unstack(samples["input"][0])
        return self.head(left * inputs["left"] + right * inputs["right"])

    def num_examples(self, inputs):
        return tf.shape(inputs["right"])[0]


def two_inputs(**arguments):
    keras.utils.set_random_seed(0)
    network = TwoInputs()
    model = Snas(network, ArchitectureDistribution(network.space), temperature=0.5, **arguments)
    model.compile(
        keras.optimizers.SGD(0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        architecture_optimizer=keras.optimizers.SGD(0.1),
    )
    return model


def table(count):
    generator = np.random.default_rng(0)
    inputs = {name: generator.normal(size=(count, 3)) for name in ("left", "right")}
    inputs = {name: values.astype("float32") for name, values in inputs.items()}
    return inputs, np.int32(inputs["right"].sum(axis=1) > 0)


def test_inputs_may_be_a_dict():
    inputs, labels = table(64)
    model = two_inputs()
    model.fit(inputs, labels, batch_size=16, epochs=20, verbose=0)
    assert model.genotype()["input"] == ("right",)
    assert model.evaluate(inputs, labels, verbose=0) < 0.5
    assert model.predict(inputs, verbose=0).shape == (64, 2)


def test_a_decision_that_falls_too_early_is_warned_of():
    model, lines = two_inputs(), []
    (logits,) = model.architecture.logits.values()
    logits.assign([[9.0, 0.0]])
    warn = WarnOfDegeneracy(epochs=4, write=lines.append)
    warn.set_model(model)
    warn.on_epoch_begin(0)
    warn.on_epoch_end(0)
    warn.on_train_end()
    (line,) = lines
    assert line.startswith("after epoch 1 the decision input is decided too early, with 3 of 4")


def test_replicas_share_dicts_as_one_device_would(two_replicas):
    """Also the last batch, of which one of them gets nothing."""
    inputs, labels = table(9)
    states = []
    for scope in (tf.distribute.get_strategy().scope(), two_replicas.scope()):
        with scope:
            model = two_inputs(shared_samples=True)
        data = tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(8)
        model.fit(data, verbose=0)
        states.append([variable.numpy() for variable in model.trainable_variables])
    for one, two in zip(*states, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
