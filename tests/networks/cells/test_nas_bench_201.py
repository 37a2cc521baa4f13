# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Supernet and child on the cells of NAS-Bench-201: the same networks as of any cells."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snas_tf import ChildNetwork, Supernet, space
from snas_tf.distribution import relaxed_log_sample
from snas_tf.layers import SkipConnection

CELLS = space.nas_bench_201_cells()
FULL = space.nas_bench_201_skeleton()
SMALL = space.nas_bench_201_skeleton(4, 1, num_classes=3, image_shape=(9, 8, 2))
IMAGES = np.random.default_rng(5).normal(size=(4, 9, 8, 2)).astype("float32")
DEAD = space.Genotype.from_nas_bench_201(  # node 2 leads nowhere, node 1 into it alone
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|"
)
MIXED = space.Genotype.from_nas_bench_201(
    "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
)
genotypes = st.integers(0, 2**32 - 1).map(lambda seed: CELLS.sample(np.random.default_rng(seed)))


def size(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def samples_of(genotype):
    return {kind: tf.constant(rows) for kind, rows in CELLS.encode(genotype).items()}


def shaken(network, seed=0):
    """Every variable in (0, 1) after what it is: no two layers alike, running variances positive.

    Kernels stay small, so that sums of many do not grow.
    """
    rng = np.random.default_rng(seed)
    for variable in network.variables:
        scale = 0.1 if "kernel" in variable.name else 0.5
        variable.assign(variable + scale * rng.uniform(size=variable.shape).astype("float32"))
    return network


@functools.cache
def supernet():
    keras.utils.set_random_seed(0)
    return shaken(Supernet(CELLS, SMALL))


@functools.cache
def function():
    return tf.function(supernet(), reduce_retracing=True)


def close(found, expected):
    scale = np.abs(expected).max()
    assert scale > 0.01
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)


@pytest.mark.slow
def test_the_supernet_of_the_benchmarks_size():
    """1,692,826 in the authors' code, whose 6,720 biases before normalisations do nothing."""
    assert size(Supernet(CELLS, FULL).trainable_weights) == 1_692_826 - 6_720


@pytest.mark.slow
def test_twenty_random_cells_have_as_many_weights_as_they_cost(rng):
    for _ in range(20):
        genotype = CELLS.sample(rng)
        child = ChildNetwork(genotype, SMALL)
        assert size(child.trainable_weights) == space.cost(genotype, SMALL).parameters


@pytest.mark.parametrize("genotype", [DEAD, CELLS.empty])
def test_edges_that_lead_nowhere_are_built_and_counted(genotype):
    child = ChildNetwork(genotype, FULL)
    names = [edge.operation for edge in genotype.connections("cell")]
    n3, n1 = names.count("nor_conv_3x3"), names.count("nor_conv_1x1")
    assert size(child.trainable_weights) == 73_306 + 243_040 * n3 + 28_000 * n1


@pytest.mark.slow
@given(genotypes)
@example(DEAD)
@example(CELLS.empty)
@settings(max_examples=8, deadline=None)
def test_the_child_answers_as_the_supernet_under_one_hot(genotype):
    child, samples = supernet().child(genotype), samples_of(genotype)
    expected = function()(IMAGES, samples, training=False, one_hot=False)
    close(child(IMAGES), expected)
    close(function()(IMAGES, samples, training=False, one_hot=True), expected)
    close(child.to_keras()(IMAGES), expected)


def by_hand(network, images, rows):
    """The network written once more; of every edge and operation (node tensor, output)."""
    found = []
    tensor = network.stem(images, training=True)[-1]
    blocks = iter(network.blocks)
    for cell in network.cell_layers:
        tensor = next(blocks)(tensor, training=True) if cell.plan.block else tensor
        nodes = [tensor]
        for node in CELLS.nodes:
            outputs = {}
            for row, (source, target) in enumerate(CELLS.edges):
                if target == node:
                    for column, name in enumerate(CELLS.primitives):
                        operation, edge = cell.edge_operation(space.Connection(source, node, name))
                        output = operation(nodes[source], training=True)[edge]
                        outputs[row, column] = output
            nodes.append(tf.add_n([rows[key] * output for key, output in outputs.items()]))
            found += [(nodes[-1], key, output) for key, output in outputs.items()]
        tensor = nodes[-1]
    return network.classifier(network.head(tensor, training=True)), found


@pytest.mark.slow
def test_the_search_gradient_is_the_closed_form():
    """dL/dlog alpha^k = 1/lambda sum_k' (dL/dx_j . O^k'(x_i)) Z^k' (delta(k' = k) - Z^k)."""
    network, temperature = shaken(Supernet(CELLS, SMALL), 1), 0.7
    logits = tf.constant(np.random.default_rng(2).normal(size=(6, 5)), tf.float32)

    def loss(answer):
        return tf.reduce_sum(tf.nn.log_softmax(answer)[:, 0])

    with tf.GradientTape() as tape:
        tape.watch(logits)
        z = tf.exp(relaxed_log_sample(logits, temperature, tf.constant([3, 4])))
        value = loss(network(IMAGES, {"cell": z}, training=True))
    gradient = tape.gradient(value, logits)
    with tf.GradientTape() as tape:
        rows = z.numpy()
        images = tf.constant(IMAGES)
        tape.watch(images)
        answer, edges = by_hand(network, images, rows)
        same = loss(answer)
    np.testing.assert_allclose(same, value, rtol=1e-4)
    credit = np.zeros((6, 5))
    for d_node, (_, key, output) in zip(
        tape.gradient(same, [node for node, _, _ in edges]), edges, strict=True
    ):
        credit[key] += tf.reduce_sum(d_node * output)
    weighted = credit * rows
    expected = (weighted - rows * weighted.sum(1, keepdims=True)) / temperature
    scale = np.abs(expected).max()
    np.testing.assert_allclose(gradient / scale, expected / scale, atol=1e-4)


