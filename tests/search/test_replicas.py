# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two replicas against what one device computes from the two halves of the batch."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.search import replicas
from snas_tf.seeds import stateless_seed
from tests.search.small_models import CROSS_ENTROPY, SKELETON, build_compiled, digits, state

RATES = {"optimizer": 0.5, "architecture_optimizer": 2.0}
CLIPS = [{}, {"clipvalue": 0.004}, {"clipnorm": 0.03}, {"global_clipnorm": 0.05}]
every_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: next(iter(clip), "none"))

# One cell and no max pooling: quick to compile, and rounding decides nothing.
TINY = {
    "cells": space.CellSpace(1, ("none", "skip_connect", "sep_conv_3x3")),
    "skeleton": dataclasses.replace(SKELETON, num_cells=1),
}


def clipped(gradients, clipvalue=None, clipnorm=None, global_clipnorm=None):
    """Clips as the Keras optimizer of these settings, in NumPy."""
    if clipvalue:
        return [np.clip(gradient, -clipvalue, clipvalue) for gradient in gradients]
    norms = [np.linalg.norm(gradient) for gradient in gradients]
    if clipnorm:
        return [g * min(1.0, clipnorm / norm) for g, norm in zip(gradients, norms, strict=True)]
    if global_clipnorm:
        factor = min(1.0, global_clipnorm / np.linalg.norm(norms))
        return [gradient * factor for gradient in gradients]
    return gradients


def batches_of(size, *arrays):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(size)


def on_each_replica(strategy, values):
    """Gives the n-th value to the n-th replica."""
    return strategy.experimental_distribute_values_from_function(
        lambda context: values[context.replica_id_in_sync_group]
    )


def expected_step(model, halves, samples, clip):
    """One step of SGD on the mean of the halves' gradients, clipped as a whole.

    Args:
        model: A model on one device with the weights before the step; is changed.
        halves: [(images, labels)] of every replica.
        samples: Every replica's Z.
        clip: The clipping.

    Returns:
        Mean loss, accuracy, weights, logits and running statistics after the step.
    """
    start = model.get_weights()
    losses, hits, all_gradients, statistics = [], [], [], []
    for (images, labels), drawn in zip(halves, samples, strict=True):
        model.set_weights(start)
        loss, predictions, weight_gradients, credits = model.forward_and_backward(
            images, labels, None, drawn
        )
        logit_gradients = []
        for kind, credit in zip(drawn, credits, strict=True):
            z, v = drawn[kind].numpy(), credit.numpy()
            slope = z * (v - np.sum(z * v, axis=-1, keepdims=True)) / model.temperature.numpy()
            logit_gradients.append(slope)
        losses.append(loss.numpy())
        hits.append(np.mean(np.argmax(predictions, -1) == labels))
        all_gradients.append(([g.numpy() for g in weight_gradients], logit_gradients))
        statistics.append([value.numpy() for value in model.supernet.non_trainable_variables])
    model.set_weights(start)
    with tf.GradientTape() as tape:
        penalty = model.resource_weight * model.resource_cost.penalty(
            model.architecture.probabilities()
        )
    logits = model.architecture.trainable_variables
    penalty_gradients = tape.gradient(penalty, [variable.value for variable in logits])

    weight_gradients, logit_gradients = (
        [np.mean(pair, axis=0) for pair in zip(*group, strict=True)]
        for group in zip(*all_gradients, strict=True)
    )
    logit_gradients = [
        g + extra.numpy() for g, extra in zip(logit_gradients, penalty_gradients, strict=True)
    ]
    after = [
        [
            variable.numpy() - RATES[group] * gradient
            for variable, gradient in zip(variables, clipped(gradients, **clip), strict=True)
        ]
        for group, variables, gradients in (
            ("optimizer", model.supernet.trainable_variables, weight_gradients),
            ("architecture_optimizer", logits, logit_gradients),
        )
    ]
    means = [np.mean(pair, axis=0) for pair in zip(*statistics, strict=True)]
    return np.mean(losses) + penalty.numpy(), np.mean(hits), *after, means


