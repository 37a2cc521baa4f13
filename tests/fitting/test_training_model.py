# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A child in training: auxiliary loss, clipping, replicas."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, space
from snas_tf.fitting.training_model import TrainingModel

pytestmark = pytest.mark.slow

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(0, 2, "skip_connect"), space.Connection(1, 2, "sep_conv_3x3")),
        "reduction": (space.Connection(1, 2, "max_pool_3x3"),),
    },
    num_nodes=1,
)
SKELETON = space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=(32, 32, 1))
OF_ONE_CELL = {
    "genotype": space.Genotype(
        {"normal": (), "reduction": ((0, 2, "sep_conv_3x3"), (1, 2, "max_pool_3x3"))}, num_nodes=1
    ),
    "skeleton": dataclasses.replace(SKELETON, num_cells=1),
}
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def compiled(auxiliary_weight=0.0, optimizer=None, compile_with=None, **kwargs):
    keras.utils.set_random_seed(0)
    networks = {"genotype": GENOTYPE, "skeleton": SKELETON, **kwargs}
    child = ChildNetwork(auxiliary=auxiliary_weight > 0, **networks)
    model = TrainingModel(child, auxiliary_weight)
    model.compile(
        optimizer or keras.optimizers.SGD(1.0), LOSS, metrics=["accuracy"], **(compile_with or {})
    )
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def batch(rng):
    """Two halves that are equal, so that batch statistics are the same on one and two replicas."""
    images, labels = rng.normal(size=(4, 32, 32, 1)), rng.integers(0, 3, 4)
    return np.tile(images, (2, 1, 1, 1)).astype("float32"), np.tile(labels, 2)


def updates(model, batch):
    """The change of every weight in one step, and what the step reports."""
    before = [weight.numpy() for weight in model.trainable_variables]
    logs = model.fit(
        tf.data.Dataset.from_tensor_slices(batch).batch(len(batch[0])), verbose=0
    ).history
    after = [weight.numpy() for weight in model.trainable_variables]
    return [new - old for new, old in zip(after, before, strict=True)], logs


def norm(arrays):
    return np.sqrt(sum((array**2).sum() for array in arrays))


def test_the_step_follows_the_gradient_of_both_losses(batch):
    model = compiled(auxiliary_weight=0.4)
    images, labels = batch
    with tf.GradientTape() as tape:
        answer = model.child(images, training=True)
        loss = LOSS(labels, answer["logits"])
        total = loss + 0.4 * LOSS(labels, answer["auxiliary"])
    gradients = tape.gradient(
        total,
        [weight.value for weight in model.trainable_variables],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    changes, logs = updates(model, batch)
    for change, gradient in zip(changes, gradients, strict=True):
        np.testing.assert_allclose(change, -gradient, atol=2e-5)
    assert logs["loss"] == [pytest.approx(float(loss), rel=1e-5)]


def test_it_answers_logits_alone_and_evaluates_them(batch):
    model = compiled(auxiliary_weight=0.4)
    logits = model.predict(batch[0], verbose=0)
    np.testing.assert_allclose(logits, model.child(batch[0])["logits"], atol=1e-5)
    evaluated = model.evaluate(*batch, verbose=0, return_dict=True)
    assert evaluated["accuracy"] == pytest.approx((logits.argmax(-1) == batch[1]).mean())


def test_an_input_that_no_edge_uses_gets_no_update(batch):
    changes, _ = updates(model := compiled(), batch)
    unused = [
        change
        for change, weight in zip(changes, model.trainable_variables, strict=True)
        if "cell_1_reduction_preprocess_0" in weight.path
    ]
    assert unused and not any(change.any() for change in unused)


@pytest.mark.parametrize("clip_norm", [None, 0.05])
def test_two_replicas_do_what_one_does(batch, two_replicas, clip_norm):
    def optimizer():
        return keras.optimizers.SGD(1.0, global_clipnorm=clip_norm)

    expected, logs = updates(compiled(optimizer=optimizer(), **OF_ONE_CELL), batch)
    with two_replicas.scope():
        model = compiled(optimizer=optimizer(), **OF_ONE_CELL)
    found, replicated_logs = updates(model, batch)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, atol=2e-5)
    for name in logs:
        assert replicated_logs[name] == pytest.approx(logs[name], rel=1e-5)
    if clip_norm:
        assert norm(found) == pytest.approx(clip_norm, rel=1e-4)


