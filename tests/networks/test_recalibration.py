# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Statistics that are measured anew are exactly those of all images, whatever the batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, space
from snas_tf.networks import ChildNetwork, MorphNetwork, Supernet
from snas_tf.networks.recalibration import normalizations

CELLS = space.CellSpace(num_nodes=2)
SKELETON = space.Skeleton(
    num_cells=3, init_channels=4, num_classes=3, image_shape=(7, 8, 2), stem="cifar"
)
GENOTYPE = space.Genotype(
    {
        "normal": ((0, 2, "sep_conv_3x3"), (1, 2, "max_pool_3x3"), (2, 3, "dil_conv_5x5")),
        "reduction": ((0, 2, "skip_connect"), (1, 3, "avg_pool_3x3"), (2, 3, "sep_conv_5x5")),
    },
    num_nodes=2,
)


@pytest.fixture
def images(rng):
    """Of different brightness, in the order of it: no batch is like the others."""
    brightness = np.sort(rng.random(40))[:, None, None, None]
    return (4 * brightness + rng.random((40, 7, 8, 2))).astype(np.float32)


def batches(images, sizes):
    return np.split(images, np.cumsum(sizes)[:-1])


def _chosen(kind, edge):
    for source, node, operation in GENOTYPE.connections(kind):
        if (source, node) == tuple(edge):
            return CELLS.primitives.index(operation)
    return CELLS.primitives.index("none")


def statistics(network):
    return [
        (layer.moving_mean.numpy(), layer.moving_variance.numpy())
        for layer in normalizations(network)
    ]


@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        (lambda images, labels: (images, labels), r"int64 \(40,\)"),
        (lambda images, labels: [(images, labels)], "a tuple of 2"),
        (lambda images, labels: images, r"float32 \(7, 8, 2\)"),
        (lambda images, labels: [images[:, 1:]], r"float32 \(40, 6, 8, 2\)"),
    ],
)
def test_what_is_no_batch_of_images_is_one_error_and_changes_nothing(images, wrong, received):
    child = ChildNetwork(GENOTYPE, SKELETON)
    before = statistics(child)
    with pytest.raises(ValueError, match=r"of images alone, \(batch, 7, 8, 2\).*" + received):
        child.refresh_statistics(wrong(images, np.arange(40)))
    for old, new in zip(before, statistics(child), strict=True):
        np.testing.assert_array_equal(old, new)


def test_every_image_counts_as_much_as_any_other(images):
    """The stem's input does not depend on the batches, so its statistics can be told."""
    child = ChildNetwork(GENOTYPE, SKELETON)
    child.refresh_statistics(batches(images, (3, 30, 1, 6)))
    (convolution,) = child.get_layer("stem").convolutions
    values = tf.nn.conv2d(images, convolution.kernel.value, 1, "SAME").numpy().astype(np.float64)
    layer = convolution.normalization
    np.testing.assert_allclose(layer.moving_mean[0], values.mean((0, 1, 2)), rtol=2e-6, atol=1e-7)
    expected = values.var((0, 1, 2), ddof=1)
    np.testing.assert_allclose(layer.moving_variance[0], expected, rtol=2e-6)


def test_in_keras_own_layers_every_image_counts_as_much_as_any_other_too(images):
    """Of a network with dropout, which draws afterwards as if nothing had been measured."""
    root = space.convolutional_root((7, 8, 2), 3, num_blocks=2, filters=3)
    child = MorphNetwork(root, space.MorphPlan(3, (7, 8, 2)))
    child.get_layer("normalization_2").trainable = False
    other = child.without_auxiliary()
    child.refresh_statistics(batches(images, (3, 30, 1, 6)))
    values = keras.ops.convert_to_numpy(child.get_layer("conv_1")(images)).astype(np.float64)
    first, second = (child.get_layer(f"normalization_{number}") for number in (1, 2))
    np.testing.assert_allclose(first.moving_mean, values.mean((0, 1, 2)), rtol=2e-6, atol=1e-7)
    np.testing.assert_allclose(first.moving_variance, values.var((0, 1, 2)), rtol=2e-6)
    assert np.array_equal(second.moving_mean, [0] * 3) and first.momentum == 0.9
    states = [network.get_layer("dropout").seed_generator.state for network in (child, other)]
    assert states[0].numpy()[1] == states[1].numpy()[1] == 0