@every_clip
def test_a_step_equals_that_of_one_device_on_the_mean(clip, two_replicas):
    settings = {"logits": 0.5, "temperature": 0.5, "resource_weight": 0.5}
    with two_replicas.scope():
        sgd = {name: keras.optimizers.SGD(rate, **clip) for name, rate in RATES.items()}
        model = build_compiled(compile_with={**sgd, "run_eagerly": True}, **settings)
    alone = build_compiled(**settings)
    alone.set_weights(model.get_weights())
    images, labels = digits(0, 16)
    halves = [(images[:8], labels[:8]), (images[8:], labels[8:])]

    # Every replica draws its own Z, the first what one device would.
    drawn = two_replicas.run(lambda: model.draw(stateless_seed(model.seed, 0, model.step)))
    samples = [
        {kind: two_replicas.experimental_local_results(drawn[kind])[n] for kind in drawn}
        for n in (0, 1)
    ]
    for kind, first in alone.draw(stateless_seed(alone.seed, 0, alone.step)).items():
        np.testing.assert_array_equal(samples[0][kind], first)
        assert not np.array_equal(samples[1][kind], first)

    loss, accuracy, weights, logits, statistics = expected_step(alone, halves, samples, clip)
    history = model.fit(batches_of(16, images, labels), verbose=0).history

    np.testing.assert_allclose(history["loss"], [loss], rtol=1e-5)
    np.testing.assert_allclose(history["accuracy"], [accuracy], rtol=1e-6)
    for variables, expected in (
        (model.supernet.trainable_variables, weights),
        (model.architecture.trainable_variables, logits),
        (model.supernet.non_trainable_variables, statistics),
    ):
        for variable, value in zip(variables, expected, strict=True):
            np.testing.assert_allclose(variable.numpy(), value, atol=2e-6, err_msg=variable.path)
    assert model.step.numpy() == 1


@every_clip
def test_clips_the_sum_of_the_gradients(clip, two_replicas, rng):
    """The replicas' gradients nearly cancel, so clipping each of them gives something else."""
    first = [rng.normal(size=shape).astype("float32") for shape in ((3,), (2, 2))]
    second = [0.1 * rng.normal(size=g.shape).astype("float32") - 0.9 * g for g in first]
    expected = clipped([a + b for a, b in zip(first, second, strict=True)], **clip)
    with two_replicas.scope():
        variables = [keras.Variable(np.zeros(gradient.shape)) for gradient in first]
        optimizer = keras.optimizers.SGD(1.0, **clip)
        optimizer.build(variables)

    def step(gradients):
        optimizer.apply(replicas.reduced_and_clipped(gradients, optimizer), variables)

    gradients = two_replicas.experimental_distribute_values_from_function(
        lambda context: [first, second][context.replica_id_in_sync_group]
    )
    tf.function(lambda: two_replicas.run(step, args=(gradients,)))()
    for variable, gradient in zip(variables, expected, strict=True):
        np.testing.assert_allclose(-variable.numpy(), gradient, rtol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fits_as_one_device_does(jit_compile, two_replicas):
    """Halves that hold the same images make batch normalisation the same on both sides."""
    images, labels = digits(0, 12)
    doubled = batches_of(12, np.repeat(images, 2, axis=0), np.repeat(labels, 2)).map(
        lambda *batch: [tf.concat([part[::2], part[1::2]], axis=0) for part in batch]
    )
    settings = {**TINY, "estimator": "softmax", "logits": 1.0, "resource_weight": 0.5}
    with two_replicas.scope():
        model = build_compiled(compile_with={"jit_compile": jit_compile}, **settings)
    alone = build_compiled(compile_with={"run_eagerly": True}, **settings)
    alone.set_weights(model.get_weights())
    histories = [each.fit(doubled, verbose=0, epochs=2).history for each in (model, alone)]
    assert histories[0].keys() == histories[1].keys()
    for name, value in histories[0].items():
        np.testing.assert_allclose(value, histories[1][name], rtol=1e-4, err_msg=name)
    assert model.step.numpy() == 4
    for left, right in zip(state(model), state(alone), strict=True):
        # Running variances are unbiased, and a half has fewer pixels.
        np.testing.assert_allclose(left, right, rtol=2e-3, atol=1e-4)


def test_reports_every_example_once_where_the_last_batch_is_uneven(two_replicas):
    images, labels = digits(0, 11)
    with two_replicas.scope():
        model = build_compiled(
            compile_with={
                "optimizer": keras.optimizers.SGD(0.0),
                "architecture_optimizer": keras.optimizers.SGD(0.0),
            },
            estimator="softmax",
            **TINY,
        )
    probabilities = model.architecture.probabilities()
    answers = [  # normalised by the statistics of the examples of a replica: 4, 4, 2 and 1
        model.supernet(images[a:b], probabilities, training=True).numpy()
        for a, b in ((0, 4), (4, 8), (8, 10), (10, 11))
    ]
    answers = np.concatenate(answers)
    history = model.fit(batches_of(8, images, labels), verbose=0).history
    assert history["accuracy"][0] == pytest.approx(np.mean(answers.argmax(axis=-1) == labels))
    np.testing.assert_allclose(history["loss"][0], CROSS_ENTROPY(labels, answers), rtol=1e-5)

    mode = model.supernet(images, model.architecture.mode(), training=False).numpy()
    evaluated = model.evaluate(batches_of(8, images, labels), verbose=0, return_dict=True)
    assert evaluated["accuracy"] == pytest.approx(np.mean(mode.argmax(axis=-1) == labels))
    np.testing.assert_allclose(evaluated["loss"], CROSS_ENTROPY(labels, mode), rtol=1e-5)