def test_smoothed_labels_are_followed_in_training_and_not_in_an_evaluation(batch):
    smoothing = 0.3
    model = compiled(auxiliary_weight=0.4)
    smoothed = TrainingModel(model.child, 0.4, label_smoothing=smoothing)
    smoothed.compile(keras.optimizers.SGD(1e-9), LOSS)
    smoothed.optimizer.build(smoothed.trainable_variables)
    images, labels = batch
    logits = model.child(images, training=True)["logits"].numpy().astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    targets = (1 - smoothing) * np.eye(3)[labels] + smoothing / 3
    _, logs = updates(smoothed, batch)
    assert logs["loss"] == [pytest.approx(-(targets * log_p).sum(-1).mean(), rel=1e-5)]
    told = smoothed.evaluate(*batch, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(model.evaluate(*batch, verbose=0)[0], rel=1e-5)


def test_a_step_follows_the_gradient_of_smoothed_labels(batch):
    """Of both heads: d loss / d logits is softmax - targets, here in the classifier's bias."""
    keras.utils.set_random_seed(0)
    child = ChildNetwork(GENOTYPE, SKELETON, auxiliary=True)
    model = TrainingModel(child, 0.4, label_smoothing=0.3)
    model.compile(keras.optimizers.SGD(1.0), LOSS)
    model.optimizer.build(model.trainable_variables)
    images, labels = batch
    answers = child(images, training=True)
    targets = 0.7 * np.eye(3)[labels] + 0.1
    expected = {
        name: weight * (tf.nn.softmax(answers[head]).numpy() - targets).mean(0)
        for name, head, weight in (("classifier", "logits", 1.0), ("auxiliary", "auxiliary", 0.4))
    }
    paths = [weight.path for weight in model.trainable_variables]
    changes, _ = updates(model, batch)
    for name, gradient in expected.items():
        (bias,) = (
            change
            for path, change in zip(paths, changes, strict=True)
            if path.startswith(name) and change.shape == (3,)
        )
        np.testing.assert_allclose(bias, -gradient, atol=1e-5)


def test_two_replicas_smooth_as_one(batch, two_replicas):
    def build():
        keras.utils.set_random_seed(0)
        model = TrainingModel(ChildNetwork(**OF_ONE_CELL), label_smoothing=0.2)
        model.compile(keras.optimizers.SGD(1.0, global_clipnorm=0.05), LOSS)
        model.optimizer.build(model.trainable_variables)
        return model

    expected, logs = updates(build(), batch)
    with two_replicas.scope():
        model = build()
    found, replicated_logs = updates(model, batch)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, atol=2e-5)
    assert replicated_logs["loss"] == [pytest.approx(logs["loss"][0], rel=1e-5)]


@pytest.fixture
def uneven(rng):
    """Nine different images, so that replicas get five and four."""
    images, labels = rng.normal(size=(9, 32, 32, 1)), rng.integers(0, 3, 9)
    return images.astype("float32"), labels


