# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Credit assignment: the reward of an edge is <dL/dx_j, Otilde_(i,j)(x_i)>.

The identities of SNAS (section 2.3 of arXiv 1812.09926) and of its authors' later analysis (arXiv
2009.01272), on the real cells. As Otilde = sum_k Z^k O^k, an edge's credit is also
sum_k Z^k dL/dZ^k.
"""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Supernet, space

NODES = 3
CELLS = space.CellSpace(NODES)
SEED = tf.constant([1, 2], tf.int32)


def supernet_of(num_cells):
    skeleton = space.Skeleton(
        num_cells=num_cells, init_channels=4, num_classes=3, image_shape=(8, 8, 2)
    )
    return Supernet(CELLS, skeleton)


@pytest.fixture
def images(rng):
    return tf.constant(rng.normal(size=(8, 8, 8, 2)), tf.float32)


def loss_of(logits):
    """Summed over the examples, of labels that come round."""
    labels = tf.range(len(logits)) % logits.shape[-1]
    return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def walk(cell, inputs, samples):
    """The cell's nodes, and Otilde and its parts O^k for every edge, in training mode."""
    nodes = [
        layer(tensor, training=True)
        for layer, tensor in zip(cell.preprocessing, inputs, strict=True)
    ]
    nodes = [node[0] if isinstance(node, list) else node for node in nodes]
    mixed, parts = [None] * CELLS.num_edges, [None] * CELLS.num_edges
    for source, operations in enumerate(cell.sources):
        if source >= 2:
            arriving = [mixed[row] for row, edge in enumerate(CELLS.edges) if edge.node == source]
            nodes.append(tf.add_n(arriving))
        rows = CELLS.edges_from(source)
        outputs = operations(nodes[source], tf.gather(samples, rows), training=True)
        plain = [layer(nodes[source], training=True) for layer in operations.operations]
        for position, row in enumerate(rows):
            mixed[row] = outputs[position]
            parts[row] = [outputs[position] for outputs in plain]
    last = [mixed[row] for row, edge in enumerate(CELLS.edges) if edge.node == NODES + 1]
    nodes.append(tf.add_n(last))
    return nodes, mixed, parts


def inner(left, right):
    return float(tf.reduce_sum(tf.cast(left, tf.float64) * tf.cast(right, tf.float64)))


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [1.0, 0.1])
def test_search_gradient_and_credit_on_a_real_cell(temperature, images):
    """dL/dlog alpha = (1 / lambda) Z^k (v^k - Z . v) with v^k = <dL/dx_j, O^k(x_i)>."""
    supernet, architecture = supernet_of(1), ArchitectureDistribution(CELLS)
    logits = architecture.logits["reduction"]
    logits.assign(np.random.default_rng(0).normal(size=logits.shape))
    (cell,) = supernet.cell_layers
    with tf.GradientTape() as tape:
        samples = architecture.sample(temperature, SEED)
        loss = loss_of(supernet(images, samples, training=True))
    gradient = tape.gradient(loss, logits.value)
    z = samples["reduction"]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        nodes, mixed, parts = walk(cell, supernet.stem(images, training=True), z)
        again = loss_of(supernet.classifier(tf.concat(nodes[2:], -1)))
    np.testing.assert_allclose(again, loss, rtol=1e-5)
    values = np.zeros(z.shape)
    credits = {node: 0.0 for node in CELLS.nodes}
    for row, (_, node) in enumerate(CELLS.edges):
        reward = tape.gradient(again, nodes[node])
        values[row] = [inner(reward, part) for part in parts[row]]
        credits[node] += inner(reward, mixed[row])
    weights = z.numpy().astype("float64")
    expected = weights * (values - (weights * values).sum(-1, keepdims=True)) / temperature
    scale = np.abs(expected).max()
    assert scale > 0.1
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-4 * scale)
    in_z = tf.convert_to_tensor(tape.gradient(again, z)).numpy()
    np.testing.assert_allclose(in_z, values, rtol=1e-3, atol=1e-3)
    for node, credit in credits.items():
        total = inner(tape.gradient(again, nodes[node]), nodes[node])
        np.testing.assert_allclose(credit, total, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "invariant"),
    [
        ("sep_conv_3x3", True),
        ("sep_conv_5x5", True),
        ("dil_conv_3x3", True),
        ("dil_conv_5x5", True),
        ("max_pool_3x3", True),
        ("avg_pool_3x3", True),
        ("skip_connect", False),
    ],
)
def test_a_node_that_only_normalised_operations_read_earns_nothing(operation, invariant, images):
    """Its scale changes nothing, so the credits of its edges cancel; an identity undoes that."""
    supernet = supernet_of(1)
    (cell,) = supernet.cell_layers
    rows = np.zeros((CELLS.num_edges, CELLS.num_operations), "float32")
    for row, (source, node) in enumerate(CELLS.edges):
        name = {(0, 2): "sep_conv_3x3", (1, 2): "avg_pool_3x3", (2, 3): operation}.get(
            (source, node), "none"
        )
        rows[row, CELLS.primitives.index(name)] = 1.0
    z = tf.constant(rows)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        nodes, mixed, _ = walk(cell, supernet.stem(images, training=True), z)
        # Only node 3 reaches the classifier.
        output = tf.concat([tf.zeros_like(nodes[2]), nodes[3], tf.zeros_like(nodes[4])], -1)
        loss = loss_of(supernet.classifier(output))
    reward = tape.gradient(loss, nodes[2])
    arriving = [row for row, edge in enumerate(CELLS.edges) if edge.node == 2]
    credits = [inner(reward, mixed[row]) for row in arriving]
    size = float(tf.reduce_sum(tf.abs(reward * nodes[2])))
    assert size > 1e-3
    np.testing.assert_allclose(sum(credits), inner(reward, nodes[2]), atol=1e-5 * size)
    if invariant:
        assert abs(sum(credits)) < 1e-3 * size
    else:
        assert abs(sum(credits)) > 1e-2 * size


@pytest.mark.slow
@pytest.mark.parametrize("num_cells", [1, 3])
def test_total_credit_of_the_last_cell_is_that_of_the_logits(num_cells, images, rng):
    """sum over edges = sum_n (softmax - onehot) . (logits - bias), with edges from inputs alone."""
    supernet = supernet_of(num_cells)
    supernet.classifier.dense.bias.assign(rng.normal(size=3))
    z = rng.dirichlet(np.ones(8), CELLS.num_edges)
    for row, edge in enumerate(CELLS.edges):
        if edge.source >= 2:
            z[row] = np.eye(8)[0]
    z = tf.constant(z, tf.float32)
    before, last = supernet.stem(images, training=True)
    for cell in supernet.cell_layers[:-1]:
        before, last = last, cell((before, last), z, training=True)
    with tf.GradientTape() as tape:
        tape.watch(z)
        output = supernet.cell_layers[-1]((before, last), z, training=True)
        logits = supernet.classifier(output)
        loss = loss_of(logits)
    credit = inner(tf.convert_to_tensor(tape.gradient(loss, z)), z)
    labels = np.arange(len(images)) % 3
    residual = tf.nn.softmax(logits) - np.eye(3, dtype="float32")[labels]
    expected = inner(residual, logits - supernet.classifier.dense.bias)
    assert abs(expected) > 0.05
    np.testing.assert_allclose(credit, expected, rtol=1e-3)
