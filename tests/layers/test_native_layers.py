# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Layers compute by custom C++ ops what they compute by TensorFlow's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import native, space
from snas_tf.layers import (
    Convolution,
    DilatedConvolution,
    MaxPooling,
    MixedOperation,
    SeparableConvolution,
)
from snas_tf.layers.chosen_operation import ChosenOperation
from snas_tf.layers.normalization.frozen_statistics import frozen_statistics
from snas_tf.layers.normalization.of_networks import synchronize

pytestmark = pytest.mark.usefixtures("native_operations")

SHAPE = (4, 7, 6, 8)
EDGES = 2
TOLERANCE = 2e-5  # of the norm
OWN = {"SnasSeparableConvolution", "SnasAffineSum"}
ORDINARY = {"SnasConvolution", "SnasAffineSum"}
POOLS = {
    "max_pool_3x3": "SnasMaxPool",
    "avg_pool_3x3": "SnasAveragePool",
    "avg_pool_3x3_plain": "SnasAveragePool",
}


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=SHAPE), tf.float32)


def filled(layer, channels=SHAPE[-1]):
    """The layer, built, with weights that tell edges and channels apart."""
    layer.build((None, *SHAPE[1:-1], channels))
    rng = np.random.default_rng(1)
    for variable in layer.weights:
        if "kernel" not in variable.name:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return layer


def mixed(primitives=space.PRIMITIVES, stride=1, channels=SHAPE[-1], **kwargs):
    return filled(MixedOperation(primitives, EDGES, stride, **kwargs), channels)


def rows(layer, rng):
    return tf.constant(rng.dirichlet(np.ones(len(layer.primitives)), EDGES), tf.float32)


def run(layer, *arguments, compiled=False, **kwargs):
    """Outputs, gradients of arguments and weights, and all weights after the call."""

    def step():
        weights = [variable.value for variable in layer.trainable_variables]
        given = [argument for argument in arguments if argument is not None]
        with tf.GradientTape() as tape:
            tape.watch(given)
            outputs = layer(*arguments, training=True, **kwargs)
        rng = np.random.default_rng(2)
        upstream = [tf.constant(rng.normal(size=output.shape), tf.float32) for output in outputs]
        gradients = tape.gradient(
            outputs,
            [*given, *weights],
            output_gradients=upstream,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        return [*outputs, *gradients]

    start = layer.get_weights()
    results = tf.function(step)() if compiled else step()
    after = layer.get_weights()
    layer.set_weights(start)
    return [*results, *after]


def assert_close(own, expected):
    norm = max(np.linalg.norm(each) for each in expected)
    for one, other in zip(own, expected, strict=True):
        assert one.dtype == other.dtype
        scale = max(np.linalg.norm(other), 1e-3 * norm)
        assert np.linalg.norm(np.subtract(one, other)) <= TOLERANCE * scale


def own_operations(function, *arguments):
    """Names of the custom C++ ops in what a function traces."""
    graph = tf.function(function).get_concrete_function(*arguments).graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return {node.op for node in nodes if node.op.startswith("Snas")}


def taken(layer, *arguments, training=True, **kwargs):
    return own_operations(lambda: layer(*arguments, training=training, **kwargs))


def check(layer, *arguments, compiled=False, own_kinds=OWN, **kwargs):
    """Compares a layer that takes the operations with itself without them."""
    pools = {POOLS[name] for name in getattr(layer, "primitives", ()) if name in POOLS}
    assert taken(layer, *arguments, **kwargs) == own_kinds | pools
    own = run(layer, *arguments, compiled=compiled, **kwargs)
    native.use(False)
    assert not taken(layer, *arguments, **kwargs)
    expected = run(layer, *arguments, compiled=compiled, **kwargs)
    native.use()
    assert_close(own, expected)


# === Where they are taken ===


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("affine", [False, True])
def test_a_mixed_operation(stride, affine, images, rng):
    layer = mixed(stride=stride, affine=affine)
    check(layer, images, rows(layer, rng))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(
    "primitives",
    [
        ("sep_conv_3x3",),
        ("dil_conv_5x5", "max_pool_3x3"),
        ("skip_connect", "none", "sep_conv_5x5"),
        ("sep_conv_5x5", "dil_conv_3x3", "avg_pool_3x3", "sep_conv_3x3", "skip_connect"),
    ],
)
def test_some_operations_in_any_order(primitives, stride, images, rng):
    layer = mixed(primitives, stride, affine=True)
    check(layer, images, rows(layer, rng))


@pytest.mark.slow
@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("one_hot", [False, True])
def test_operations_of_nas_bench_201(affine, one_hot, images, rng):
    layer = mixed(space.nas_bench_201_cells().primitives, affine=affine)
    if not one_hot:
        check(layer, images, rows(layer, rng), own_kinds=ORDINARY)
        return
    samples = tf.one_hot([2, 3], len(layer.primitives))
    check(layer, images, samples, own_kinds=ORDINARY, compiled=True, chosen=ChosenOperation())


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(("affine", "weighted"), [(True, False), (False, True)])
def test_an_ordinary_convolution_alone(size, affine, weighted, images):
    layer = filled(Convolution(size, num_edges=EDGES, affine=affine))
    weights = tf.constant([0.3, -2.0]) if weighted else None
    check(layer, images, weights, own_kinds=ORDINARY)


@pytest.mark.slow
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kind", [SeparableConvolution, DilatedConvolution])
@pytest.mark.parametrize(("size", "affine", "weighted"), [(3, True, False), (5, False, True)])
def test_a_convolution_alone(kind, size, stride, affine, weighted, images):
    layer = filled(kind(size, num_edges=EDGES, stride=stride, affine=affine))
    check(layer, images, tf.constant([0.3, -2.0]) if weighted else None)


@pytest.mark.slow
@pytest.mark.parametrize(("compiled", "stride"), [(False, 2), (True, 1), (True, 2)])
def test_the_chosen_operation(compiled, stride, images):
    layer = mixed(("max_pool_3x3", "dil_conv_5x5", "sep_conv_3x3"), stride, affine=True)
    samples = tf.one_hot([1, 2], 3)
    check(layer, images, samples, compiled=compiled, chosen=ChosenOperation())


def test_with_frozen_statistics_running_ones_stay(images, rng):
    layer = mixed(("sep_conv_3x3", "avg_pool_3x3"))
    before = layer.get_weights()
    with frozen_statistics():
        layer(images, rows(layer, rng), training=True)
    for left, right in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)


