# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One suite over every candidate operation at both strides."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.layers import candidate_operation
from tests import numpy_operations

EDGES = 3
SHAPE = (4, 8, 6, 4)

every_operation = pytest.mark.parametrize("operation", space.OPERATIONS)
every_stride = pytest.mark.parametrize("stride", [1, 2])


def build(operation, stride=1, num_edges=EDGES, affine=False, shape=SHAPE, **kwargs):
    layer = candidate_operation(
        operation, num_edges=num_edges, stride=stride, affine=affine, name=operation, **kwargs
    )
    layer.build((None, *shape[1:]))
    return layer


def named_weights(layer):
    return {weight.path.removeprefix(f"{layer.path}/"): weight.numpy() for weight in layer.weights}


@pytest.fixture
def images(rng):
    return rng.normal(size=SHAPE).astype("float32")


@every_operation
@every_stride
@pytest.mark.parametrize("size", [(8, 6), (7, 5)])
def test_equals_numpy_for_every_edge_times_its_weight(operation, stride, size, rng):
    images = rng.normal(size=(4, *size, 4)).astype("float32")
    layer = build(operation, stride, shape=images.shape)
    edge_weights = np.array([0.2, 0.5, 0.0], "float32")
    outputs = layer(images, tf.constant(edge_weights), training=True)
    assert len(outputs) == EDGES
    for edge, output in enumerate(outputs):
        expected = numpy_operations.operation(operation, images, named_weights(layer), stride, edge)
        np.testing.assert_allclose(output, edge_weights[edge] * expected, atol=2e-5)


@every_operation
@every_stride
def test_affine_scale_and_shift_are_the_edges_own(operation, stride, images, rng):
    layer = build(operation, stride, affine=True)
    plain = [np.array(output) for output in layer(images, training=True)]
    last = [weight for weight in layer.weights if weight.name in ("gamma", "beta")][-2:]
    if not last:
        pytest.skip("the operation has no batch normalisation")
    gamma, beta = (rng.normal(size=weight.shape).astype("float32") for weight in last)
    for weight, value in zip(last, (gamma, beta), strict=True):
        weight.assign(value)
    edge_weights = tf.constant([0.3, 1.0, 0.6])
    for edge, output in enumerate(layer(images, edge_weights, training=True)):
        expected = edge_weights[edge] * (plain[edge] * gamma[edge] + beta[edge])
        np.testing.assert_allclose(output, expected, atol=2e-5)


@pytest.mark.slow
@every_operation
@every_stride
def test_inference_uses_the_running_statistics(operation, stride, images):
    layer = build(operation, stride)
    initial = [weight.numpy() for weight in layer.non_trainable_weights]
    trained = layer(images, training=True)
    for weight, before in zip(layer.non_trainable_weights, initial, strict=True):
        weight.assign((weight.numpy() - 0.9 * before) / 0.1)  # as after many steps
    inferred = layer(images, training=False)
    count = SHAPE[0] * -(-SHAPE[1] // stride) * -(-SHAPE[2] // stride)
    bessel = 1 + 1 / count  # running variances are unbiased, twice in a separable convolution
    for left, right in zip(trained, inferred, strict=True):
        np.testing.assert_allclose(left, right, rtol=bessel - 1 + 1e-3, atol=0.02)


@every_operation
@every_stride
def test_gradient_of_an_edge_weight_is_the_inner_product(operation, stride, images, rng):
    layer = build(operation, stride)
    edge_weights = tf.constant([0.2, 0.5, 0.3])
    with tf.GradientTape() as tape:
        tape.watch(edge_weights)
        outputs = layer(images, edge_weights, training=True)
        upstream = [rng.normal(size=output.shape).astype("float32") for output in outputs]
        loss = tf.add_n([tf.reduce_sum(a * b) for a, b in zip(outputs, upstream, strict=True)])
    gradient = tape.gradient(loss, edge_weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    expected = [
        np.sum(output / weight * direction)
        for output, weight, direction in zip(outputs, edge_weights.numpy(), upstream, strict=True)
    ]
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-4)


@every_operation
@every_stride
def test_parameters_are_those_of_the_cost(operation, stride):
    layer = build(operation, stride)
    created = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    expected = space.operation_cost(operation, SHAPE[-1], SHAPE[1:3], stride).parameters
    assert created == EDGES * expected


@every_operation
@every_stride
def test_multiply_adds_are_those_of_tensorflows_profiler(operation, stride):
    from tensorflow.python.profiler import model_analyzer, option_builder

    layer = build(operation, stride, num_edges=1)
    function = tf.function(lambda images: layer(images)[0])
    graph = function.get_concrete_function(tf.TensorSpec((1, *SHAPE[1:]))).graph
    options = option_builder.ProfileOptionBuilder(
        option_builder.ProfileOptionBuilder.float_operation()
    )
    options = options.with_empty_output().with_node_names(show_name_regexes=[".*"])
    profile = model_analyzer.profile(graph, options=options.build())
    counted = {"Conv2D": 0, "DepthwiseConv2dNative": 0, "MatMul": 0}
    for node in _walk(profile):
        if node.total_float_ops and not node.children:
            kind = graph.get_operation_by_name(node.name).type
            if kind in counted:
                counted[kind] += node.total_float_ops // 2
    expected = space.operation_cost(operation, SHAPE[-1], SHAPE[1:3], stride).multiply_adds
    if "pool" in operation:
        expected = 0  # the authors' table charges nine multiply-adds a pixel; there are none
    assert sum(counted.values()) == expected


def _walk(node):
    yield node
    for child in node.children:
        yield from _walk(child)


@every_operation
@every_stride
def test_saves_and_loads(operation, stride, images, tmp_path):
    inputs = keras.Input(SHAPE[1:])
    layer = candidate_operation(operation, stride=stride)
    model = keras.Model(inputs, layer(inputs)[0])
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))


