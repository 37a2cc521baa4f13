# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search step against the same network written plainly: layer by layer, in float64.

The supernet shares work between edges, has gradients of its own for convolutions and batch
normalisation, and may take custom C++ ops; the reference has an operation a layer, and
TensorFlow differentiates it.
"""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Supernet, space

CELLS = space.CellSpace(2)
TOLERANCE = 2e-5  # of the norm of a gradient: float32 against float64
EPSILON = 1e-5


def normalized(tensor):
    mean, variance = tf.nn.moments(tensor, (0, 1, 2))
    return (tensor - mean) / tf.sqrt(variance + EPSILON)


def depthwise(images, kernel, stride, dilation=1):
    border = dilation * (kernel.shape[0] // 2)
    padded = tf.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))
    convolved = tf.nn.depthwise_conv2d(
        padded, kernel, (1, 1, 1, 1), "VALID", dilations=(dilation, dilation)
    )
    return convolved[:, ::stride, ::stride]


def pointwise(images, kernel):
    return tf.einsum("bhwc,cf->bhwf", images, kernel)


def reduction(images, weights):
    images = tf.nn.relu(images)
    odd = tf.pad(images[:, 1:, 1:], ((0, 0), (0, 1), (0, 1), (0, 0)))
    halves = [
        pointwise(images[:, ::2, ::2], weights["even_kernel"]),
        pointwise(odd[:, ::2, ::2], weights["odd_kernel"]),
    ]
    return normalized(tf.concat(halves, -1))


def operation(name, images, weights, stride):
    if name == "none":
        return tf.zeros_like(images[:, ::stride, ::stride])
    if name == "skip_connect":
        return images if stride == 1 else reduction(images, weights)
    if name == "max_pool_3x3":
        padded = tf.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-1e9)
        return normalized(tf.nn.max_pool2d(padded, 3, stride, "VALID"))
    if name == "avg_pool_3x3":
        return normalized(tf.nn.avg_pool2d(images, 3, 1, "SAME")[:, ::stride, ::stride])
    if name.startswith("dil_conv"):
        filtered = depthwise(tf.nn.relu(images), weights["depthwise_kernel"], stride, dilation=2)
        return normalized(pointwise(filtered, weights["pointwise_kernel"]))
    for stage, step in ((1, stride), (2, 1)):
        filtered = depthwise(tf.nn.relu(images), weights[f"depthwise_kernel_{stage}"], step)
        images = normalized(pointwise(filtered, weights[f"pointwise_kernel_{stage}"]))
    return images


class Reference:
    """The supernet's function of its weights in float64, told from its layers' plans alone."""

    def __init__(self, supernet):
        self.supernet = supernet
        self.weights = {
            weight.path: tf.Variable(weight.numpy(), dtype=tf.float64)
            for weight in supernet.trainable_variables
        }

    def of(self, layer, edge=None):
        prefix = f"{layer.path}/"
        return {
            path.removeprefix(prefix): weight if edge is None else weight[edge]
            for path, weight in self.weights.items()
            if path.startswith(prefix)
        }

    def preprocessed(self, layer, images):
        if "even_kernel" in self.of(layer):
            return reduction(images, self.of(layer, 0))
        return normalized(pointwise(tf.nn.relu(images), self.of(layer)["kernel"]))

    def cell(self, cell, inputs, samples):
        nodes = [
            self.preprocessed(layer, images)
            for layer, images in zip(cell.preprocessing, inputs, strict=True)
        ]
        for node in CELLS.nodes:
            total = 0.0
            for row, edge in enumerate(CELLS.edges):
                if edge.node != node:
                    continue
                for column, name in enumerate(CELLS.primitives):
                    connection = space.Connection(edge.source, node, name)
                    layer, position = cell.edge_operation(connection)
                    stride = cell.plan.edge_stride(edge.source)
                    weights = self.of(layer, position)
                    total += samples[row, column] * operation(
                        name, nodes[edge.source], weights, stride
                    )
            nodes.append(total)
        return tf.concat(nodes[2:], -1)

    def __call__(self, images, samples):
        (convolution,) = self.supernet.stem.convolutions
        weights = self.of(convolution)
        last = normalized(tf.nn.conv2d(images, weights["kernel"], 1, "SAME"))
        last = last * weights["normalization/gamma"][0] + weights["normalization/beta"][0]
        before = last
        for cell in self.supernet.cell_layers:
            before, last = last, self.cell(cell, (before, last), samples[cell.plan.kind])
        matrix, bias = list(self.of(self.supernet.classifier).values())
        return tf.reduce_mean(last, (1, 2)) @ matrix + bias


@pytest.fixture
def channels(request):
    """Multiples of 8 are for the custom C++ ops."""
    if request.param % 8 == 0:
        request.getfixturevalue("native_operations")
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channels", "side", "rematerialize"),
    [(2, 8, False), (8, 7, True)],
    indirect=["channels"],
    ids=["tensorflow", "native, computed again"],
)
def test_loss_and_gradients_are_those_of_the_plain_network(channels, side, rematerialize, rng):
    skeleton = space.Skeleton(
        num_cells=3, init_channels=channels, num_classes=3, image_shape=(side, side, 3)
    )
    supernet = Supernet(CELLS, skeleton, rematerialize=rematerialize)
    architecture = ArchitectureDistribution(CELLS)
    for variable in architecture.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    images = tf.constant(rng.normal(size=(4, side, side, 3)))
    labels = tf.constant([0, 1, 2, 1])

    def loss_and_gradients(network, images, weights, dtype):
        def step():
            with tf.GradientTape() as tape:
                logits = [variable.value for variable in architecture.trainable_variables]
                samples = architecture.sample(0.7, tf.constant([1, 2]))
                samples = {kind: tf.cast(value, dtype) for kind, value in samples.items()}
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels, network(images, samples))
                )
            return loss, tape.gradient(loss, [*weights, *logits])

        return step() if dtype == tf.float64 else tf.function(step)()

    reference = Reference(supernet)
    expected, plain = loss_and_gradients(
        reference, images, list(reference.weights.values()), tf.float64
    )
    own, gradients = loss_and_gradients(
        lambda images, samples: supernet(images, samples, training=True),
        tf.cast(images, tf.float32),
        [weight.value for weight in supernet.trainable_variables],
        tf.float32,
    )
    np.testing.assert_allclose(own, expected, rtol=1e-6)
    norm = np.sqrt(sum(np.sum(np.square(gradient)) for gradient in plain))
    names = [*reference.weights, *(variable.path for variable in architecture.trainable_variables)]
    for name, one, other in zip(names, gradients, plain, strict=True):
        assert np.any(np.array(other)), name
        difference = np.linalg.norm(np.array(one, np.float64) - np.array(other))
        assert difference < TOLERANCE * max(np.linalg.norm(other), 0.01 * norm), name
