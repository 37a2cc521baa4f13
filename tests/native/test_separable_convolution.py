# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains of separable convolutions against the same sums written plainly, in float64."""

import concurrent.futures
from typing import NamedTuple

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from snas_tf import native
from snas_tf.native.separable_convolution import (
    Arriving,
    Chain,
    Products,
    separable_convolution,
    separable_convolution_gradient,
    suits,
)

pytestmark = pytest.mark.usefixtures("native_operations")

EPSILON = 1e-5
TOLERANCE = 1e-5  # of the norm: float32 against float64; typically a tenth


class Problem(NamedTuple):
    """Float32 arrays."""

    images: np.ndarray
    chain: Chain
    arriving: Arriving


def problem(rng, shape=(3, 7, 6, 16), *, size=3, edges=2, stages=2, stride=1, dilation=1, mean=0.0):
    """Weights that keep deviations near one, and gradients of them that matter."""
    batch, height, width, channels = shape

    def normal(*shape):
        return rng.normal(size=shape).astype("float32")

    output = (batch, -(-height // stride), -(-width // stride), channels)
    chain = Chain(
        [normal(edges, size, size, channels, 1) / size for _ in range(stages)],
        [normal(edges, channels, channels) / channels**0.5 for _ in range(stages)],
        [1 + 0.2 * normal(edges, channels) for _ in range(stages - 1)],
        [0.5 * normal(edges, channels) for _ in range(stages - 1)],
        stride,
        dilation,
        EPSILON,
    )
    arriving = Arriving(
        [normal(*output) for _ in range(edges)],
        1 + normal(edges, channels),
        normal(edges, channels),
        normal(edges, channels),
    )
    return Problem(mean + normal(*shape), chain, arriving)


def converted(structure, dtype):
    return tf.nest.map_structure(
        lambda leaf: tf.constant(leaf, dtype) if isinstance(leaf, np.ndarray) else leaf, structure
    )


def tensors_of(images, chain):
    """What has a gradient, in the order of `separable_convolution_gradient`."""
    return [images, *chain.spatial, *chain.mixing, *chain.scales, *chain.offsets]


def depthwise(images, kernel, stride, dilation):
    """A tap at a time; `kernel` (size, size, channels, 1)."""
    size = kernel.shape[0]
    height, width = images.shape[1:3]
    border = dilation * (size // 2)
    padded = tf.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))
    return tf.add_n(
        [
            padded[
                :,
                dilation * u : dilation * u + height : stride,
                dilation * v : dilation * v + width : stride,
            ]
            * kernel[u, v, :, 0]
            for u in range(size)
            for v in range(size)
        ]
    )


def plain(images, chain):
    """`separable_convolution`, and how near to zero an inner ReLU's input comes."""
    by_stage, kink = [], np.inf
    for edge in range(chain.mixing[0].shape[0]):
        results, tensor = [], images
        for stage, (spatial, mixing) in enumerate(zip(chain.spatial, chain.mixing, strict=True)):
            steps = (chain.stride, chain.dilation) if stage == 0 else (1, 1)
            filtered = depthwise(tf.nn.relu(tensor), spatial[edge], *steps)
            product = tf.einsum("bhwc,cf->bhwf", filtered, mixing[edge])
            mean, variance = tf.nn.moments(product, (0, 1, 2))
            inverse_deviation = 1 / tf.sqrt(variance + chain.epsilon)
            count = float(np.prod(product.shape[:3]))
            unbiased = variance * count / max(count - 1, 1)
            results.append((product, mean, unbiased, inverse_deviation))
            if stage < len(chain.scales):
                scale, offset = chain.scales[stage][edge], chain.offsets[stage][edge]
                tensor = (product - mean) * inverse_deviation * scale + offset
                kink = min(kink, np.abs(tensor).min(initial=np.inf))
        by_stage.append(results)
    products, *statistics = (
        [list(of_stage) for of_stage in zip(*part, strict=True)]
        for part in zip(*(zip(*results, strict=True) for results in by_stage), strict=True)
    )
    inner = [tensor for of_stage in products[:-1] for tensor in of_stage]
    return Products(products[-1], inner, *(list(map(tf.stack, part)) for part in statistics)), kink


def plain_gradient(images, chain, arriving):
    tensors = tensors_of(images, chain)
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        products, kink = plain(images, chain)
        arrived = [
            tf.reduce_sum(factor * upstream * product)
            for factor, upstream, product in zip(
                tf.unstack(arriving.factors), arriving.upstream, products.products, strict=True
            )
        ]
        arrived += [
            tf.reduce_sum(arriving.of_means * products.means[-1]),
            tf.reduce_sum(arriving.of_inverse_deviations * products.inverse_deviations[-1]),
        ]
        total = tf.add_n(arrived)
    return products, tape.gradient(total, tensors), kink


def assert_close(own, expected, tolerance=TOLERANCE):
    own, expected = np.asarray(own, np.float64), np.asarray(expected)
    assert own.shape == expected.shape
    assert np.linalg.norm(own - expected) <= tolerance * np.linalg.norm(expected)


def assert_products_close(own, expected, tolerance=TOLERANCE):
    for one, other in zip(tf.nest.flatten(own), tf.nest.flatten(expected), strict=True):
        assert_close(one, other, tolerance)


def check(draw, tolerance=TOLERANCE):
    """Compares everything that both operations compute for a problem that `draw` makes."""
    kink = 0
    while kink < 3e-6:  # there rounding decides what a ReLU lets through
        drawn = draw()
        expected, gradients, kink = plain_gradient(*converted(drawn, tf.float64))
    images, chain, arriving = converted(drawn, tf.float32)
    products = separable_convolution(images, chain)
    assert_products_close(products, expected, tolerance)
    own = separable_convolution_gradient(images, chain, products, arriving)
    for one, other in zip(own, gradients, strict=True):
        assert_close(one, other, tolerance)


# === Values and gradients ===


@pytest.mark.parametrize("channels", [8, 16, 24, 32, 48, 64, 72])
@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_any_number_of_channels(channels, size, stride, rng):
    stages = 1 + (size // 3 + stride + channels // 8) % 2
    dilation = 3 - stages
    settings = {"size": size, "stages": stages, "stride": stride, "dilation": dilation}
    check(lambda: problem(rng, (2, 7, 9, channels), **settings))


@pytest.mark.slow
@hypothesis.settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(
    seed=st.integers(0, 99),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(1, 20)),
    settings=st.fixed_dictionaries(
        {
            "size": st.sampled_from([3, 5]),
            "edges": st.integers(1, 3),
            "stages": st.integers(1, 3),
            "stride": st.integers(1, 3),
            "dilation": st.integers(1, 3),
        }
    ),
    channels=st.sampled_from([8, 16]),
)
def test_any_size_of_images(seed, shape, settings, channels):
    stride = settings["stride"]
    hypothesis.assume(shape[0] * (shape[1] // stride) * (shape[2] // stride) >= 12)
    rng = np.random.default_rng(seed)
    check(lambda: problem(rng, (*shape, channels), **settings))


@pytest.mark.parametrize("sides", [(1, 1), (2, 3), (1, 4), (3, 1)])
@pytest.mark.parametrize("stride", [1, 2])
def test_images_smaller_than_the_reach_of_the_kernel(sides, stride, rng):
    check(lambda: problem(rng, (16, *sides, 8), size=5, stride=stride, dilation=2), 2e-5)


def test_rows_of_more_than_a_block(rng):
    check(lambda: problem(rng, (1, 3, 150, 8)))


def test_a_single_pixel(rng):
    """It is its own mean, whose normalisation is the offset; nothing reaches what is before it."""
    drawn = problem(rng, (1, 1, 1, 8))
    images, chain, arriving = converted(drawn, tf.float32)
    products = separable_convolution(images, chain)
    expected, _ = plain(*converted(drawn[:2], tf.float64))
    # A deviation of zero makes 300 of every rounding error.
    assert_products_close(products, expected, 1e-3)
    for variances in products.variances:
        np.testing.assert_array_equal(variances, np.zeros((2, 8)))
    arriving = arriving._replace(of_inverse_deviations=tf.zeros((2, 8)))
    gradients = separable_convolution_gradient(images, chain, products, arriving)
    of_images, (of_inner, of_outer) = gradients[0], gradients[1:3]
    assert np.abs(of_outer).max() > 1e-2
    assert np.abs(of_images).max() < 1e-3 and np.abs(of_inner).max() < 1e-3


@pytest.mark.parametrize("shape", [(0, 6, 5, 8), (2, 0, 5, 8), (2, 5, 0, 16), (1, 0, 0, 8)])
@pytest.mark.parametrize("stages", [1, 2])
def test_no_pixel_has_no_statistics_and_gradients_of_zero(shape, stages, rng):
    images, chain, arriving = converted(problem(rng, shape, stages=stages), tf.float32)
    products = separable_convolution(images, chain)
    assert all(product.shape == shape for product in products.products)
    assert np.isnan(products.means).all() and np.isnan(products.variances).all()
    gradients = separable_convolution_gradient(images, chain, products, arriving)
    for gradient, tensor in zip(gradients, tensors_of(images, chain), strict=True):
        np.testing.assert_array_equal(gradient, np.zeros(tensor.shape))


def test_a_large_mean_leaves_a_small_variance_its_digits(rng):
    """Kernels that copy: the products are the images, 1000 give or take 1."""
    images = rng.normal(1000, 1, (4, 9, 9, 8)).astype("float32")
    spatial = np.zeros((1, 3, 3, 8, 1), "float32")
    spatial[:, 1, 1] = 1
    chain = Chain([spatial], [np.eye(8, dtype="float32")[None]], [], [], 1, 1, EPSILON)
    products = separable_convolution(*converted((images, chain), tf.float32))
    np.testing.assert_array_equal(products.products[0], images)
    exact = images.astype("float64")
    np.testing.assert_allclose(products.means[0][0], exact.mean((0, 1, 2)), rtol=1e-7)
    variance = exact.var((0, 1, 2), ddof=1)
    np.testing.assert_allclose(products.variances[0][0], variance, rtol=1e-6)
    inverse = 1 / np.sqrt(exact.var((0, 1, 2)) + EPSILON)
    np.testing.assert_allclose(products.inverse_deviations[0][0], inverse, rtol=1e-6)


def test_not_a_number_comes_out(rng):
    """Nobody shall take a search that went astray for one that goes well."""
    drawn = problem(rng, edges=1)
    drawn.images[1, 2, 3, 4] = np.nan
    images, chain, arriving = converted(drawn, tf.float32)
    products = separable_convolution(images, chain)
    for statistics in (*products.means, *products.variances, *products.inverse_deviations):
        assert np.isnan(statistics).all()
    assert np.isnan(products.products[0]).all()
    gradients = separable_convolution_gradient(images, chain, products, arriving)
    of_kernels = gradients[1:5]
    assert all(np.isnan(gradient).any() for gradient in of_kernels)


def test_an_edge_at_which_nothing_arrives_gets_exactly_zero(rng):
    drawn = problem(rng, edges=3)
    for part in drawn.arriving[1:]:
        part[1] = 0
    images, chain, arriving = converted(drawn, tf.float32)
    products = separable_convolution(images, chain)
    of_images, *gradients = separable_convolution_gradient(images, chain, products, arriving)
    for gradient in gradients:
        assert np.array_equal(gradient[1], np.zeros(gradient.shape[1:]))
        assert np.abs(gradient[0]).max() > 0 and np.abs(gradient[2]).max() > 0
    _, (expected, *_), _ = plain_gradient(*converted(drawn, tf.float64))
    assert_close(of_images, expected)


@pytest.mark.parametrize("part", ["factors", "of_means", "of_inverse_deviations"])
def test_an_edge_at_which_one_thing_arrives_is_computed(part, rng):
    def draw():
        drawn = problem(rng)
        for name in {"factors", "of_means", "of_inverse_deviations"} - {part}:
            getattr(drawn.arriving, name)[:] = 0
        getattr(drawn.arriving, part)[:, 1:] = 0  # of one channel
        return drawn

    check(draw)


# === As TensorFlow calls them ===


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("stages", "stride"), [(1, 2), (2, 1), (3, 2)])
def test_tensorflow_differentiates_by_the_registered_gradient(compiled, stages, stride, rng):
    drawn = problem(rng, stages=stages, stride=stride)

    def gradient(images, chain, arriving):
        tensors = tensors_of(images, chain)
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            products = separable_convolution(images, chain)
            outputs = products.products, products.means[-1], products.inverse_deviations[-1]
        upstream = arriving.upstream, arriving.of_means, arriving.of_inverse_deviations
        return tape.gradient(outputs, tensors, output_gradients=upstream)

    ones = drawn.arriving._replace(factors=np.ones_like(drawn.arriving.factors))
    _, expected, _ = plain_gradient(*converted(drawn._replace(arriving=ones), tf.float64))
    images, chain, arriving = converted(drawn, tf.float32)
    if compiled:
        call = tf.function(lambda images, arriving: gradient(images, chain, arriving))
        own = call(images, arriving)
    else:
        own = gradient(images, chain, arriving)
    for one, other in zip(own, expected, strict=True):
        assert_close(one, other)


def test_shapes_are_known_in_a_graph(rng):
    _, chain, _ = converted(problem(rng, size=5, stride=2, edges=3), tf.float32)
    seen = []

    @tf.function(input_signature=[tf.TensorSpec((None, 7, None, 16))])
    def trace(images):
        products = separable_convolution(images, chain)
        gradients = tf.gradients(products.products, tensors_of(images, chain))
        seen.extend([products, gradients])
        return products.products

    trace(tf.zeros((2, 7, 6, 16)))
    products, gradients = seen
    for tensor in (*products.products, *products.inner_products):
        assert tensor.shape.as_list() == [None, 4, None, 16]
    for statistics in products[2:]:
        assert [tensor.shape.as_list() for tensor in statistics] == [[3, 16]] * 2
    assert gradients[0].shape.as_list() == [None, 7, None, 16]
    for gradient, tensor in zip(gradients[1:], tensors_of(None, chain)[1:], strict=True):
        assert gradient.shape == tensor.shape


def test_same_inputs_same_bits_in_several_threads(rng):
    images, chain, arriving = converted(problem(rng, (4, 9, 9, 24), size=5), tf.float32)

    def compute(_):
        products = separable_convolution(images, chain)
        gradients = separable_convolution_gradient(images, chain, products, arriving)
        return [tensor.numpy().tobytes() for tensor in tf.nest.flatten((products, gradients))]

    expected = compute(0)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert all(found == expected for found in pool.map(compute, range(20)))


# === What they are not for ===


@pytest.mark.parametrize(
    ("channels", "size", "taken"), [(16, 3, True), (8, 5, True), (12, 3, False), (16, 7, False)]
)
def test_what_it_suits(channels, size, taken):
    assert suits(channels, size) == taken
    native.use(False)
    assert not suits(channels, size)


WRONG = {
    "channels that are no multiple of 8": {"shape": (2, 5, 5, 12)},
    "kernels of 7": {"size": 7},
    "kernels of 1": {"size": 1},
    "images of 2": {"images": (5, 16)},
    "other channels than the kernels'": {"images": (3, 7, 6, 8)},
    "kernels that are not square": {"spatial": (2, 5, 3, 16, 1)},
    "kernels that are not square, either": {"spatial": (2, 3, 5, 16, 1)},
    "kernels of another size": {"spatial": (2, 5, 5, 16, 1)},
    "kernels of fewer edges": {"spatial": (1, 3, 3, 16, 1)},
    "a multiplier of 2": {"spatial": (2, 3, 3, 16, 2)},
    "other features": {"mixing": (2, 16, 8)},
    "more edges": {"mixing": (3, 16, 16)},
    "scales of fewer edges": {"scales": (1, 16)},
    "offsets without edges": {"offsets": (16,)},
    "no normalization": {"scales": None, "offsets": None},
    "a normalization too many": {"scales": (), "offsets": ()},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(case, rng):
    changes = dict(WRONG[case])
    settings = {name: changes.pop(name) for name in ("shape", "size") if name in changes}
    images, chain, arriving = converted(problem(rng, **settings), tf.float32)
    products = arriving.upstream
    if "images" in changes:
        images = tf.zeros(changes.pop("images"))
    for name, shape in changes.items():
        tensors = getattr(chain, name)
        wrong = {None: [], (): [*tensors, *tensors]}.get(shape)
        if wrong is None:
            wrong = [*tensors[:-1], tf.zeros(shape)]
        chain = chain._replace(**{name: wrong})
    with pytest.raises(tf.errors.InvalidArgumentError):
        separable_convolution(images, chain)
    rows = [tf.zeros((2, 16))] * 2
    with pytest.raises(tf.errors.InvalidArgumentError):
        separable_convolution_gradient(
            images, chain, Products(products, products, rows, rows, rows), arriving
        )


@pytest.mark.parametrize("name", ["factors", "of_means", "of_inverse_deviations", "upstream"])
def test_gradients_that_do_not_fit_are_refused(name, rng):
    images, chain, arriving = converted(problem(rng), tf.float32)
    products = separable_convolution(images, chain)
    wrong = tf.zeros((2, 8)) if name != "upstream" else [tf.zeros((3, 7, 5, 16))] * 2
    with pytest.raises(tf.errors.InvalidArgumentError):
        separable_convolution_gradient(images, chain, products, arriving._replace(**{name: wrong}))


def test_products_that_do_not_fit_are_refused(rng):
    images, chain, arriving = converted(problem(rng), tf.float32)
    products = separable_convolution(images, chain)
    for name in Products._fields:
        wrong = [tensor[..., :8] for tensor in getattr(products, name)]
        with pytest.raises(tf.errors.InvalidArgumentError):
            separable_convolution_gradient(
                images, chain, products._replace(**{name: wrong}), arriving
            )


@pytest.mark.parametrize("name", ["stride", "dilation"])
def test_steps_are_positive(name, rng):
    images, chain, _ = converted(problem(rng), tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        separable_convolution(images, chain._replace(**{name: 0}))
