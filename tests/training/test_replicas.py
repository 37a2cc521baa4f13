# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Two replicas against what one device computes, from the whole batch or from its two halves."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers import BatchNormalization
from snas_tf.seeds import stateless_seed
from snas_tf.training import replicas
from tests.search.small_models import (
    CROSS_ENTROPY,
    NAS_BENCH_201,
    TINY,
    batches_of,
    build,
    build_compiled,
    digits,
    state,
)

RATES = {"optimizer": 0.5, "architecture_optimizer": 2.0}
CLIPS = [{}, {"clipvalue": 0.004}, {"clipnorm": 0.03}, {"global_clipnorm": 0.05}]
every_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: next(iter(clip), "none"))


# One cell and no max pooling: quick to compile, and rounding decides nothing.
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


def on_each_replica(strategy, values):
    """Gives the n-th value to the n-th replica."""
    return strategy.experimental_distribute_values_from_function(
        lambda context: values[context.replica_id_in_sync_group]
    )


def expected_step(model, parts, samples, clip):
    """One step of SGD on the mean over all images of the parts' gradients, clipped as a whole.

    Args:
        model: A model on one device with the weights before the step; is changed.
        parts: [(images, labels)] of every replica.
        samples: Every replica's Z.
        clip: The clipping.

    Returns:
        Mean loss, accuracy, weights, logits and running statistics after the step.
    """
    sizes = [len(labels) for _, labels in parts]
    start = model.get_weights()
    losses, hits, all_gradients, statistics = [], [], [], []
    for (images, labels), drawn in zip(parts, samples, strict=True):
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
    penalty_gradients = tape.gradient(
        penalty,
        [variable.value for variable in logits],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )

    weight_gradients, logit_gradients = (
        [np.average(pair, axis=0, weights=sizes) for pair in zip(*group, strict=True)]
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
    means = [np.average(pair, axis=0, weights=sizes) for pair in zip(*statistics, strict=True)]
    loss, accuracy = (np.average(values, weights=sizes) for values in (losses, hits))
    return loss, accuracy, *after, means


@pytest.mark.parametrize(
    ("clip", "sizes", "networks"),
    [
        (CLIPS[1], (8, 8), {}),
        (CLIPS[3], (9, 8), TINY),
        ({}, (1, 0), TINY),
        ({}, (9, 8), NAS_BENCH_201),
    ],
)
def test_a_step_equals_that_of_one_device_on_the_mean(clip, sizes, networks, two_replicas):
    """Also where the batch does not divide by the replicas, or one of them gets nothing."""
    settings = {"logits": 0.5, "temperature": 0.5, "resource_weight": 0.5, **networks}
    with two_replicas.scope():
        sgd = {name: keras.optimizers.SGD(rate, **clip) for name, rate in RATES.items()}
        model = build_compiled(compile_with={**sgd, "run_eagerly": True}, **settings)
    alone = build_compiled(**settings)
    alone.set_weights(model.get_weights())
    images, labels = digits(0, sum(sizes))
    cut = sizes[0]
    parts = [(images[:cut], labels[:cut]), (images[cut:], labels[cut:])]

    # Every replica draws its own Z, the first what one device would.
    drawn = two_replicas.run(lambda: model.draw(stateless_seed(model.seed, 0, model.step)))
    samples = [
        {kind: two_replicas.experimental_local_results(drawn[kind])[n] for kind in drawn}
        for n in (0, 1)
    ]
    for kind, first in alone.draw(stateless_seed(alone.seed, 0, alone.step)).items():
        np.testing.assert_array_equal(samples[0][kind], first)
        assert not np.array_equal(samples[1][kind], first)

    parts = parts[: np.count_nonzero(sizes)]
    expected = expected_step(alone, parts, samples[: len(parts)], clip)
    loss, accuracy, weights, logits, statistics = expected
    history = model.fit(batches_of(len(labels), images, labels), verbose=0).history

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
def test_shares_of_clipped_gradients_add_up(clip, two_replicas, rng):
    """The replicas' gradients nearly cancel, so clipping each of them gives something else."""
    first = [rng.normal(size=shape).astype("float32") for shape in ((3,), (2, 2))]
    second = [0.1 * rng.normal(size=g.shape).astype("float32") - 0.9 * g for g in first]
    sizes = [2, 3]
    means = [(2 * a + 3 * b) / 5 for a, b in zip(first, second, strict=True)]
    expected = clipped(means, **clip)
    with two_replicas.scope():
        variables = [keras.Variable(np.zeros(gradient.shape)) for gradient in first]
        optimizer = keras.optimizers.SGD(1.0, **clip)
        optimizer.build(variables)
        network = keras.Sequential([keras.layers.BatchNormalization()])
        network.build((None, 2))
    statistics = network.layers[0].moving_mean

    def step(gradients, images):
        statistics.assign([3.0, 3.0] * tf.cast(tf.shape(images)[0], tf.float32))
        sums = [replicas.summed(gradient, len(images)) for gradient in gradients]
        (means,) = replicas.synchronize(network, len(images), sums)
        optimizer.apply(replicas.clipped_shares(means, optimizer), variables)

    arguments = (
        on_each_replica(two_replicas, [first, second]),
        on_each_replica(two_replicas, [tf.zeros((size, 1)) for size in sizes]),
    )
    tf.function(lambda: two_replicas.run(step, args=arguments))()
    for variable, gradient in zip(variables, expected, strict=True):
        np.testing.assert_allclose(-variable.numpy(), gradient, rtol=1e-5)
    for part in two_replicas.experimental_local_results(statistics.value):
        np.testing.assert_allclose(part, 3.0 * (2 * 2 + 3 * 3) / 5, rtol=1e-6)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fits_as_one_device_does(jit_compile, two_replicas):
    """Halves that hold the same images make batch normalisation the same on both sides."""
    images, labels = digits(0, 12)
    doubled = batches_of(12, np.repeat(images, 2, axis=0), np.repeat(labels, 2)).map(
        lambda *batch: [tf.concat([part[::2], part[1::2]], axis=0) for part in batch]
    )
    settings = {**TINY, "estimator": "softmax", "logits": 1.0, "resource_weight": 0.5}
    with two_replicas.scope():
        model = build_compiled(
            compile_with={"jit_compile": jit_compile, "steps_per_execution": 1 + jit_compile},
            **settings,
        )
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


# === The same as one device ===

AS_ONE = {**TINY, "network": {"synchronized_batch_norm": True}, "shared_samples": True}
OPTIMIZERS = {
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adamw": lambda: keras.optimizers.AdamW(
        0.01, epsilon=1e-5, weight_decay=0.1, global_clipnorm=1.0
    ),
}