@every_operation
@every_stride
def test_exports_as_a_saved_model(operation, stride, images, tmp_path):
    layer = build(operation, stride)
    module = tf.Module()
    module.layer = layer
    module.serve = tf.function(
        lambda images: layer(images), input_signature=[tf.TensorSpec((None, *SHAPE[1:]))]
    )
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    for left, right in zip(loaded.serve(images[:3]), layer(images[:3]), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)


@pytest.mark.slow
@every_operation
@every_stride
def test_xla_computes_the_same(operation, stride, images):
    layer = build(operation, stride)
    edge_weights = tf.constant([0.2, 0.5, 0.3])

    def step(images):
        with tf.GradientTape() as tape:
            tape.watch(edge_weights)
            outputs = layer(images, edge_weights, training=True)
            loss = tf.add_n([tf.reduce_sum(output**3) for output in outputs])
        return outputs, tape.gradient(
            loss, edge_weights, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    plain = tf.function(step)(tf.constant(images))
    compiled = tf.function(step, jit_compile=True)(tf.constant(images))
    for left, right in zip(tf.nest.flatten(plain), tf.nest.flatten(compiled), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-3)


@every_operation
@every_stride
def test_bfloat16_computes_nearly_the_same(operation, stride, images):
    layer = build(operation, stride)
    half = build(operation, stride, dtype="mixed_bfloat16")
    half.set_weights(layer.get_weights())
    edge_weights = tf.constant([0.2, 0.5, 0.3])
    for left, right in zip(
        half(images, edge_weights, training=True),
        layer(images, edge_weights, training=True),
        strict=True,
    ):
        assert left.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(left, tf.float32), right, atol=0.06)
    assert all(weight.dtype == "float32" for weight in half.weights)


@every_operation
@every_stride
def test_runs_on_two_replicas(operation, stride, images, two_replicas):
    with two_replicas.scope():
        layer = build(operation, stride)

    @tf.function
    def step():
        return two_replicas.run(lambda: layer(images, training=True))

    outputs = step()
    alone = candidate_operation(operation, num_edges=EDGES, stride=stride, affine=False)
    alone.build((None, *SHAPE[1:]))
    alone.set_weights(layer.get_weights())
    for replicated, expected in zip(outputs, alone(images, training=True), strict=True):
        for output in two_replicas.experimental_local_results(replicated):
            np.testing.assert_allclose(output, expected, atol=1e-5)


@every_operation
@every_stride
def test_graph_equals_eager_with_a_dynamic_batch(operation, stride, images):
    layer = build(operation, stride)
    function = tf.function(
        lambda images: layer(images), input_signature=[tf.TensorSpec((None, *SHAPE[1:]))]
    )
    for size in (1, 3):
        for left, right in zip(function(images[:size]), layer(images[:size]), strict=True):
            np.testing.assert_allclose(left, right, atol=1e-6)
