# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Steps of a search and of a child's training by custom C++ ops, and by TensorFlow's."""

import dataclasses

import keras
import numpy as np
import pytest

from snas_tf import ChildNetwork, native, space
from snas_tf.native import convolution
from snas_tf.native import separable_convolution as operation
from tests.search.small_models import CROSS_ENTROPY, SKELETON, build_compiled, digits, state

pytestmark = pytest.mark.slow

# Without max pooling: where pixels are nearly equal, rounding decides who gets the gradient. The
# one cell has edges of both strides.
CELLS = space.CellSpace(2, ("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5"))
GENOTYPE = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "skip_connect")),
        "reduction": ((0, 2, "dil_conv_3x3"), (1, 2, "sep_conv_5x5"), (2, 3, "sep_conv_3x3")),
    },
    num_nodes=2,
)
SKELETON = dataclasses.replace(SKELETON, init_channels=8, num_cells=1)


@pytest.fixture
def calls(native_operations, monkeypatch):
    """Of the operation, one for every time that a layer was called."""
    found = []

    def counting(*arguments):
        found.append(arguments)
        return original(*arguments)

    original = operation.separable_convolution
    monkeypatch.setattr(operation, "separable_convolution", counting)
    return found


def search(compile_with=None, networks=(CELLS, SKELETON), **arguments):
    """Losses and every number after two steps."""
    model = build_compiled(
        *networks, compile_with=compile_with, temperature=0.5, logits=1.0, **arguments
    )
    images, labels = digits(0, 32)
    history = model.fit(images, labels, batch_size=16, shuffle=False, verbose=0, epochs=1)
    return history.history["loss"], state(model)


def child(compile_with=None):
    keras.utils.set_random_seed(0)
    model = ChildNetwork(GENOTYPE, SKELETON)
    model.compile(keras.optimizers.SGD(0.05), CROSS_ENTROPY, **(compile_with or {}))
    images, labels = digits(0, 16)
    history = model.fit(images, labels, batch_size=16, verbose=0)
    return history.history["loss"], state(model)


def assert_close(own, expected):
    np.testing.assert_allclose(own[0], expected[0], rtol=1e-5)
    for one, other in zip(own[1], expected[1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.fixture(scope="module")
def without():
    assert not native.in_use()
    return search()


WAYS = {
    "eagerly": {"compile_with": {"run_eagerly": True}},
    "several steps per execution": {"compile_with": {"steps_per_execution": 2}},
    "rematerialised": {"network": {"rematerialize": True}},
}


def test_same_inputs_same_bits(without, calls):
    own = search()
    assert calls
    assert_close(own, without)
    (losses, numbers), (again, others) = own, search()
    assert losses == again
    assert all(np.array_equal(a, b) for a, b in zip(numbers, others, strict=True))


@pytest.mark.parametrize("way", WAYS)
def test_two_steps_of_a_search(way, without, calls):
    assert_close(search(**WAYS[way]), without)
    assert calls


def test_xla_takes_tensorflows(without, calls):
    assert_close(search({"jit_compile": True}), without)
    assert native.in_use() and not calls


def test_one_path_at_a_time(calls):
    own = search(estimator="straight_through")
    assert calls
    native.use(False)
    assert_close(own, search(estimator="straight_through"))


@pytest.mark.parametrize("estimator", ["concrete", "straight_through"])
def test_two_steps_on_nas_bench_201(estimator, native_operations, monkeypatch):
    """Ordinary convolutions of images of 8, 4 and 2 pixels a side."""
    found = []
    original = convolution.Kernels.products
    monkeypatch.setattr(
        convolution.Kernels, "products", lambda *given: found.append(1) or original(*given)
    )
    networks = (
        space.nas_bench_201_cells(),
        space.nas_bench_201_skeleton(8, 1, num_classes=10, image_shape=(8, 8, 1)),
    )
    given = {"networks": networks, "estimator": estimator, "compile_with": {"run_eagerly": True}}
    own = search(**given)
    assert found
    native.use(False)
    found.clear()
    assert_close(own, search(**given))
    assert not found


def test_two_replicas(two_replicas, calls):
    with two_replicas.scope():
        own = search()
    assert calls
    native.use(False)
    with two_replicas.scope():
        assert_close(own, search())


@pytest.mark.parametrize("compiled", [False, True])
def test_a_step_of_a_child_network(compiled, calls):
    own = child({"jit_compile": compiled})
    assert bool(calls) != compiled
    native.use(False)
    assert_close(own, child())