def test_synchronised_replicas_do_what_one_device_does(uneven, two_replicas):
    """With the auxiliary head, whose batch normalisation is Keras's, and an uneven batch."""

    def build():
        return compiled(
            auxiliary_weight=0.4,
            optimizer=keras.optimizers.SGD(1.0, global_clipnorm=2.0),
            synchronized_batch_norm=True,
        )

    one = build()
    expected, logs = updates(one, uneven)
    with two_replicas.scope():
        two = build()
    found, replicated_logs = updates(two, uneven)
    for left, right, weight in zip(found, expected, one.trainable_variables, strict=True):
        error = np.linalg.norm(left - right)
        assert error <= 1e-4 * np.linalg.norm(right) + 1e-6, weight.path
    # Keras's running variance is of the images, the head's as well as ours over all of them.
    for left, right in zip(
        two.child.non_trainable_variables, one.child.non_trainable_variables, strict=True
    ):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5, err_msg=right.path)
    for name, values in logs.items():
        assert replicated_logs[name] == pytest.approx(values, rel=1e-5)


def test_replicas_drop_paths_of_their_own_and_learn_from_the_mean(
    uneven, two_replicas, monkeypatch
):
    """The step is the mean over images of what each part gives with its replica's own draw."""
    settings = {"auxiliary_weight": 0.4, "drop_path": 0.5, "seed": 3}
    with two_replicas.scope():
        model = compiled(**settings)
    changes, logs = updates(model, uneven)
    expected, losses = [], []
    for replica, part in enumerate((slice(0, 5), slice(5, 9))):
        monkeypatch.setattr("snas_tf.seeds.replica_id", lambda number=replica: number)
        one = compiled(**settings, compile_with={"run_eagerly": True})
        change, own = updates(one, tuple(array[part] for array in uneven))
        expected.append(change)
        losses += own["loss"]
    sizes = [5, 4]
    assert losses[0] != losses[1]
    assert logs["loss"] == [pytest.approx(np.average(losses, weights=sizes), rel=1e-5)]
    for change, *parts in zip(changes, *expected, strict=True):
        mean = np.average(parts, axis=0, weights=sizes)
        np.testing.assert_allclose(change, mean, rtol=1e-3, atol=5e-5)


def test_xla_compiles_the_pass_of_several_replicas_too(uneven, two_replicas):
    """Three steps in two calls. Drop path counts its steps inside of what is compiled."""
    dataset = tf.data.Dataset.from_tensor_slices(uneven).batch(9).repeat(3)
    starts, weights, losses = [], [], []
    for compile_with in ({}, {"jit_compile": True, "steps_per_execution": 2}):
        with two_replicas.scope():
            optimizer = keras.optimizers.SGD(0.1)
            model = compiled(0.0, optimizer, compile_with, drop_path=1e-9, **OF_ONE_CELL)
        starts.append(model.child.get_weights())
        losses += model.fit(dataset, verbose=0).history["loss"]
        weights.append(model.child.get_weights())
        counter = model.child.get_layer("drop_path_factors").step.value
        counts = [int(part) for part in two_replicas.experimental_local_results(counter)]
        assert counts == [3, 3]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    # On some processors rounding turns a ReLU or two: what the steps move is compared as a whole.
    start, same_start, left, right = (
        np.concatenate([weight.ravel() for weight in each]) for each in (*starts, *weights)
    )
    np.testing.assert_array_equal(start, same_start)
    assert np.linalg.norm(left - right) <= 0.02 * np.linalg.norm(left - start)


def test_xla_cannot_compile_what_replicas_share(two_replicas):
    with two_replicas.scope(), pytest.raises(ValueError, match="synchronized_batch_norm"):
        compiled(synchronized_batch_norm=True, compile_with={"jit_compile": True})


def test_a_validation_counts_every_image_once(uneven, two_replicas):
    with two_replicas.scope():
        model = compiled()
    images, labels = uneven
    logits = model.child(images).numpy()
    for size in (1, 9):
        part = tf.data.Dataset.from_tensor_slices((images[:size], labels[:size])).batch(64)
        told = model.evaluate(part, verbose=0, return_dict=True)
        right = logits[:size].argmax(-1) == labels[:size]
        assert told["accuracy"] == pytest.approx(right.mean())
        loss = float(LOSS(labels[:size], logits[:size]))
        assert told["loss"] == pytest.approx(loss, rel=1e-5)
