# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet: the paper's size, shared decisions, gradients, and Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import Supernet, space

ALL = space.CellSpace(2)
CELLS = space.CellSpace(2, ("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5"))
SMALL = space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=(8, 8, 2))


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=(6, 8, 8, 2)), tf.float32)


def random_samples(rng, cells=CELLS):
    return {
        kind: tf.constant(rng.dirichlet(np.ones(cells.num_operations), cells.num_edges), tf.float32)
        for kind in space.KINDS
    }


def all_none(cells=CELLS):
    return tf.one_hot([0] * cells.num_edges, cells.num_operations)


def cross_entropy(logits):
    labels = tf.range(len(logits)) % logits.shape[-1]
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def gradients_of(loss, tape, *targets):
    """Dense gradients: that of a gathered row of Z comes as slices."""
    gradients = tape.gradient(loss, targets, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return tf.nest.map_structure(tf.convert_to_tensor, gradients)


def size(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.mark.slow
def test_the_papers_supernet_has_1930618_weights():
    skeleton = space.Skeleton(
        num_cells=8, init_channels=16, num_classes=10, image_shape=(32, 32, 3)
    )
    assert size(Supernet(space.CellSpace(), skeleton).trainable_weights) == 1_930_618


@pytest.mark.slow
def test_kernels_are_those_of_the_costs_on_every_stem():
    """Every kernel but those of stem, preprocessing and classifier is charged by `edge_costs`."""
    for stem in space.STEMS:
        skeleton = space.Skeleton(
            num_cells=4, init_channels=4, num_classes=5, image_shape=(20, 12, 3), stem=stem
        )
        supernet = Supernet(ALL, skeleton)
        charged = sum(table[..., 0].sum() for table in space.edge_costs(ALL, skeleton).values())
        created = sum(
            size(mixed.trainable_weights) for cell in supernet.cell_layers for mixed in cell.sources
        )
        assert created == charged


@pytest.mark.slow
def test_all_cells_of_a_kind_share_their_decisions(images, rng):
    """With one Z the gradient is the sum over the cells, each with a Z of its own."""
    supernet, samples = Supernet(CELLS, SMALL), random_samples(rng)
    own = [tf.identity(samples[cell.plan.kind]) for cell in supernet.cell_layers]
    with tf.GradientTape() as tape:
        tape.watch(samples)
        logits = supernet(images, samples, training=True)
        loss = cross_entropy(logits)
    (shared,) = gradients_of(loss, tape, samples)
    with tf.GradientTape() as tape:
        tape.watch(own)
        before, last = supernet.stem(images, training=True)
        for cell, sample in zip(supernet.cell_layers, own, strict=True):
            before, last = last, cell((before, last), sample, training=True)
        unshared = supernet.classifier(last)
        loss = cross_entropy(unshared)
    np.testing.assert_allclose(unshared, logits, atol=1e-6)
    (parts,) = gradients_of(loss, tape, own)
    for kind in space.KINDS:
        total = sum(
            part
            for part, cell in zip(parts, supernet.cell_layers, strict=True)
            if cell.plan.kind == kind
        )
        assert np.abs(total).max() > 1e-3
        np.testing.assert_allclose(shared[kind], total, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_each_kind_reads_its_own_samples(images, rng):
    supernet, samples = Supernet(CELLS, SMALL), random_samples(rng)
    outputs = [supernet(images, samples)]
    for kind in space.KINDS:
        outputs.append(supernet(images, {**samples, kind: samples[kind][::-1]}))
    for left, right in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(outputs[left] - outputs[right]).max() > 1e-4


@pytest.mark.slow
def test_gradients_reach_every_weight(images, rng):
    supernet, samples = Supernet(ALL, SMALL), random_samples(rng, ALL)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        loss = cross_entropy(supernet(images, samples, training=True))
    weights = supernet.trainable_weights
    found, credits = gradients_of(loss, tape, [weight.value for weight in weights], samples)
    for weight, gradient in zip(weights, found, strict=True):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0, weight.path
    for gradient in credits.values():
        np.testing.assert_array_equal(gradient[:, 0], np.zeros(ALL.num_edges))
        assert (np.abs(gradient[:, 1:]).max(1) > 0).all()


@pytest.mark.slow
def test_all_none_reduction_cells_train_without_nan(images, rng):
    supernet = Supernet(CELLS, SMALL)
    samples = {**random_samples(rng), "reduction": all_none()}
    variables = supernet.trainable_weights
    for _ in range(3):
        with tf.GradientTape() as tape:
            tape.watch(samples)
            loss = cross_entropy(supernet(images, samples, training=True))
        gradients = gradients_of(loss, tape, [weight.value for weight in variables], samples)
        for gradient in tf.nest.flatten(gradients):
            assert np.isfinite(gradient).all()
        for weight, gradient in zip(variables, gradients[0], strict=True):
            weight.assign_sub(0.1 * gradient)
    assert all(np.isfinite(weight).all() for weight in supernet.weights)
    assert np.isfinite(supernet(images, samples)).all()


@pytest.mark.slow
def test_an_all_none_last_cell_answers_the_bias(images, rng):
    supernet = Supernet(CELLS, SMALL)
    bias = rng.normal(size=3).astype("float32")
    supernet.classifier.dense.bias.assign(bias)
    for training in (False, True):
        samples = {**random_samples(rng), "reduction": all_none()}
        output = supernet(images, samples, training=training)
        np.testing.assert_allclose(output, np.tile(bias, (6, 1)), rtol=1e-6)


@pytest.mark.slow
def test_the_batch_may_be_unknown(images, rng):
    supernet, samples = Supernet(CELLS, SMALL), random_samples(rng)

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 2))])
    def serve(images):
        return supernet(images, samples)

    for count in (1, 5):
        expected = supernet(images[:count], samples)
        np.testing.assert_allclose(serve(images[:count]), expected, atol=1e-5)


