# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How Z is drawn, and how the gradient dL/dZ flows back to the logits."""

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from snas_tf import ArchitectureDistribution, space
from snas_tf.distribution import IndependentRows
from snas_tf.search.estimators import (
    ESTIMATORS,
    Estimator,
    concrete,
    dirichlet,
    reinmax,
    score_function,
    softmax,
    straight_through,
)
from tests.search.small_models import as_arrays, build, build_compiled, digits

SEED = tf.constant([3, 4])
TEMPERATURES = (1.0, 0.1)


@pytest.fixture
def architecture():
    initializer = keras.initializers.RandomNormal(seed=0)
    return ArchitectureDistribution(space.CellSpace(2), initializer=initializer)


def gradients(estimator, architecture, temperature, upstream):
    """The gradient of <upstream, Z> in the logits of every kind."""
    with tf.GradientTape() as tape:
        samples = estimator(architecture, tf.constant(temperature), SEED)
        loss = tf.add_n([tf.reduce_sum(upstream[kind] * samples[kind]) for kind in samples])
    logits = {kind: variable.value for kind, variable in architecture.logits.items()}
    return as_arrays(samples), as_arrays(tape.gradient(loss, logits))


@pytest.fixture
def upstream(architecture, rng):
    return {
        kind: rng.normal(size=logits.shape).astype("float32")
        for kind, logits in architecture.logits.items()
    }


def test_all_estimators_go_by_name():
    assert {name: estimator.draw for name, estimator in ESTIMATORS.items()} == {
        "concrete": concrete,
        "softmax": softmax,
        "straight_through": straight_through,
        "score_function": score_function,
        "dirichlet": dirichlet,
        "reinmax": reinmax,
    }


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_concrete_is_a_reparametrised_sample(temperature, architecture, upstream):
    samples, slopes = gradients(concrete, architecture, temperature, upstream)
    drawn = as_arrays(architecture.sample(tf.constant(temperature), SEED))
    for kind, z in samples.items():
        np.testing.assert_array_equal(z, drawn[kind])
        mean = np.sum(z * upstream[kind], axis=-1, keepdims=True)
        expected = z * (upstream[kind] - mean) / temperature
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-5)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_softmax_is_the_mixture_whatever_temperature_and_seed(temperature, architecture, upstream):
    mixture, slopes = gradients(softmax, architecture, temperature, upstream)
    for kind, p in mixture.items():
        logits = architecture.logits[kind].numpy()
        exponentials = np.exp(logits)
        np.testing.assert_allclose(p, exponentials / exponentials.sum(-1, keepdims=True), atol=1e-6)
        expected = p * (upstream[kind] - np.sum(p * upstream[kind], axis=-1, keepdims=True))
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-6)
    other = softmax(architecture, tf.constant(0.03), tf.constant([9, 9]))
    for kind, p in mixture.items():
        np.testing.assert_array_equal(as_arrays(other)[kind], p)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("estimator", [straight_through, score_function])
def test_a_single_path_is_the_largest_entry_of_the_relaxed_sample(
    estimator, temperature, architecture
):
    """So its distribution is p(Z), whatever the temperature."""
    relaxed = as_arrays(concrete(architecture, tf.constant(temperature), SEED))
    for kind, z in as_arrays(estimator(architecture, tf.constant(temperature), SEED)).items():
        np.testing.assert_array_equal(z, np.eye(z.shape[-1])[relaxed[kind].argmax(-1)])


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_straight_through_takes_the_relaxed_samples_gradient(temperature, architecture, upstream):
    """Of the chosen entry alone, which a single path knows: z^c v^c (delta - z^k) / lambda."""
    relaxed = as_arrays(concrete(architecture, tf.constant(temperature), SEED))
    chosen = as_arrays(straight_through(architecture, tf.constant(temperature), SEED))
    known = {kind: (one_hot * upstream[kind]).astype("float32") for kind, one_hot in chosen.items()}
    samples, slopes = gradients(straight_through, architecture, temperature, known)
    for kind, one_hot in samples.items():
        credit = np.sum(known[kind], axis=-1, keepdims=True)
        share = np.sum(relaxed[kind] * one_hot, axis=-1, keepdims=True)
        expected = share * credit * (one_hot - relaxed[kind]) / temperature
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-5)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_the_score_is_paid_by_the_chosen_entrys_credit(temperature, architecture, upstream):
    """v^c (delta - p^k), at every temperature; what did not run does not count."""
    samples, slopes = gradients(score_function, architecture, temperature, upstream)
    probabilities = as_arrays(architecture.probabilities())
    for kind, one_hot in samples.items():
        credit = np.sum(one_hot * upstream[kind], axis=-1, keepdims=True)
        expected = credit * (one_hot - probabilities[kind])
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-6)


