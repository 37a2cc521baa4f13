# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stems and preprocessing: values, shapes and the skeleton's plan."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import native, space
from snas_tf.layers import ReLUConvBN, Stem
from snas_tf.layers.cells.stem import ConvBN
from tests import numpy_operations


def convolved(images, kernel, stride):
    windows = numpy_operations.taps(images, 3, stride)
    return np.einsum("tbhwc,tcf->bhwf", windows, kernel.reshape(9, *kernel.shape[2:]))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("activated", [False, True])
@pytest.mark.parametrize("size", [(6, 8), (7, 5)])
def test_conv_bn_equals_numpy(stride, activated, size, rng):
    images = rng.normal(size=(3, *size, 2)).astype("float32")
    layer = ConvBN(5, stride, activated)
    output = layer(images, training=True)
    inputs = numpy_operations.relu(images) if activated else images
    expected = numpy_operations.batch_norm(convolved(inputs, layer.kernel.numpy(), stride))
    np.testing.assert_allclose(output, expected, atol=1e-4)
    assert layer.compute_output_shape(images.shape) == output.shape


@pytest.mark.usefixtures("native_operations")
def test_a_custom_op_computes_the_convolution_of_a_residual_block(rng):
    images = tf.constant(rng.normal(size=(3, 6, 7, 8)), tf.float32)
    upstream = rng.normal(size=images.shape).astype("float32")
    layer = ConvBN(8, activated=True)
    layer.build(images.shape)
    layer.normalization.gamma.assign(rng.normal(size=(1, 8)))
    weights = [weight.numpy() for weight in layer.weights]

    def outputs_gradients_statistics():
        for variable, value in zip(layer.weights, weights, strict=True):
            variable.assign(value)

        @tf.function
        def step(images):
            with tf.GradientTape() as tape:
                tape.watch(images)
                output = layer(images, training=True)
            sources = [images, *(w.value for w in layer.trainable_weights)]
            return output, *tape.gradient(output, sources, output_gradients=upstream)

        kinds = {
            operation.type
            for operation in step.get_concrete_function(images).graph.get_operations()
        }
        assert ("SnasConvolution" in kinds) == native.wanted() != ("Conv2D" in kinds)
        return [*step(images), *(w.numpy() for w in layer.non_trainable_weights)]

    ours = outputs_gradients_statistics()
    native.use(False)
    for one, other in zip(ours, outputs_gradients_statistics(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("affine", [False, True])
def test_relu_conv_bn_equals_numpy(affine, rng):
    images = rng.normal(size=(3, 5, 4, 2)).astype("float32")
    layer = ReLUConvBN(6, affine)
    output = layer(images, training=True)
    expected = numpy_operations.batch_norm(numpy_operations.relu(images) @ layer.kernel.numpy())
    np.testing.assert_allclose(output, expected, atol=1e-4)
    assert layer.compute_output_shape(images.shape) == output.shape
    assert len(layer.trainable_weights) == (3 if affine else 1)


@pytest.mark.parametrize("kind", space.STEMS)
@pytest.mark.parametrize("size", [(16, 16), (15, 9), (1, 1)])
def test_a_stem_gives_what_the_first_cell_takes(kind, size, rng):
    skeleton = space.Skeleton(
        num_cells=1, init_channels=4, num_classes=2, image_shape=(*size, 3), stem=kind
    )
    (plan,) = skeleton.plan(1)
    layer = Stem(kind, 4)
    outputs = layer(rng.normal(size=(2, *size, 3)).astype("float32"), training=True)
    expected = [
        (2, *resolution, channels)
        for resolution, channels in zip(plan.input_resolutions, plan.input_channels, strict=True)
    ]
    assert [tuple(output.shape) for output in outputs] == expected
    assert list(layer.compute_output_shape((2, *size, 3))) == expected


def test_the_cifar_stem_is_one_convolution_for_both_inputs(rng):
    images = rng.normal(size=(2, 6, 6, 3)).astype("float32")
    layer = Stem("cifar", 4)
    before, last = layer(images, training=True)
    assert before is last
    (convolution,) = layer.convolutions
    expected = numpy_operations.batch_norm(convolved(images, convolution.kernel.numpy(), 1))
    np.testing.assert_allclose(last, expected, atol=1e-4)
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == 27 * 12 + 24


def test_the_imagenet_stem_is_three_strided_convolutions(rng):
    images = rng.normal(size=(2, 16, 12, 3)).astype("float32")
    layer = Stem("imagenet", 4)
    outputs = layer(images, training=True)
    tensors = [images]
    for position, convolution in enumerate(layer.convolutions):
        inputs = tensors[-1] if position == 0 else numpy_operations.relu(tensors[-1])
        convolution_output = convolved(inputs, convolution.kernel.numpy(), 2)
        tensors.append(numpy_operations.batch_norm(convolution_output))
    for output, expected in zip(outputs, tensors[-2:], strict=True):
        np.testing.assert_allclose(output, expected, atol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", space.STEMS)
def test_saves_and_loads(kind, dtype, rng, tmp_path):
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, Stem(kind, 4, dtype=dtype)(inputs))
    images = rng.normal(size=(4, 8, 8, 3)).astype("float32")
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for left, right in zip(loaded(images), model(images), strict=True):
        assert left.dtype == ("float32" if dtype == "float32" else "bfloat16")
        np.testing.assert_array_equal(left, right)


def test_an_unknown_stem_is_refused():
    with pytest.raises(
        ValueError, match="`stem` must be one of cifar, imagenet, plain: given 'mnist'"
    ):
        Stem("mnist", 4)