def pair(strategy, compile_with=None, **settings):
    """A model on one device and its like on two replicas, with a cost and a random Z."""
    settings = {**AS_ONE, "logits": 0.5, "temperature": 0.5, "resource_weight": 0.5, **settings}
    arguments = compile_with or (lambda: {})
    one = build_compiled(compile_with=arguments(), **settings)
    with strategy.scope():
        two = build_compiled(compile_with=arguments(), **settings)
    two.set_weights(one.get_weights())
    return one, two


def assert_same_state(one, two, **tolerance):
    variables = [*one.weights, *one.optimizer.variables]
    for left, right, variable in zip(state(two), state(one), variables, strict=True):
        np.testing.assert_allclose(left, right, err_msg=variable.path, **tolerance)


@pytest.mark.parametrize(("clip", "size"), [*((clip, 16) for clip in CLIPS), (CLIPS[3], 17)])
def test_a_step_of_two_replicas_is_that_of_one_device(clip, size, two_replicas):
    """SGD: the step is the clipped gradient. The norms of loss and cost are recorded apart."""

    def settings():
        sgd = {name: keras.optimizers.SGD(100.0, **clip) for name in RATES}
        return {**sgd, "run_eagerly": True}

    one, two = pair(two_replicas, settings)
    start = [variable.numpy() for variable in one.trainable_variables]
    batch = batches_of(size, *digits(0, size))
    expected, found = (model.fit(batch, verbose=0).history for model in (one, two))
    assert_same_state(one, two, rtol=1e-5, atol=2e-6)
    norms = sum(one.gradient_norms.norms.values())
    assert np.all(norms.numpy().sum(axis=0) > 0)
    variables = zip(start, one.trainable_variables, two.trainable_variables, strict=True)
    for before, left, right in variables:
        step, other = left.numpy() - before, right.numpy() - before
        assert np.linalg.norm(other - step) <= 2e-5 * np.linalg.norm(step), left.path
        assert np.linalg.norm(step) > 1e-2 or "normal_logits" in left.path  # has no cell here
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_search_on_two_replicas_ends_as_on_one_device(name, two_replicas):
    """Seven steps, three in a call, the last batch uneven; validation and sampled evaluation.

    Rematerialised cells meet a second time in the backward pass.
    """
    optimizer = OPTIMIZERS[name]
    network = {"synchronized_batch_norm": True, "rematerialize": name == "momentum"}

    def settings():
        return {
            "optimizer": optimizer(),
            "architecture_optimizer": optimizer(),
            "steps_per_execution": 3,
        }

    one, two = pair(two_replicas, settings, network=network)
    training, validation = (batches_of(16, *digits(a, b)) for a, b in ((0, 105), (105, 142)))
    for model in (one, two):
        model.fit(training, validation_data=validation, verbose=0)
    assert one.step.numpy() == two.step.numpy() == 7
    assert_same_state(one, two, rtol=1e-3, atol=3e-5)
    for logs, others in zip(one.history.history.items(), two.history.history.items(), strict=True):
        assert logs[0] == others[0]
        np.testing.assert_allclose(others[1], logs[1], rtol=1e-4, err_msg=logs[0])
    drawn, also_drawn = (
        model.evaluate(validation, sampled=True, verbose=0, return_dict=True)
        for model in (one, two)
    )
    for key, value in drawn.items():
        np.testing.assert_allclose(also_drawn[key], value, rtol=1e-4, err_msg=key)


