# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a step is said to need: by hand, against built networks, and against a real step."""

import dataclasses
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from snas_tf import ChildNetwork, Supernet, space
from snas_tf.errors import InvalidInput
from snas_tf.space.cells.step_memory import FIXED_WORKSPACE, GRADIENTS_IN_FLIGHT

ROOT = pathlib.Path(__file__).parents[3]
ONE_CELL = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(4, 4, 3))
DEEP = space.Skeleton(num_cells=6, init_channels=4, num_classes=3, image_shape=(16, 16, 3))

# The one cell halves 4x4 pixels and has 4 channels; both its inputs are the stem's 6 channels.
STEM = 16 * 3 + 16 * 6  # the image; what the BN normalises
PREPROCESSING = 16 * 6  # ReLU; what the BNs normalise is computed again
NODE, PADDED, OUTPUT = 16 * 4, 36 * 4, 4 * 4
OF_AN_EDGE = {
    "none": 0,
    "max_pool_3x3": PADDED + OUTPUT + OUTPUT,  # input, output, what Z weighs
    "avg_pool_3x3": OUTPUT + OUTPUT,
    "skip_connect": NODE + 3 * OUTPUT,  # ReLU, two sets of pixels, what the BN normalises
    "sep_conv_3x3": NODE + 3 * OUTPUT,  # ReLU, twice depthwise, ReLU between
    "sep_conv_5x5": NODE + 3 * OUTPUT,
    "dil_conv_3x3": NODE + 2 * OUTPUT,  # ReLU, pixels, depthwise
    "dil_conv_5x5": NODE + 2 * OUTPUT,
}


@pytest.mark.parametrize("operation", space.PRIMITIVES)
def test_what_one_edge_keeps_is_counted_by_hand(operation):
    cells = space.CellSpace(1, (operation,))
    memory = space.step_memory(cells, ONE_CELL, batch_size=5)
    kept = PREPROCESSING + 2 * OF_AN_EDGE[operation]
    assert memory.activations == 5 * 4 * (STEM + kept)
    assert memory.workspace == 5 * 4 * GRADIENTS_IN_FLIGHT * kept + FIXED_WORKSPACE


def test_edges_share_what_they_can():
    """Three edges from two inputs and one node; that node is 2x2 pixels, and so are its edges."""
    cells = space.CellSpace(2, ("skip_connect", "sep_conv_3x3", "dil_conv_5x5", "max_pool_3x3"))
    of_an_input = PADDED + NODE + 2 * OUTPUT + 2 * OUTPUT + 2 * (1 + 3 + 1) * OUTPUT
    of_the_node = OUTPUT + OUTPUT + OUTPUT + 2 * OUTPUT + (0 + 3 + 1) * OUTPUT
    memory = space.step_memory(cells, ONE_CELL, batch_size=1)
    assert memory.activations == 4 * (STEM + PREPROCESSING + 2 * of_an_input + of_the_node)


def test_a_path_keeps_the_most_that_one_operation_an_edge_can():
    """Each edge by itself: from an input the pooling, from the node the separable convolution,
    as in a branch nothing is computed again, and a ReLU of its own."""
    cells = space.CellSpace(2, ("none", "skip_connect", "sep_conv_3x3", "max_pool_3x3"))
    kept = 2 * 2 * (PADDED + OUTPUT) + (OUTPUT + 5 * OUTPUT)
    memory = space.step_memory(cells, ONE_CELL, batch_size=1, single_path=True)
    assert memory.activations == 4 * (STEM + PREPROCESSING + kept)
    every = space.step_memory(cells, ONE_CELL, batch_size=1)
    assert memory.weights == every.weights and memory.graph == every.graph
    assert memory.activations < every.activations


def test_a_child_keeps_one_operation_an_edge_and_nothing_for_z():
    connections = ((0, 2, "max_pool_3x3"), (1, 2, "sep_conv_3x3"), (2, 3, "skip_connect"))
    genotype = space.Genotype({"normal": (), "reduction": connections}, num_nodes=2)
    kept = PREPROCESSING + (PADDED + OUTPUT) + (NODE + 3 * OUTPUT)
    memory = space.child_step_memory(genotype, ONE_CELL, batch_size=1)
    assert memory.activations == 4 * (STEM + kept)


@pytest.mark.parametrize("stem", space.STEMS)
def test_weights_are_those_of_the_networks(stem):
    skeleton = dataclasses.replace(DEEP, stem=stem, num_cells=4)
    cells, genotype = space.CellSpace(2), space.PUBLISHED["DARTS_V2"]
    for network, memory in (
        (Supernet(cells, skeleton), space.step_memory(cells, skeleton, 1)),
        (ChildNetwork(genotype, skeleton), space.child_step_memory(genotype, skeleton, 1)),
    ):
        trained = 4 * sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
        assert memory.weights == 4 * sum(int(np.prod(weight.shape)) for weight in network.weights)
        assert memory.gradients == memory.optimizer_state == trained


