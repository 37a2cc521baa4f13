# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is computed again gives the same gradients, once the memory of the first is given back."""

import functools
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Snas, Supernet, space
from snas_tf.layers import BatchNormalization
from snas_tf.networks.rematerialization import rematerialized
from tests.search.small_models import CROSS_ENTROPY, SKELETON, digits

ROOT = pathlib.Path(__file__).parents[2]
CELLS = space.CellSpace(1, ("none", "avg_pool_3x3", "dil_conv_3x3"))
TINY = space.Skeleton(num_cells=1, init_channels=2, num_classes=10, image_shape=(8, 8, 1))


class Chain:
    """tanh of products with trained matrices, times gathered rows of a table."""

    def __init__(self, depth=3):
        initial = np.random.default_rng(1).normal(size=(depth, 5, 5)).astype("float32")
        self.matrices = [tf.Variable(matrix) for matrix in initial]
        self.calls = 0

    def __call__(self, tensor, table):
        self.calls += 1
        for matrix, row in zip(self.matrices, (2, 0, 2), strict=True):
            tensor = tf.tanh(tensor @ matrix) * tf.gather(table, row)
        return tensor


def plain(function, *inputs):
    return function(*inputs)


def gradients(how, chain, *inputs):
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = how(chain, *inputs)
        loss = tf.reduce_sum(output**2)
    found = tape.gradient(loss, [*inputs, *chain.matrices])
    return [output, *(tf.convert_to_tensor(gradient) for gradient in found)]


@pytest.fixture
def inputs(rng):
    return [tf.constant(rng.normal(size=shape), tf.float32) for shape in ((7, 5), (3, 5))]


@pytest.mark.parametrize("compiled", [False, True])
def test_values_and_gradients_of_inputs_and_variables_are_the_same(compiled, inputs):
    results = []
    for how in (plain, rematerialized):
        step = tf.function(gradients) if compiled else gradients
        results.append(step(how, Chain(), *inputs))
    for left, right in zip(*results, strict=True):
        assert np.abs(left).max() > 0
        np.testing.assert_allclose(left, right, rtol=1e-6)


def test_the_function_runs_a_second_time_for_the_gradient_only(inputs):
    chain = Chain()
    rematerialized(chain, *inputs)
    assert chain.calls == 1
    gradients(rematerialized, chain, *inputs)
    assert chain.calls == 3


def test_what_is_no_argument_gets_no_gradient(inputs):
    tensor, table = inputs
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = rematerialized(lambda tensor: tensor * table[0], tensor)
    found, lost = tape.gradient(output, [tensor, table])
    assert found is not None and lost is None


def test_no_example_and_infinite_gradients_are_no_trouble(inputs):
    tensor, table = inputs
    for found in gradients(rematerialized, Chain(), tensor[:0], table):
        np.testing.assert_array_equal(found, np.zeros(found.shape))
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        output = rematerialized(lambda tensor: 1.0 * tensor, tensor)
    upstream = tf.fill(tensor.shape, np.inf)
    np.testing.assert_array_equal(tape.gradient(output, tensor, upstream), upstream)


def test_running_statistics_are_updated_once(rng):
    inputs = tf.constant(rng.normal(2, 3, (4, 5, 3, 2)), tf.float32)
    statistics = []
    for how in (plain, rematerialized):
        layer = BatchNormalization(name="normalization")
        layer.build([inputs.shape])
        with tf.GradientTape() as tape:
            output = how(lambda tensor, layer=layer: layer([tensor], training=True)[0], inputs)
            loss = tf.reduce_sum(output**2)
        assert np.abs(tape.gradient(loss, layer.gamma.value)).min() > 0
        statistics.append([value.numpy() for value in layer.non_trainable_weights])
    for left, right in zip(*statistics, strict=True):
        np.testing.assert_array_equal(left, right)
    layer([inputs], training=True)
    assert (layer.moving_mean.numpy() != statistics[1][0]).all()  # thawed again


def test_xla_does_not_merge_the_second_computation_with_the_first(inputs):
    """Of three products the backward pass needs six more, and three again."""
    products = {}
    for how in (plain, rematerialized):
        chain = Chain()
        step = tf.function(functools.partial(gradients, how, chain), jit_compile=True)
        program = step.experimental_get_compiler_ir(*inputs)(stage="optimized_hlo")
        products[how] = program.count(" dot(")
    assert products == {plain: 9, rematerialized: 12}


@pytest.mark.slow
def test_a_graph_needs_less_memory():
    """Four pieces of ten tensors of 16 MiB: those of one piece and four inputs, or all of them."""
    program = """
import tensorflow as tf
from snas_tf.networks.rematerialization import rematerialized

tf.config.threading.set_inter_op_parallelism_threads(1)

def resident(key):
    (line,) = [line for line in open("/proc/self/status") if line.startswith(key)]
    return int(line.split()[1]) / 1024

def piece(tensor):
    for _ in range(10):
        tensor = tf.tanh(tensor)
    return tensor

@tf.function
def step(tensor, again):
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        output = tensor
        for _ in range(4):
            output = rematerialized(piece, output) if again else piece(output)
    return tf.reduce_sum(tape.gradient(output, tensor))

for again in (True, False):
    step(tf.ones((2, 2)), again)  # what TensorFlow needs for itself
before = resident("VmRSS")
for again in (True, False):  # the greater peak comes last
    step(tf.ones((4096, 1024)), again)
    print(resident("VmHWM") - before)
"""
    words = [sys.executable, "-c", program]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    less, more = map(float, answer.stdout.split())
    assert more > 600
    assert less < 0.5 * more


def searched(rematerialize, skeleton=TINY, **compile_with):
    """A `Snas` before and after one epoch of four steps."""
    keras.utils.set_random_seed(0)
    model = Snas(
        Supernet(CELLS, skeleton, rematerialize=rematerialize),
        ArchitectureDistribution(CELLS),
        seed=3,
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        architecture_optimizer=keras.optimizers.Adam(0.02),
        loss=CROSS_ENTROPY,
        **compile_with,
    )
    before = model.get_weights()
    batches = tf.data.Dataset.from_tensor_slices(digits(0, 64)).batch(16)
    loss = model.fit(batches, verbose=0).history["loss"]
    return loss, before, model.get_weights()


def assert_same_search(left, right):
    np.testing.assert_allclose(left[0], right[0], rtol=1e-5)
    moved = [np.abs(after - before).max() for before, after in zip(*left[1:], strict=True)]
    assert np.median(moved) > 1e-4
    for one, other in zip(left[2], right[2], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_a_search_is_the_same():
    assert_same_search(searched(False, SKELETON), searched(True, SKELETON))


@pytest.mark.slow
def test_a_search_that_xla_compiles_is_the_same():
    assert_same_search(searched(False), searched(True, jit_compile=True))


def test_a_search_under_two_replicas_is_the_same(two_replicas):
    """Where they share their statistics too: tests/training/test_replicas.py."""
    results = []
    for rematerialize in (False, True):
        with two_replicas.scope():
            results.append(searched(rematerialize))
    assert_same_search(*results)
