# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step keeps with custom C++ ops: by hand, and against the graphs of networks."""

import dataclasses

import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, ChildNetwork, Supernet, layers, native, space
from snas_tf.native import library
from snas_tf.space.cells.kept_tensors import takes_native

ONE_CELL = space.Skeleton(num_cells=1, init_channels=4, num_classes=3, image_shape=(4, 4, 3))
SMALL = space.Skeleton(num_cells=3, init_channels=8, num_classes=3, image_shape=(8, 8, 3))
CONVOLUTIONS = tuple(name for name in space.PRIMITIVES if "conv" in name)

# The one cell halves 4x4 pixels and has 8 channels; both its inputs are the stem's 12 channels.
STEM = 16 * 3 + 16 * 12  # the image; what the BN normalises
PREPROCESSING = 16 * 12  # ReLU; what the BNs normalise is computed again
NODE, OUTPUT = 16 * 8, 4 * 8
OF_AN_EDGE = {
    "sep_conv_3x3": NODE + 2 * OUTPUT,  # the pointwise convolutions' outputs
    "sep_conv_5x5": NODE + 2 * OUTPUT,
    "dil_conv_3x3": NODE + OUTPUT,
    "dil_conv_5x5": NODE + OUTPUT,
}


@pytest.fixture
def own_operations():
    """Layers take custom C++ ops."""
    try:
        native.use()
    except native.Unavailable as reason:
        pytest.skip(f"no custom C++ ops: {reason}")
    yield
    native.use(False)


def activations(*primitives, skeleton=ONE_CELL, num_nodes=1, **choices):
    """Bytes of one image."""
    cells = space.CellSpace(num_nodes, primitives)
    return space.step_memory(cells, skeleton, 1, **choices).activations


@pytest.mark.parametrize("operation", CONVOLUTIONS)
def test_what_one_edge_keeps_is_counted_by_hand(operation):
    kept = PREPROCESSING + 2 * OF_AN_EDGE[operation]
    assert activations(operation, native=True) == 4 * (STEM + kept)


@pytest.mark.parametrize("operation", sorted({*space.PRIMITIVES} - {*CONVOLUTIONS}))
def test_what_is_no_convolution_keeps_the_same(operation):
    cells = space.CellSpace(2, (operation,))
    assert space.step_memory(cells, SMALL, 8) == space.step_memory(cells, SMALL, 8, native=True)


def test_edges_share_the_node():
    """Three edges from two inputs and one node; that node is 2x2 pixels, and so are its edges."""
    primitives = ("skip_connect", "sep_conv_3x3", "dil_conv_5x5", "max_pool_3x3", "avg_pool_3x3")
    # The node, the reduction's ReLU and pixels, the pools, two edges each.
    of_an_input = NODE + NODE + 2 * OUTPUT + 4 * OUTPUT + 2 * (1 + 2 + 1) * OUTPUT
    # The identity and the pool keep the node too; Z weighs the two pools.
    of_the_node = OUTPUT + 4 * OUTPUT + (2 + 1) * OUTPUT
    kept = PREPROCESSING + 2 * of_an_input + of_the_node
    assert activations(*primitives, num_nodes=2, native=True) == 4 * (STEM + kept)


def test_paths_share_the_node():
    """At most all edges run the separable convolution."""
    kept = 2 * (NODE + 2 * 2 * OUTPUT) + (OUTPUT + 2 * OUTPUT)
    of_paths = activations(
        "none", "sep_conv_3x3", "dil_conv_3x3", num_nodes=2, native=True, single_path=True
    )
    assert of_paths == 4 * (STEM + PREPROCESSING + kept)


def test_a_child_keeps_the_products_of_its_edges():
    connections = ((0, 2, "dil_conv_3x3"), (1, 2, "sep_conv_3x3"), (2, 3, "skip_connect"))
    genotype = space.Genotype({"normal": (), "reduction": connections}, num_nodes=2)
    memory = space.child_step_memory(genotype, ONE_CELL, 1, native=True)
    assert memory.activations == 4 * (STEM + PREPROCESSING + 2 * NODE + 3 * OUTPUT)


def test_operations_of_our_own_need_less():
    for cells in (space.CellSpace(2), space.CellSpace(4)):
        for choice in ({}, {"rematerialize": True}, {"single_path": True}):
            theirs = space.step_memory(cells, SMALL, 8, **choice)
            ours = space.step_memory(cells, SMALL, 8, native=True, **choice)
            assert (ours.activations < theirs.activations) is (choice != {"rematerialize": True})
            assert ours.workspace < theirs.workspace
            assert (ours.graph < theirs.graph) is ("single_path" not in choice)
            assert ours.weights == theirs.weights and ours.gradients == theirs.gradients