def test_the_total_is_all_of_it():
    memory = space.step_memory(space.CellSpace(), DEEP, 8)
    parts = [getattr(memory, field.name) for field in dataclasses.fields(memory)]
    assert all(type(part) is int and part > 0 for part in parts)
    assert memory.total == sum(parts) - memory.graph


def test_the_graph_grows_with_the_operations_and_not_with_the_images():
    def graph(*primitives, batch_size=1, **choice):
        return space.step_memory(space.CellSpace(2, primitives), DEEP, batch_size, **choice).graph

    one = graph("sep_conv_3x3")
    assert one == graph("sep_conv_3x3", batch_size=100) == graph("none", "sep_conv_3x3")
    assert one < graph("sep_conv_3x3", "dil_conv_3x3") < graph("sep_conv_3x3", "sep_conv_5x5")
    assert one < graph("sep_conv_3x3", rematerialize=True)


@pytest.mark.parametrize("rematerialize", [False, True])
def test_activations_grow_with_the_batch_and_the_bytes(rematerialize):
    def of(batch_size, bytes_per_number=4):
        return space.step_memory(
            space.CellSpace(),
            DEEP,
            batch_size,
            bytes_per_number=bytes_per_number,
            rematerialize=rematerialize,
        )

    for field in ("activations", "workspace"):
        one, many, short = (
            getattr(memory, field) - (FIXED_WORKSPACE if field == "workspace" else 0)
            for memory in (of(1), of(32), of(64, bytes_per_number=2))
        )
        assert many == short == pytest.approx(32 * one, abs=32)
    assert of(1).weights == of(64, bytes_per_number=2).weights


def test_rematerialization_keeps_outputs_and_one_cell():
    cells = space.CellSpace(3)
    plain = space.step_memory(cells, DEEP, 4)
    again = space.step_memory(cells, DEEP, 4, rematerialize=True)
    outputs = sum(
        plan.output_channels * plan.resolution[0] * plan.resolution[1] for plan in DEEP.plan(3)
    )
    assert again.activations == 4 * 4 * (256 * 3 + 256 * 12 + outputs)
    assert again.total < 0.5 * plain.total + FIXED_WORKSPACE
    # A network of one cell has nothing to gain.
    of_one = [space.step_memory(cells, ONE_CELL, 4, rematerialize=flag) for flag in (False, True)]
    assert of_one[0].total <= of_one[1].total


def test_none_is_free_and_every_other_operation_is_not():
    def total(*primitives):
        return space.step_memory(space.CellSpace(4, primitives), DEEP, 64).total

    for operation in space.PRIMITIVES[2:]:
        alone = total("max_pool_3x3")
        assert total("none", "max_pool_3x3") == alone < total("max_pool_3x3", operation)


@pytest.mark.parametrize("batch_size", [0, -1, 1.5, True])
def test_a_wrong_batch_size_is_refused(batch_size):
    with pytest.raises(InvalidInput, match="`batch_size` must be a whole number, at least 1"):
        space.step_memory(space.CellSpace(), DEEP, batch_size)


PROGRAM = """
import pathlib
import sys
import keras
import tensorflow as tf
from snas_tf import ArchitectureDistribution, Snas, Supernet, native, space

def resident(key):
    (line,) = [line for line in open("/proc/self/status") if line.startswith(key)]
    return 1024 * int(line.split()[1])

tf.config.threading.set_inter_op_parallelism_threads(2)
tf.config.threading.set_intra_op_parallelism_threads(1)
again, own = sys.argv[1] == "again", sys.argv[2] == "our own"
try:
    native.use(own)
except native.Unavailable as reason:
    print(reason)
    sys.exit()
cells = space.CellSpace(1)
skeleton = space.Skeleton(num_cells=3, init_channels=8, num_classes=5, image_shape=(32, 32, 3))
model = Snas(Supernet(cells, skeleton, rematerialize=again), ArchitectureDistribution(cells))
model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
samples = model.draw(tf.constant([1, 2]))

@tf.function(input_signature=[tf.TensorSpec((None, 32, 32, 3)), tf.TensorSpec((None,), tf.int64)])
def step(images, labels):
    return tf.nest.flatten(model.forward_and_backward(images, labels, None, samples))

step(tf.ones((2, 32, 32, 3)), tf.zeros((2,), tf.int64))  # makes the graph
before, peaks = resident("VmRSS"), []
for _ in range(10):
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    step(tf.random.stateless_normal((96, 32, 32, 3), (1, 2)), tf.zeros((96,), tf.int64))
    peaks.append(resident("VmHWM") - before)
needed = space.step_memory(cells, skeleton, 96, rematerialize=again, native=own)
# Where a thread has to wait for a core, the other one runs ahead and holds more.
print(min(peaks), needed.gradients + needed.activations + needed.workspace)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "whose"), [("once", "TensorFlow's"), ("again", "TensorFlow's"), ("once", "our own")]
)
def test_a_real_step_needs_what_is_said(how, whose):
    words = [sys.executable, "-c", PROGRAM, how, whose]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    try:
        peak, estimate = map(int, answer.stdout.split())
    except ValueError:
        pytest.skip(f"no custom C++ ops: {answer.stdout}")
    assert estimate == pytest.approx(peak, rel=0.25)
