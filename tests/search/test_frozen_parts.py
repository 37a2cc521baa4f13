# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search of the weights alone, or of the logits alone; and who gets which gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Snas, Supernet
from snas_tf.training import optimizers
from tests.search.small_models import CELLS, CROSS_ENTROPY, SKELETON, build_compiled, digits

pytestmark = pytest.mark.slow

EAGER = {"run_eagerly": True}


def numbers(variables):
    return [variable.numpy() for variable in variables]


def moved(before, variables):
    return [
        not np.array_equal(old, variable.numpy())
        for old, variable in zip(before, variables, strict=True)
    ]


def step(model):
    return model.train_on_batch(*digits(0, 16), return_dict=True)


@pytest.mark.parametrize(
    ("frozen", "compile_with"),
    [("architecture", {}), ("architecture", EAGER), ("supernet", EAGER)],
)
def test_a_frozen_part_stays_and_the_other_learns(frozen, compile_with, tmp_path):
    model = build_compiled(logits=1.0, resource_weight=0.5)
    getattr(model, frozen).trainable = False
    model.compile("sgd", CROSS_ENTROPY, **compile_with)
    still, learning = model.architecture, model.supernet
    if frozen == "supernet":
        still, learning = learning, still
    fixed = [weight for weight in still.weights if "moving" not in weight.path]
    before = numbers(fixed), numbers(learning.variables)
    assert np.isfinite(step(model)["loss"])
    assert not any(moved(before[0], fixed))
    assert any(moved(before[1], learning.variables))
    model.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    if frozen == "architecture":
        assert not loaded.architecture.trainable_variables
    if compile_with and frozen == "architecture":
        assert len(loaded.optimizer.variables) == len(model.optimizer.variables)
        model.fit(*digits(0, 16), verbose=0, shuffle=False)
        loaded.fit(*digits(0, 16), verbose=0, shuffle=False)
        for left, right in zip(numbers(model.variables), numbers(loaded.variables), strict=True):
            np.testing.assert_array_equal(left, right)


def test_a_kind_of_cell_alone_may_be_frozen():
    model = build_compiled(logits=1.0)
    model.architecture.logits["normal"].trainable = False
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    before = {kind: v.numpy() for kind, v in model.architecture.logits.items()}
    step(model)
    same = {k: np.array_equal(v, model.architecture.logits[k].numpy()) for k, v in before.items()}
    assert same == {"normal": True, "reduction": False}
    norms = {kind: value.numpy() for kind, value in model.gradient_norms.norms.items()}
    assert not norms["normal"].any() and norms["reduction"].any()


def test_what_is_frozen_after_compile_learns_no_more_and_nothing_else_is_made_trainable():
    model = build_compiled(logits=1.0, compile_with=EAGER)
    step(model)
    model.architecture.trainable = False
    before = numbers(model.architecture.variables)
    step(model)
    assert not any(moved(before, model.architecture.variables))
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    model.architecture.trainable = True
    with pytest.raises(ValueError, match="Call `compile` again"):
        step(model)


def test_a_variable_has_the_optimizer_of_its_group_whatever_its_path():
    """Two layers of one name share the paths of their variables."""
    weights, logits = [], []
    for group in (weights, logits):
        layer = keras.layers.Dense(1, name="same")
        layer.build((None, 1))
        group += layer.trainable_variables
    assert [v.path for v in weights] == [v.path for v in logits]
    both = optimizers.WeightsAndLogits(
        keras.optimizers.SGD(1.0), keras.optimizers.SGD(10.0), logits
    )
    variables = [logits[0], *weights, logits[1]]
    before = numbers(variables)
    both.build(variables)
    both.apply([tf.ones_like(v) * (n + 1) for n, v in enumerate(variables)], variables)
    change = [float(np.ravel(old - v.numpy())[0]) for old, v in zip(before, variables, strict=True)]
    np.testing.assert_allclose(change, [10.0, 2.0, 3.0, 40.0], rtol=1e-5)


class WithTwins(Supernet):
    """Has two layers of one name, whose variables have the same paths."""

    def build(self, input_shape=None):
        self.twins = [keras.layers.Dense(1, name="same") for _ in range(2)]
        for layer in self.twins:
            layer.build((None, 1))
        super().build()


def test_layers_of_one_name_in_the_network_get_their_own_gradients():
    """The first was given the gradient of the second."""
    model = Snas(WithTwins(CELLS, SKELETON), ArchitectureDistribution(CELLS), temperature=1.0)
    model.compile(keras.optimizers.SGD(1.0), CROSS_ENTROPY, architecture_optimizer="sgd")
    weights = model.supernet.trainable_variables
    assert len({variable.path for variable in weights}) == len(weights) - 2
    before = numbers(weights)
    gradients = [tf.fill(v.shape, float(n + 1)) for n, v in enumerate(weights)]
    model._update(gradients, [tf.zeros(v.shape) for v in model.architecture.trainable_variables])
    for number, (old, variable) in enumerate(zip(before, weights, strict=True)):
        np.testing.assert_allclose(old - variable.numpy(), number + 1, rtol=1e-4)


def test_one_optimizer_cannot_be_both():
    optimizer = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="must be two"):
        build_compiled(compile_with={"optimizer": optimizer, "architecture_optimizer": optimizer})
