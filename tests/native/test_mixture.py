# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A mixture is the sum of what TensorFlow's operations give for each candidate."""

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.layers.convolution import depthwise, dilated_depthwise
from snas_tf.layers.normalization.fused_normalization import normalized_products
from snas_tf.native.mixture import Convolutions, Shared, mixture
from snas_tf.native.separable_convolution import Chain
from snas_tf.tensorflow_internals import indexed_case

pytestmark = pytest.mark.usefixtures("native_operations")

SHAPE = (4, 7, 6, 16)
EDGES = 2
EPSILON = 1e-5
TOLERANCE = 2e-5  # of the norm


def normal(rng, *shape):
    return tf.constant(rng.normal(size=shape), tf.float32)


def convolutions(rng, size, stages, stride, dilation):
    channels = SHAPE[-1]
    chain = Chain(
        [normal(rng, EDGES, size, size, channels, 1) / size for _ in range(stages)],
        [normal(rng, EDGES, channels, channels) / channels**0.5 for _ in range(stages)],
        [1 + 0.2 * normal(rng, EDGES, channels) for _ in range(stages - 1)],
        [normal(rng, EDGES, channels) for _ in range(stages - 1)],
        stride,
        dilation,
        EPSILON,
    )
    return Convolutions(chain, normal(rng, EDGES, channels), normal(rng, EDGES, channels))