def linear_loss(labels, logits):
    """Minus the label's logit; the nodes of a last cell of one node are linear in it."""
    return -tf.gather(logits, tf.cast(labels, tf.int32), batch_dims=1)


@pytest.mark.slow
@pytest.mark.parametrize("power", [1, 2])
def test_the_score_functions_mean_is_the_exact_gradient_of_a_linear_loss(power, monkeypatch):
    """All nine networks of a tiny space, each with its probability; a square is not linear."""
    cells = space.CellSpace(1, ("none", "skip_connect", "sep_conv_3x3"))
    skeleton = space.Skeleton(num_cells=1, init_channels=4, num_classes=10, image_shape=(8, 8, 1))
    model = build(cells, skeleton, logits=0.5, estimator="score_function")
    model.compile(loss=lambda labels, logits: linear_loss(labels, logits) ** power)
    images, labels = digits(0, 16)
    (kind,) = {cell.plan.kind for cell in model.supernet.cell_layers}
    logits = model.architecture.logits[kind]
    probabilities = model.architecture.probabilities()[kind].numpy()
    mean, exact = np.zeros((2, 3)), np.zeros((2, 3))
    for first, second in np.ndindex(3, 3):
        rows = tf.one_hot([first, second], 3)
        weight = probabilities[0, first] * probabilities[1, second]
        draw = {name: tf.math.log(rows + 1e-30) for name in model.architecture.logits}
        monkeypatch.setattr(model.architecture, "log_sample", lambda *_, draw=draw: draw)
        with tf.GradientTape() as tape:
            samples = model.draw(SEED)
        value, _, _, credits = model.forward_and_backward(
            images, labels, None, {name: tf.stop_gradient(z) for name, z in samples.items()}
        )
        estimate = tape.gradient(list(samples.values()), logits.value, output_gradients=credits)
        mean += weight * estimate.numpy()
        exact += weight * value.numpy() * (rows.numpy() - probabilities)
    error = np.abs(mean - exact).max() / np.abs(exact).max()
    assert error < 1e-5 if power == 1 else error > 0.1


def rows_of(logits, count):
    """So many equal rows of one decision, whose draws are independent."""
    found = IndependentRows()
    found.logits = {"rows": tf.Variable(np.tile(np.float32(logits), (count, 1)))}
    return found


@pytest.mark.parametrize("logits", [[0.0, 0.0, 0.0], [1.5, -0.7, 0.2], [-3.0, 2.0, -1.0]])
def test_a_dirichlet_sample_has_its_moments_and_the_slopes_of_its_mean(logits):
    """E = c / sum c, Var = E (1 - E) / (1 + sum c), and dE by the chain rule through elu."""
    count = 40_000
    distribution = rows_of(logits, count)
    upstream = tf.constant([0.3, -1.0, 2.0])
    with tf.GradientTape() as tape:
        drawn = dirichlet(distribution, tf.constant(1.0), SEED)["rows"]
        loss = tf.reduce_sum(drawn * upstream) / count
    slopes = tape.gradient(loss, distribution.logits["rows"]).numpy() * count
    c = np.where(np.array(logits) > 0, np.array(logits) + 1, np.exp(logits))
    mean = c / c.sum()
    deviation = np.sqrt(mean * (1 - mean) / (1 + c.sum()))
    np.testing.assert_allclose(drawn.numpy().mean(0), mean, atol=5 * deviation.max() / count**0.5)
    np.testing.assert_allclose(drawn.numpy().std(0), deviation, rtol=0.03)
    np.testing.assert_allclose(drawn.numpy().sum(1), 1.0, atol=1e-5)
    expected = np.minimum(c, 1.0) * (upstream - (mean * upstream).numpy().sum()) / c.sum()
    error = 5 * slopes.std(0) / count**0.5
    assert (np.abs(slopes.mean(0) - expected) < error).all()