def test_only_float32_and_channels_in_eights_are_taken():
    """Of 4 channels the first cell has 4 and the others 8 and 16: it alone is left out."""
    cells = space.CellSpace(2)
    short = {"bytes_per_number": 2}
    assert space.step_memory(cells, SMALL, 8, **short) == space.step_memory(
        cells, SMALL, 8, native=True, **short
    )
    few = dataclasses.replace(SMALL, init_channels=4)
    odd = dataclasses.replace(few, init_channels=6)  # 6, 12 and 24
    for skeleton, taken in ((few, [False, True, True]), (odd, [False, False, True])):
        leaving = {0: {"sep_conv_3x3": 1}}
        assert [takes_native(plan, leaving, 4) for plan in skeleton.plan(2)] == taken
    theirs, ours = (space.step_memory(cells, few, 8, native=flag) for flag in (False, True))
    assert theirs.activations > ours.activations


@pytest.mark.parametrize("channels", [4, 8, 12, 16])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_the_layers_take_what_is_said(channels, dtype, monkeypatch):
    monkeypatch.setattr(library, "in_use", lambda: True)
    skeleton = dataclasses.replace(SMALL, init_channels=channels)
    plan, *_ = skeleton.plan(1)
    for operation in space.OPERATIONS:
        layer = layers.candidate_operation(operation, dtype=dtype)
        layer.build((None, 8, 8, plan.channels))
        images = tf.zeros((1, 8, 8, plan.channels), layer.compute_dtype)
        said = takes_native(plan, {0: {operation: 1}}, 4 if dtype == "float32" else 2)
        assert layer.is_native(images) is said, operation


BATCH = 7  # which nothing but images has as its first size


def kept_in_the_graph(forward, weights, skeleton):
    """Numbers an image of all tensors of the forward pass that the backward pass takes."""
    names = set()

    @tf.function(input_signature=[tf.TensorSpec((BATCH, *skeleton.image_shape))], autograph=False)
    def step(images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(forward(images))
        graph = tf.compat.v1.get_default_graph()
        names.update(operation.name for operation in graph.get_operations())
        return tape.gradient(loss, weights, unconnected_gradients="zero")

    graph = step.get_concrete_function().graph
    first, same = {}, {}

    def stored(tensor):
        """The tensor that holds it: equal computations are done once, some make no new tensor."""
        operation = tensor.op
        if operation.type in ("Identity", "Reshape"):
            return stored(operation.inputs[0])
        if operation.name not in same:
            what = (
                operation.type,
                tuple(stored(given).name for given in operation.inputs),
                str(sorted(operation.node_def.attr.items(), key=lambda item: item[0])),
            )
            fresh = operation.type == "Placeholder"
            same[operation.name] = operation if fresh else first.setdefault(what, operation)
        return same[operation.name].outputs[tensor.value_index]

    kept = {}
    for operation in graph.get_operations():
        if operation.name in names or operation.type in ("Identity", "Reshape", "Shape", "ShapeN"):
            continue
        for tensor in map(stored, operation.inputs):
            if tensor.op.name in names and tensor.shape.rank == 4 and tensor.shape[0] == BATCH:
                kept[tensor.name] = tensor.shape.num_elements() // BATCH
    return sum(kept.values())


def of_a_supernet(own):
    cells = space.CellSpace(2)
    supernet = Supernet(cells, SMALL)
    samples = ArchitectureDistribution(cells).sample(1.0, (1, 2))
    return (
        lambda images: supernet(images, samples, training=True),
        supernet.trainable_weights,
        space.step_memory(cells, SMALL, 1, native=own),
    )


def of_a_child(own):
    genotype = space.PUBLISHED["SNAS_MILD"]
    child = ChildNetwork(genotype, SMALL)
    return (
        lambda images: child(images, training=True),
        child.trainable_weights,
        space.child_step_memory(genotype, SMALL, 1, native=own),
    )


@pytest.mark.slow
@pytest.mark.parametrize("network", [of_a_supernet, of_a_child])
def test_the_graph_keeps_what_is_said(network, own_operations):
    forward, weights, memory = network(own=True)
    assert 4 * kept_in_the_graph(forward, _values(weights), SMALL) == memory.activations


@pytest.mark.slow
@pytest.mark.parametrize("network", [of_a_supernet, of_a_child])
def test_the_graph_of_tensorflows_operations_keeps_about_what_is_said(network):
    forward, weights, memory = network(own=False)
    kept = 4 * kept_in_the_graph(forward, _values(weights), SMALL)
    assert memory.activations == pytest.approx(kept, rel=0.1)


def _values(weights):
    return [weight.value for weight in weights]