def draw(rng, stride, candidates=((3, 2, 1), (5, 1, 2)), num_shared=2):
    """The arguments of a mixture, and gradients of its outputs."""
    batch, height, width, channels = SHAPE
    output = (batch, -(-height // stride), -(-width // stride), channels)
    found = [
        convolutions(rng, size, stages, stride, dilation) for size, stages, dilation in candidates
    ]
    shared = [
        Shared(normal(rng, *output), *(normal(rng, EDGES, channels) for _ in range(2)))
        for _ in range(num_shared)
    ]
    upstream = [normal(rng, *output) for _ in range(EDGES)]
    return (normal(rng, *SHAPE), found, shared), upstream


def separately(images, convolutions, shared):
    """What `mixture` computes, by TensorFlow's operations."""
    outputs, means, variances = [], [], []
    for chain, *last in convolutions:
        tensors, by_stage = [images], []
        scales, offsets = [*chain.scales, last[0]], [*chain.offsets, last[1]]
        for stage in range(len(chain.spatial)):
            activated = [tf.nn.relu(tensor) for tensor in tensors]
            stride = 1 if stage else chain.stride
            if chain.dilation == 1:
                filtered = depthwise(activated, chain.spatial[stage], stride)
            else:
                filtered = dilated_depthwise(activated[0], chain.spatial[stage], stride)
            tensors, *statistics = normalized_products(
                filtered, chain.mixing[stage], scales[stage], offsets[stage], epsilon=EPSILON
            )
            by_stage.append(statistics)
        outputs.append(tensors)
        for found, of_stages in zip((means, variances), zip(*by_stage, strict=True), strict=True):
            found.append(list(of_stages))
    for tensor, scales, offsets in shared:
        edges = zip(tf.unstack(scales), tf.unstack(offsets), strict=True)
        outputs.append([tensor * scale + offset for scale, offset in edges])
    return [tf.add_n(edge) for edge in zip(*outputs, strict=True)], means, variances


def tensors_of(arguments):
    return [leaf for leaf in tf.nest.flatten(arguments) if isinstance(leaf, tf.Tensor)]


def with_gradients(compute, arguments, upstream):
    tensors = tensors_of(arguments)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        results = tuple(compute(*arguments))
    return results, tape.gradient(results[0], tensors, output_gradients=upstream)


def with_tensors(arguments, tensors):
    tensors = iter(tensors)
    return tf.nest.map_structure(
        lambda leaf: next(tensors) if isinstance(leaf, tf.Tensor) else leaf, arguments
    )


# === Ways to be differentiated ===


def eagerly(arguments, upstream):
    return with_gradients(mixture, arguments, upstream)


def in_a_graph(arguments, upstream):
    @tf.function
    def call(tensors):
        return with_gradients(mixture, with_tensors(arguments, tensors), upstream)

    return call(tensors_of(arguments))


def with_the_tape_outside_of_the_graph(arguments, upstream):
    @tf.function
    def call(*tensors):
        return tuple(mixture(*with_tensors(arguments, tensors)))

    return with_gradients(lambda *given: call(*tensors_of(given)), arguments, upstream)


def _in_a_branch(conditional, arguments, upstream):
    def compute(*given):
        def mixed():
            return tuple(mixture(*given))

        def zeros():
            return tf.nest.map_structure(tf.zeros_like, mixed())

        return conditional(mixed, zeros)

    @tf.function
    def call(tensors):
        return with_gradients(compute, with_tensors(arguments, tensors), upstream)

    return call(tensors_of(arguments))


def in_a_branch(arguments, upstream):
    def conditional(mixed, zeros):
        return tf.cond(tf.random.stateless_uniform((), (0, 0)) < 2, mixed, zeros)

    return _in_a_branch(conditional, arguments, upstream)


def in_a_branch_that_stays_a_function(arguments, upstream):
    def conditional(mixed, zeros):
        which = tf.cast(tf.random.stateless_uniform((), (0, 0)) < 2, tf.int32)
        return indexed_case(which, [zeros, mixed])

    return _in_a_branch(conditional, arguments, upstream)


def in_a_loop(arguments, upstream):
    @tf.function
    def call(tensors):
        given = with_tensors(arguments, tensors)

        def body(step, *_):
            return step + 1, *tf.nest.flatten(with_gradients(mixture, given, upstream))

        like = with_gradients(mixture, given, upstream)
        zeros = [tf.zeros_like(leaf) for leaf in tf.nest.flatten(like)]
        _, *results = tf.while_loop(lambda step, *_: step < 2, body, (0, *zeros))
        return tf.nest.pack_sequence_as(like, results)

    return call(tensors_of(arguments))


WAYS = [
    eagerly,
    in_a_graph,
    with_the_tape_outside_of_the_graph,
    in_a_branch,
    in_a_branch_that_stays_a_function,
    in_a_loop,
]


def assert_close(own, expected):
    own, expected = tf.nest.flatten(own), tf.nest.flatten(expected)
    norm = max(np.linalg.norm(each) for each in expected)
    for one, other in zip(own, expected, strict=True):
        assert one.shape == other.shape
        scale = max(np.linalg.norm(other), 1e-3 * norm)
        assert np.linalg.norm(one - other) <= TOLERANCE * scale


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stride", [1, 2])
def test_values_and_all_gradients(way, stride, rng):
    arguments, upstream = draw(rng, stride)
    assert_close(way(arguments, upstream), with_gradients(separately, arguments, upstream))


@pytest.mark.parametrize(
    ("candidates", "num_shared"),
    [
        (((3, 2, 1),), 0),
        (((5, 1, 2),), 1),
        (((3, 2, 1), (5, 2, 1), (3, 1, 2), (5, 1, 2)), 3),
    ],
)
def test_any_number_of_candidates(candidates, num_shared, rng):
    arguments, upstream = draw(rng, 1, candidates, num_shared)
    assert_close(eagerly(arguments, upstream), with_gradients(separately, arguments, upstream))


def test_a_candidate_of_weight_zero_has_the_gradient_of_its_weight_alone(rng):
    (images, found, shared), upstream = draw(rng, 1, num_shared=1)
    zero = tf.zeros_like(found[0].scales)
    found[0] = found[0]._replace(scales=zero, offsets=zero)
    arguments = images, found, shared
    results = eagerly(arguments, upstream)
    assert_close(results, with_gradients(separately, arguments, upstream))
    _, *of_chain, of_scales = results[1][:8]
    for gradient in of_chain:
        np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))
    assert np.abs(of_scales).min() > 0


@pytest.mark.parametrize("way", [eagerly, in_a_graph, in_a_branch_that_stays_a_function])
def test_a_replica_without_images_has_gradients_of_zero(way, rng):
    (images, found, shared), upstream = draw(rng, 1)
    shared = [other._replace(tensor=other.tensor[:0]) for other in shared]
    _, gradients = way((images[:0], found, shared), [each[:0] for each in upstream])
    for gradient in gradients:
        np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))


def test_each_replica_takes_its_own_images(two_replicas, rng):
    (images, found, shared), upstream = draw(rng, 1, num_shared=0)
    parts = [images, 2 * images + 1]

    @tf.function
    def call():
        def step():
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            return with_gradients(mixture, (tf.gather(parts, replica), found, shared), upstream)

        return two_replicas.run(step)

    own = [two_replicas.experimental_local_results(each) for each in tf.nest.flatten(call())]
    for number, part in enumerate(parts):
        expected = with_gradients(separately, (part, found, shared), upstream)
        assert_close([values[number] for values in own], expected)