@pytest.mark.slow
def test_inference_is_example_by_example_and_training_is_not(images, rng):
    supernet, samples = Supernet(CELLS, SMALL), random_samples(rng)
    alone = supernet(images[:2], samples)
    np.testing.assert_allclose(alone, supernet(images, samples)[:2], atol=1e-5)
    statistics = [weight.numpy() for weight in supernet.non_trainable_weights]
    trained = supernet(images, samples, training=True)
    assert np.abs(trained[:2] - supernet(images[:2], samples, training=True)).max() > 1e-3
    for weight, before in zip(supernet.non_trainable_weights, statistics, strict=True):
        assert (weight.numpy() != before).any(), weight.path


@pytest.mark.slow
@pytest.mark.parametrize("how", ["policy", "dtype"])
def test_mixed_precision_answers_float32(how, images, rng):
    plain, samples = Supernet(CELLS, SMALL), random_samples(rng)
    if how == "policy":
        keras.config.set_dtype_policy("mixed_bfloat16")
    kwargs = {"dtype": "mixed_bfloat16"} if how == "dtype" else {}
    supernet = Supernet(CELLS, SMALL, **kwargs)
    supernet.set_weights(plain.get_weights())
    with tf.GradientTape() as tape:
        tape.watch(samples)
        logits = supernet(images, samples, training=True)
        loss = cross_entropy(logits)
    weights = [weight.value for weight in supernet.trainable_weights]
    gradients = gradients_of(loss, tape, weights, samples)
    assert logits.dtype == tf.float32
    for gradient in tf.nest.flatten(gradients):
        assert gradient.dtype == tf.float32 and np.isfinite(gradient).all()
    assert {weight.dtype for weight in supernet.weights} == {"float32"}
    assert supernet.cell_layers[0].sources[0].operations[3].compute_dtype == "bfloat16"
    exact = plain(images, samples, training=True)
    assert 0 < np.abs(logits - exact).max() < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_rematerialization_changes_no_result(dtype, images, rng):
    samples, results = random_samples(rng, ALL), []
    for rematerialize in (False, True):
        keras.utils.set_random_seed(0)
        supernet = Supernet(ALL, SMALL, rematerialize=rematerialize, dtype=dtype)
        with tf.GradientTape() as tape:
            tape.watch(samples)
            loss = cross_entropy(supernet(images, samples, training=True))
        weights = [weight.value for weight in supernet.trainable_weights]
        gradients = gradients_of(loss, tape, weights, samples)
        statistics = [weight.value for weight in supernet.non_trainable_weights]
        inference = supernet(images, samples)
        results.append(tf.nest.flatten([loss, gradients, statistics, inference]))
    for left, right in zip(*results, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6 * np.abs(left).max())


@pytest.mark.slow
def test_the_cells_are_recomputed_in_training_alone(images, rng, monkeypatch):
    supernet, samples = Supernet(CELLS, SMALL, rematerialize=True), random_samples(rng)
    calls = []
    for cell in supernet.cell_layers:
        monkeypatch.setattr(
            cell, "call", lambda *a, f=cell.call, **k: calls.append(1) or f(*a, **k)
        )
    for training, expected in ((True, 6), (False, 3), (None, 3)):
        calls.clear()
        with tf.GradientTape() as tape:
            tape.watch(samples)
            loss = cross_entropy(supernet(images, samples, training=training))
        assert np.abs(gradients_of(loss, tape, samples)[0]["normal"]).max() > 0
        assert len(calls) == expected


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_saves_and_loads(dtype, images, rng, tmp_path):
    cells = space.CellSpace(2, ("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3"))
    supernet = Supernet(cells, SMALL, rematerialize=dtype == "float32", dtype=dtype)
    samples = random_samples(rng, cells)
    supernet(images, samples, training=True)
    supernet.save(tmp_path / "supernet.keras")
    loaded = keras.saving.load_model(tmp_path / "supernet.keras")
    np.testing.assert_array_equal(loaded(images, samples), supernet(images, samples))
    assert loaded.get_config() == supernet.get_config()
    assert (loaded.space, loaded.skeleton, loaded.name) == (cells, SMALL, "supernet")
    assert loaded.rematerialize is (dtype == "float32")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("image_shape", "num_cells", "stem"),
    [((1, 1, 1), 2, "cifar"), ((7, 5, 3), 3, "cifar"), ((9, 9, 3), 4, "imagenet")],
)
def test_every_image_size_works(image_shape, num_cells, stem, rng):
    skeleton = space.Skeleton(
        num_cells=num_cells, init_channels=2, num_classes=2, image_shape=image_shape, stem=stem
    )
    images = rng.normal(size=(3, *image_shape)).astype("float32")
    logits = Supernet(CELLS, skeleton)(images, random_samples(rng), training=True)
    assert logits.shape == (3, 2) and np.isfinite(logits).all()


def test_a_child_of_another_space_is_refused():
    supernet = Supernet(CELLS, SMALL)
    with pytest.raises(ValueError, match="cells of 4 nodes, the cell space of 2"):
        supernet.child(space.PUBLISHED["SNAS_MILD"])