@pytest.mark.parametrize("logit", [-90.0, -10.0, 40.0])
def test_a_dirichlet_sample_stays_a_number(logit):
    distribution = rows_of([logit, 0.0, 0.0], 5000)
    with tf.GradientTape() as tape:
        drawn = dirichlet(distribution, tf.constant(1.0), SEED)["rows"]
        loss = tf.reduce_sum(drawn[:, 0])
    for values in (drawn, tape.gradient(loss, distribution.logits["rows"])):
        assert np.isfinite(values.numpy()).all()


@hypothesis.given(
    logits=st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3), seed=st.integers(0, 99)
)
@hypothesis.settings(max_examples=20)
def test_the_mean_of_reinmax_is_the_exact_gradient_of_a_quadratic_loss(logits, seed):
    """Each of three one-hot rows with its probability; straight-through's mean is another."""
    rng = np.random.default_rng(seed)
    matrix, slope = rng.normal(size=(3, 3)), rng.normal(size=3)
    matrix += matrix.T

    def loss(z):
        return 0.5 * z @ matrix @ z + slope @ z

    p = np.exp(logits) / np.exp(logits).sum()
    distribution = rows_of(logits, 1)
    mean = np.zeros(3)
    for position, drawn in enumerate(np.eye(3)):
        fixed = tf.constant(drawn[None], tf.float32)
        distribution.categorical_sample = lambda _, fixed=fixed: {"rows": fixed}
        with tf.GradientTape() as tape:
            z = reinmax(distribution, tf.constant(1.0), SEED)["rows"]
        np.testing.assert_array_equal(z, fixed)
        credits = tf.constant((matrix @ drawn + slope)[None], tf.float32)
        estimate = tape.gradient(z, distribution.logits["rows"], output_gradients=credits)
        mean += p[position] * estimate.numpy()[0]
    values = np.array([loss(drawn) for drawn in np.eye(3)])
    np.testing.assert_allclose(mean, p * (values - p @ values), atol=1e-5)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_rows_are_on_the_simplex(estimator, architecture):
    for z in as_arrays(ESTIMATORS[estimator].draw(architecture, tf.constant(0.3), SEED)).values():
        assert z.shape == (architecture.space.num_edges, architecture.space.num_operations)
        assert z.min() >= 0
        np.testing.assert_allclose(z.sum(axis=-1), 1.0, atol=1e-6)


@pytest.mark.slow
def test_the_mixture_is_what_its_model_trains_with():
    model = build_compiled(estimator="softmax", logits=1.0)
    first, second = (model.draw(tf.constant([n, n])) for n in (0, 1))
    for kind, p in model.architecture.probabilities().items():
        np.testing.assert_array_equal(first[kind], p)
        np.testing.assert_array_equal(second[kind], p)
    before = as_arrays(model.architecture.logits)
    model.train_step(digits(0, 8))
    for kind, logits in as_arrays(model.architecture.logits).items():
        assert np.abs(logits - before[kind]).max() > 1e-3


@pytest.mark.slow
def test_an_estimator_of_the_users_own_is_given_to_the_model():
    """Here one whose one-hot rows run all operations, which then all have a credit."""

    def hard(architecture, temperature, seed):
        @tf.custom_gradient
        def harden(z):
            return tf.one_hot(tf.argmax(z, axis=-1), z.shape[-1]), lambda gradient: gradient

        samples = concrete(architecture, temperature, seed)
        return {kind: harden(z) for kind, z in samples.items()}

    model = build_compiled(estimator=Estimator("hard", hard))
    assert not model.single_path
    assert set(np.unique(model.draw(SEED)["normal"])) == {0.0, 1.0}
    model.train_step(digits(0, 8))
    for logits in as_arrays(model.architecture.logits).values():
        assert np.abs(logits).max() > 1e-3
