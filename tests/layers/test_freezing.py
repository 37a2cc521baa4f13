# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A frozen layer is in inference mode, as Keras's own batch normalisation is."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import native, space
from snas_tf.layers import (
    AuxiliaryHead,
    BatchNormalization,
    Classifier,
    MixedOperation,
    ReLUConvBN,
    Stem,
    candidate_operation,
)
from snas_tf.layers.chosen_operation import ChosenOperation

SHAPE = (4, 6, 6, 8)
EDGES = 2
FORWARD = ("TensorFlow", "custom C++ ops", "chosen")


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=SHAPE), tf.float32)


def filled(layer):
    """The layer with numbers in it that no initializer makes."""
    rng = np.random.default_rng(1)
    for variable in layer.weights:
        if variable.dtype == "float32":
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return layer


def values(layer):
    return [variable.numpy() for variable in layer.weights]


def flat(outputs):
    return [tf.cast(output, tf.float32).numpy() for output in tf.nest.flatten(outputs)]


def assert_frozen(layer, call):
    """In training the layer answers as in inference, to the bit, and nothing of it changes."""
    before, expected = values(layer), flat(call(training=False))
    for function in (call, tf.function(call)):
        for found, wanted in zip(flat(function(training=True)), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=2e-6)
    np.testing.assert_equal(values(layer), before)
    assert not layer.trainable_variables


def made(name, **kwargs):
    """A layer of each kind that holds a batch normalisation or weights."""
    match name:
        case "stem":
            return Stem("cifar", 8, **kwargs)
        case "preprocessing":
            return ReLUConvBN(8, **kwargs)
        case "auxiliary":
            return AuxiliaryHead(3, stem="imagenet", **kwargs)
        case "classifier":
            return Classifier(3, **kwargs)
        case "mixed":
            return MixedOperation(space.PRIMITIVES, EDGES, **kwargs)
    return candidate_operation(name, num_edges=EDGES, stride=2, affine=False, **kwargs)


LAYERS = (*space.PRIMITIVES, "stem", "preprocessing", "auxiliary", "classifier", "mixed")


@pytest.mark.parametrize("when", ["before it is built", "after it is built", "in the constructor"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_frozen_layer_is_in_inference_mode(name, when, rng):
    layer = made(name, trainable=when != "in the constructor")
    if when == "before it is built":
        layer.trainable = False
    images = tf.constant(rng.normal(size=(4, 8, 8, 8)), tf.float32)
    layer.build((None, 8, 8, 8))
    if when == "after it is built":
        layer.trainable = False
    filled(layer)
    arguments = [images]
    if name == "mixed":
        arguments.append(tf.constant(rng.dirichlet(np.ones(8), EDGES), tf.float32))
    keywords = {} if name == "classifier" else {"training": True}

    def call(training):
        return layer(*arguments, **{key: training for key in keywords})

    assert_frozen(layer, call)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("inputs", ["a tensor an edge", "one tensor", "products"])
def test_a_frozen_normalization_is_in_inference_mode(inputs, dtype, images):
    layer = BatchNormalization(EDGES, affine=True, dtype=dtype)
    tensors = [tf.cast(images, layer.compute_dtype)] * (1 if inputs == "one tensor" else EDGES)
    layer.build([SHAPE] * len(tensors))
    filled(layer)
    kernels = None
    if inputs == "products":
        rng = np.random.default_rng(5)
        kernels = tf.constant(rng.normal(size=(EDGES, 8, 8)), layer.compute_dtype)
    layer.trainable = False
    weights = tf.constant([0.3, 0.7])

    def call(training):
        return layer(tensors, weights, training=training, kernels=kernels)

    assert_frozen(layer, call)


def use(forward, request):
    if forward == "custom C++ ops":
        request.getfixturevalue("native_operations")
    return {"chosen": ChosenOperation()} if forward == "chosen" else {}


def rows_for(forward, rng):
    if forward == "chosen":
        return tf.one_hot([6, 4], 8)
    return tf.constant(rng.dirichlet(np.ones(8), EDGES), tf.float32)


@pytest.mark.slow
@pytest.mark.parametrize("forward", FORWARD)
def test_frozen_candidates_are_in_inference_mode_however_they_are_run(
    forward, images, rng, request
):
    arguments = use(forward, request)
    layer = made("mixed")
    layer.build(SHAPE)
    filled(layer).trainable = False
    rows = rows_for(forward, rng)
    assert_frozen(layer, lambda training: layer(images, rows, training=training, **arguments))


@pytest.mark.parametrize("name", ["sep_conv_3x3", "max_pool_3x3"])
@pytest.mark.parametrize("forward", FORWARD)
def test_freezing_one_candidate_leaves_the_others_in_training(name, forward, images, rng, request):
    arguments = use(forward, request)
    chosen = "dil_conv_3x3" if name == "sep_conv_3x3" else "sep_conv_3x3"
    rows = tf.one_hot([space.PRIMITIVES.index(name), space.PRIMITIVES.index(chosen)], 8)
    if forward != "chosen":
        rows = rows_for(forward, rng)
    layer = made("mixed")
    layer.build(SHAPE)
    filled(layer)
    frozen = layer.operation(name)
    others = [part for part in layer.operations if part is not frozen and part.weights]
    frozen.trainable = False
    of_frozen, of_others = values(frozen), [values(part) for part in others]
    step = tf.function(lambda: layer(images, rows, training=True, **arguments))
    frozen_output = frozen(images, training=False)
    step()
    np.testing.assert_equal(values(frozen), of_frozen)
    moved = {
        part.name
        for part, before in zip(others, of_others, strict=True)
        if any((a != b).any() for a, b in zip(values(part), before, strict=True))
    }
    everyone = {part.name for part in others}
    assert moved == ({chosen} if forward == "chosen" else everyone)
    for found, wanted in zip(frozen(images, training=True), frozen_output, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("forward", FORWARD)
@pytest.mark.parametrize("stage", [0, 1])
def test_freezing_one_normalization_leaves_the_other_in_training(
    stage, forward, images, rng, request
):
    arguments = use(forward, request)
    layer = MixedOperation(("sep_conv_3x3",), EDGES)
    layer.build(SHAPE)
    filled(layer)
    stages = layer.operations[0].normalization_layers()
    stages[stage].trainable = False
    before = [values(part) for part in stages]
    layer(images, tf.ones((EDGES, 1)), training=True, **arguments)
    np.testing.assert_equal(values(stages[stage]), before[stage])
    assert (values(stages[1 - stage])[0] != before[1 - stage][0]).all()


def test_it_is_what_keras_does(images):
    ours, theirs = (
        BatchNormalization(),
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
    )
    ours.build([SHAPE])
    theirs.build(SHAPE)
    filled(ours), filled(theirs)
    theirs.set_weights([value[0] for value in ours.get_weights()])
    ours.trainable = theirs.trainable = False
    (found,) = ours([images], training=True)
    np.testing.assert_allclose(found, theirs(images, training=True), rtol=1e-5, atol=1e-5)


def test_custom_ops_serve_again_what_is_not_frozen_any_more(native_operations, images):
    layer = candidate_operation("sep_conv_3x3", num_edges=EDGES)
    layer.build(SHAPE)
    assert native.in_use() and layer.is_native(images)
    layer.trainable = False
    assert not layer.is_native(images)
    layer.trainable = True
    assert layer.is_native(images)