def test_no_image_leaves_gradients_of_zero(images, rng):
    layer = mixed(affine=True)
    results = run(layer, images[:0], rows(layer, rng))
    gradients = results[EDGES : EDGES + 2 + len(layer.trainable_variables)]
    for gradient in gradients:
        np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))


def test_an_operation_of_weight_zero_has_gradients_of_exactly_zero(images):
    layer = mixed(affine=True)
    samples = tf.one_hot([4, 6], 8)
    weights = [variable.value for variable in layer.operation("sep_conv_5x5").trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(samples)
        outputs = layer(images, samples, training=True)
    of_samples, *gradients = tape.gradient(outputs, [samples, *weights])
    for gradient in gradients:
        np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))
    assert np.abs(of_samples[:, 5]).min() > 0  # by which a search finds it


def test_a_model_that_was_trained_by_them_is_saved_and_loaded(images, rng, tmp_path):
    inputs, samples = keras.Input(SHAPE[1:]), keras.Input(batch_shape=(EDGES, 8))
    model = keras.Model([inputs, samples], MixedOperation(space.PRIMITIVES, EDGES)(inputs, samples))
    batch = [images, rows(model.layers[-1], rng)]
    model(batch, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for training in (False, True):
        for left, right in zip(
            loaded(batch, training=training), model(batch, training=training), strict=True
        ):
            np.testing.assert_array_equal(left, right)


# === Where TensorFlow's are ===


@pytest.mark.parametrize("primitives", [("none", "max_pool_3x3", "skip_connect"), ("none",)])
def test_a_space_without_convolutions_has_no_use_for_them(primitives, images, rng):
    layer = mixed(primitives)
    assert not taken(layer, images, rows(layer, rng)) - {*POOLS.values()}


@pytest.mark.parametrize("stride", [1, 2])
def test_maximum_pooling(stride, images):
    layer = filled(MaxPooling(num_edges=EDGES, stride=stride))
    own = run(layer, images)
    assert taken(layer, images) == {"SnasMaxPool"}
    native.use(False)
    assert_close(own, run(layer, images))


def test_without_training_there_is_nothing_to_keep(images, rng):
    layer = mixed()
    assert not taken(layer, images, rows(layer, rng), training=False)
    own = layer(images, rows(layer, np.random.default_rng(0)))
    native.use(False)
    expected = layer(images, rows(layer, np.random.default_rng(0)))
    for left, right in zip(own, expected, strict=True):
        np.testing.assert_array_equal(left, right)


def test_channels_that_are_no_multiple_of_8(rng):
    layer = mixed(channels=12)
    images = tf.constant(rng.normal(size=(2, 5, 5, 12)), tf.float32)
    assert not taken(layer, images, rows(layer, rng))


def test_kernels_of_7(images):
    assert not taken(filled(SeparableConvolution(7)), images)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16, tf.float64])
def test_mixed_bfloat16_whatever_the_images_are(dtype, images, rng):
    layer = mixed(dtype="mixed_bfloat16")
    samples, images = rows(layer, rng), tf.cast(images, dtype)
    assert not taken(layer, images, samples)
    assert {output.dtype for output in layer(images, samples, training=True)} == {tf.bfloat16}


@pytest.mark.parametrize("synchronized", [False, True])
def test_statistics_of_all_replicas(synchronized, two_replicas, images):
    """They meet in every layer, which a custom C++ op cannot."""
    with two_replicas.scope():
        layer = filled(SeparableConvolution(3, num_edges=EDGES))
        if synchronized:
            synchronize(layer)

    def step():
        return two_replicas.run(lambda: layer(images, training=True))

    assert own_operations(step) == (set() if synchronized else OWN)


@pytest.mark.parametrize("nested", [False, True])
def test_xla_compiles_a_layer(nested, images):
    """It knows no operations but its own."""
    layer = filled(DilatedConvolution(3, num_edges=EDGES))

    def call(images):
        return layer(images, training=True)

    call = tf.function(call) if nested else call
    compiled = tf.function(lambda images: call(images), jit_compile=True)
    for left, right in zip(compiled(images), layer(images, training=True), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-5)
    assert native.in_use()