@pytest.mark.slow
@pytest.mark.parametrize("repeated", [1, 22])
def test_all_layers_pool_what_their_batches_gave(images, repeated):
    """The same batch again and again is the batch; 22 of them are more than run eagerly."""
    child, once = ChildNetwork(GENOTYPE, SKELETON), ChildNetwork(GENOTYPE, SKELETON)
    once.take_weights(child)
    for layer in normalizations(once):
        layer.momentum = 0.0
    once(images, training=True)
    child.refresh_statistics([images] * repeated)
    for layer, (mean, variance), (of_mean, of_variance) in zip(
        normalizations(child), statistics(child), statistics(once), strict=True
    ):
        *_, height, width, _ = layer.get_build_config()["input_shape"][0]
        count = 40 * height * width
        unbiased = (count - 1) * repeated / (count * repeated - 1)
        np.testing.assert_allclose(mean, of_mean, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(variance, of_variance * unbiased, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_what_was_there_before_leaves_no_trace(images):
    child, other = ChildNetwork(GENOTYPE, SKELETON), ChildNetwork(GENOTYPE, SKELETON)
    other.take_weights(child)
    for layer in normalizations(other):
        layer.moving_mean.assign(1e6 * tf.ones_like(layer.moving_mean))
    for network in (child, other):
        network.refresh_statistics(batches(images, (20, 20)))
    for expected, found in zip(statistics(child), statistics(other), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.slow
def test_weights_momentum_and_the_steps_of_drop_path_stay(images):
    child = ChildNetwork(GENOTYPE, SKELETON, drop_path=0.5, drop_path_steps=9)
    running = {id(v) for layer in normalizations(child) for v in layer.non_trainable_variables}
    others = [variable for variable in child.variables if id(variable) not in running]
    before = [variable.numpy() for variable in others]
    child.refresh_statistics([images])
    for variable, value in zip(others, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert {layer.momentum for layer in normalizations(child)} == {0.9}


def test_a_frozen_normalisation_keeps_its_statistics(images):
    child = ChildNetwork(GENOTYPE, SKELETON)
    child.get_layer("stem").trainable = False
    before = statistics(child)
    child.refresh_statistics([images])
    stem = normalizations(child).index(child.get_layer("stem").convolutions[0].normalization)
    for number, (old, new) in enumerate(zip(before, statistics(child), strict=True)):
        assert np.array_equal(old[0], new[0]) == (number == stem)


@pytest.mark.slow
def test_the_supernet_under_a_genotype_gets_what_its_child_gets(images):
    supernet = Supernet(CELLS, SKELETON)
    child = supernet.child(GENOTYPE)
    one_hot = {
        kind: tf.one_hot([_chosen(kind, edge) for edge in CELLS.edges], CELLS.num_operations)
        for kind in space.KINDS
    }
    supernet.refresh_statistics(batches(images, (9, 31)), one_hot)
    child.refresh_statistics(batches(images, (9, 31)))
    answers = supernet(images, one_hot)
    np.testing.assert_allclose(child(images), answers, rtol=1e-4, atol=1e-4)
    assert np.abs(answers.numpy()).max() > 0.1


@pytest.mark.slow
def test_the_supernet_draws_an_architecture_for_every_batch(images):
    supernet, architecture = Supernet(CELLS, SKELETON), ArchitectureDistribution(CELLS)
    numbers = []

    def samples(number):
        numbers.append(int(number))
        return architecture.sample(0.5, tf.stack([number, 0]))

    supernet.refresh_statistics(batches(images, (20, 20)), samples)
    assert numbers == [0, 1]
    variances = [variance for _, variance in statistics(supernet)]
    assert all(np.isfinite(values).all() for values in variances)
    assert all((values != 1).any() for values in variances)


def test_no_images_are_refused_and_change_nothing():
    child = ChildNetwork(GENOTYPE, SKELETON)
    before = [weight.numpy() for weight in child.weights]
    with pytest.raises(ValueError, match="at least one batch"):
        child.refresh_statistics([])
    for weight, value in zip(child.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