def test_in_bfloat16_too(two_replicas):
    keras.config.set_dtype_policy("mixed_bfloat16")
    one, two = pair(two_replicas, lambda: {"run_eagerly": True})
    batch = batches_of(16, *digits(0, 16))
    losses = [model.fit(batch, verbose=0).history["loss"] for model in (one, two)]
    np.testing.assert_allclose(*losses, rtol=5e-3)
    assert_same_state(one, two, atol=0.02, rtol=0.02)


def test_replicas_share_one_draw_where_they_are_told_to(two_replicas):
    with two_replicas.scope():
        model = build(**AS_ONE)
    alone = build(**AS_ONE)
    drawn = two_replicas.run(lambda: model.draw(model.seed_of(0, model.step)))
    for kind, expected in alone.draw(alone.seed_of(0, alone.step)).items():
        for found in two_replicas.experimental_local_results(drawn[kind]):
            np.testing.assert_array_equal(found, expected)


def test_synchronised_replicas_cannot_be_compiled_by_xla(two_replicas):
    with two_replicas.scope(), pytest.raises(ValueError, match="jit_compile` on 2 devices"):
        build_compiled(compile_with={"jit_compile": True}, **AS_ONE)
    build_compiled(compile_with={"jit_compile": True}, **AS_ONE)  # alone there is nobody to meet


def test_synchronised_replicas_all_need_an_image_to_learn_from(two_replicas):
    with two_replicas.scope():
        model = build_compiled(**AS_ONE)
    with pytest.raises(ValueError, match="fewer images than there are replicas"):
        model.fit(batches_of(1, *digits(0, 2)), verbose=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="fewer images than there are"):
        model.fit(batches_of(4, *digits(0, 5)), verbose=0)
    assert model.evaluate(batches_of(1, *digits(0, 2)), verbose=0)


def test_settings_survive_saving(two_replicas, tmp_path):
    with two_replicas.scope():
        model = build_compiled(**AS_ONE)
    model.save(tmp_path / "search.keras")
    loaded = keras.saving.load_model(tmp_path / "search.keras")
    assert loaded.shared_samples and loaded.supernet.synchronized_batch_norm
    normalizations = [
        layer for layer in loaded._flatten_layers() if isinstance(layer, BatchNormalization)
    ]
    assert normalizations and all(layer.synchronized for layer in normalizations)


@pytest.mark.parametrize(("batch_size", "sizes"), [(64, (2, 287)), (512, (1, 37))])
def test_an_evaluation_counts_every_image_once(batch_size, sizes, two_replicas):
    """Whatever the first batch is like, in which Keras itself wants equal parts."""
    with two_replicas.scope():
        model = build_compiled(logits=0.5, **TINY)
    images, labels = digits(0, 287)
    answers = model.supernet(images, model.architecture.mode()).numpy()
    for size in sizes:
        logs = model.evaluate(
            batches_of(batch_size, images[:size], labels[:size]), verbose=0, return_dict=True
        )
        right = answers[:size].argmax(axis=-1) == labels[:size]
        assert logs["accuracy"] == pytest.approx(np.mean(right))
        loss = CROSS_ENTROPY(labels[:size], answers[:size])
        np.testing.assert_allclose(logs["loss"], loss, rtol=1e-5)
        predicted = model.predict(
            batches_of(batch_size, images[:size]).map(lambda images: (images,)), verbose=0
        )
        np.testing.assert_allclose(predicted, answers[:size], rtol=1e-4, atol=1e-5)


def test_a_validation_may_begin_with_an_uneven_batch(two_replicas):
    with two_replicas.scope():
        model = build_compiled(**TINY)
    history = model.fit(
        batches_of(16, *digits(0, 32)),
        validation_data=batches_of(512, *digits(32, 32 + 287)),
        verbose=0,
    ).history
    images, labels = digits(32, 32 + 287)
    answers = model.supernet(images, model.architecture.mode()).numpy()
    right = np.mean(answers.argmax(axis=-1) == labels)
    assert history["val_accuracy"] == [pytest.approx(right)]