@pytest.mark.slow
def test_a_rematerialized_step_is_the_same():
    samples = {"cell": tf.constant(np.full((6, 5), 0.2, "float32"))}
    found = []
    for rematerialize in (False, True):
        network = Supernet(CELLS, SMALL, rematerialize=rematerialize)
        network.set_weights(supernet().get_weights())
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(network(IMAGES, samples, training=True) ** 2)
        gradients = tape.gradient(value, [weight.value for weight in network.trainable_weights])
        found.append([value, *gradients])
    for plain, again in zip(*found, strict=True):
        np.testing.assert_allclose(plain, again, rtol=1e-3, atol=1e-3 * np.abs(plain).max())


@pytest.mark.slow
def test_supernet_and_child_are_saved_and_loaded(tmp_path):
    network = Supernet(CELLS, SMALL)
    child = network.child(DEAD)
    child.get_layer("block_1").trainable = False
    child.save(tmp_path / "child.keras")
    loaded = keras.models.load_model(tmp_path / "child.keras")
    np.testing.assert_array_equal(loaded(IMAGES), child(IMAGES))
    assert loaded.genotype == DEAD and loaded.skeleton == SMALL
    assert not loaded.get_layer("block_1").trainable and loaded.get_layer("head").trainable
    copy = Supernet.from_config(network.get_config())
    copy.set_weights(network.get_weights())
    np.testing.assert_array_equal(
        copy(IMAGES, samples_of(MIXED)), network(IMAGES, samples_of(MIXED))
    )


def test_a_frozen_child_is_frozen_in_keras_layers_too():
    child = supernet().child(MIXED)
    child.get_layer("block_2").trainable = False
    frozen = {layer.name for layer in child.to_keras().layers if not layer.trainable}
    assert {"block_2_shortcut", "block_2_0_convolution"} <= frozen
    assert not any(name.startswith("block_1") for name in frozen)


@pytest.mark.slow
def test_refreshed_statistics_are_those_of_the_images():
    child = supernet().child(MIXED)
    child.refresh_statistics([IMAGES])
    head = child.get_layer("head")
    features = keras.Model(child.inputs, head.input)(IMAGES, training=True)
    found = head.normalization.moving_mean[0]
    np.testing.assert_allclose(found, np.mean(features, axis=(0, 1, 2)), rtol=1e-4, atol=1e-4)
    network = Supernet(CELLS, SMALL)
    network.refresh_statistics([IMAGES], samples_of(MIXED))
    moved = network.head.normalization.moving_variance.numpy()
    assert np.isfinite(moved).all() and not np.allclose(moved, 1)


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = Supernet(CELLS, SMALL)
        child = network.child(MIXED)
        answers = child(IMAGES)
        assert answers.dtype == tf.float32
        assert child.get_layer("block_1").compute_dtype == "bfloat16"
        expected = network(IMAGES, samples_of(MIXED))
        np.testing.assert_allclose(answers, expected, atol=0.05)
    finally:
        keras.config.set_dtype_policy("float32")


def test_auxiliary_head_and_drop_path():
    skeleton = space.nas_bench_201_skeleton(4, 1, num_classes=3, image_shape=(32, 32, 2))
    child = ChildNetwork(MIXED, skeleton, auxiliary=True, drop_path=0.5, drop_path_steps=1)
    images = np.random.default_rng(1).normal(size=(2, 32, 32, 2)).astype("float32")
    answers = child(images, training=True)
    assert answers["auxiliary"].shape == answers["logits"].shape == (2, 3)
    dropping = [layer.name for layer in child.layers if layer.name.endswith("drop_path")]
    kept = [layer for layer in child.layers if isinstance(layer, SkipConnection)]
    assert len(dropping) + len(kept) == 3 * len(MIXED.connections("cell"))
    np.testing.assert_array_equal(child.without_auxiliary()(images), child(images)["logits"])


def test_the_estimate_of_memory_knows_its_weights():
    estimate = space.step_memory(CELLS, SMALL, 4)
    assert estimate.weights == 4 * size(supernet().weights)
    assert estimate.gradients == 4 * size(supernet().trainable_weights)
    child = ChildNetwork(MIXED, SMALL)
    assert space.child_step_memory(MIXED, SMALL, 4).weights == 4 * size(child.weights)
    assert space.step_memory(CELLS, FULL, 64).activations > 64 * estimate.activations


def test_networks_of_another_family_are_refused():
    with pytest.raises(ValueError, match="num_inputs 1 in a skeleton.*given 2"):
        Supernet(space.CellSpace(), SMALL)
    with pytest.raises(ValueError, match="num_inputs 1 in a skeleton.*given 2"):
        ChildNetwork(space.PUBLISHED["SNAS_MILD"], SMALL)
