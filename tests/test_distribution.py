# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The distribution of architectures against golden numbers, closed forms and its own statistics.

Many draws come from one call: a cell of 446 nodes has 1e5 edges, and equal rows of logits make
their decisions independent draws of one distribution.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import ArchitectureDistribution, space
from snas_tf.distribution import log_density, relaxed_log_sample

LOGITS = np.array([0.3, -0.5, 1.0, 0.1])
PROBABILITIES = np.array([0.233546, 0.104939, 0.470304, 0.191211])
NOISE = np.array([0.2, 1.1, -0.3, 0.7])
UPSTREAM = np.array([1.0, -2.0, 0.5, 3.0])
# temperature: Z, the gradient of UPSTREAM . Z in the logits, log-density of log Z, of Z
GOLDEN = {
    1.0: (
        [0.213838220366, 0.236327782322, 0.261182592155, 0.288651405157],
        [0.056083741963, -0.647001226371, -0.062090458957, 0.653007943365],
        (-4.300083434085, 1.270058683736),
    ),
    0.5: (
        [0.180657171876, 0.220655168011, 0.269508830811, 0.329178829301],
        [0.049992269474, -1.262870312245, -0.194929128518, 1.407807171288],
        (-6.379524975765, -0.734908488639),
    ),
    0.1: (
        [0.03205860328, 0.087144318742, 0.23688281809, 0.643914259888],
        [-0.291077420358, -3.405560024694, -3.335201478605, 7.031838923657],
        (-11.207838713067, -3.447079918822),
    ),
    0.03: (
        [4.378040387677e-5, 1.227235859205e-3, 3.440141526233e-2, 0.9643275684746],
        [-2.784102008763e-3, -0.2007664890982, -2.761026308597, 2.964576899704],
        (-14.819757126045, 5.325539837030),
    ),
}
MANY_NODES = 446
SEED = tf.constant([3, 5], tf.int32)

every_temperature = pytest.mark.parametrize("temperature", GOLDEN)


def softmax(values):
    exponentials = np.exp(values - values.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def noise(shape, seed=SEED):
    """What the seed adds to logits, up to a constant a row."""
    return relaxed_log_sample(tf.zeros(shape), 1.0, seed).numpy().astype("float64")


def draws(logits, temperature, count=200_000, seed=SEED):
    rows = tf.tile(tf.constant(logits, tf.float32)[None], (count, 1))
    return relaxed_log_sample(rows, temperature, seed).numpy()


def distribution(cells=None, scale=1.0, **kwargs):
    architecture = ArchitectureDistribution(cells or space.CellSpace(), **kwargs)
    generator = np.random.default_rng(1)
    for logits in architecture.logits.values():
        logits.assign(scale * generator.normal(size=logits.shape))
    return architecture


# === One draw ===


@every_temperature
def test_golden_sample_gradient_and_density(temperature):
    """The logits are shifted by the seed's noise, so that the sum is the golden one."""
    sample, gradient, (log_space, simplex) = GOLDEN[temperature]
    logits = tf.constant(LOGITS + NOISE - noise((4,)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_sample = relaxed_log_sample(logits, temperature, SEED)
        loss = tf.reduce_sum(tf.exp(log_sample) * tf.constant(UPSTREAM, tf.float32))
    tolerance = {"rtol": 3e-4, "atol": 1e-6}
    np.testing.assert_allclose(tf.exp(log_sample), sample, **tolerance)
    np.testing.assert_allclose(tape.gradient(loss, logits), gradient, **tolerance)
    density = log_density(
        tf.constant(np.log(sample), tf.float32), tf.constant(LOGITS, tf.float32), temperature
    )
    np.testing.assert_allclose(density, log_space, rtol=1e-5)
    np.testing.assert_allclose(density - np.log(sample).sum(), simplex, rtol=1e-4)


@pytest.mark.slow
@given(
    st.integers(0, 2**31 - 1),
    st.sampled_from([1.0, 0.5, 0.1, 0.03]),
    st.floats(0.1, 5.0),
)
@settings(max_examples=40, deadline=None)
def test_sample_and_gradient_are_the_closed_form(number, temperature, scale):
    """Z = softmax((a + G) / lambda) and dL/da = (1 / lambda) Z (v - Z . v)."""
    generator = np.random.default_rng(number)
    seed = tf.constant([number, 7], tf.int32)
    logits = tf.constant(scale * generator.normal(size=(14, 8)), tf.float32)
    upstream = generator.normal(size=(14, 8))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        sample = tf.exp(relaxed_log_sample(logits, temperature, seed))
        loss = tf.reduce_sum(sample * tf.constant(upstream, tf.float32))
    expected = softmax((logits.numpy() + noise((14, 8), seed)) / temperature)
    np.testing.assert_allclose(sample, expected, atol=1e-5 / temperature)
    drawn = sample.numpy().astype("float64")
    credit = (drawn * upstream).sum(-1, keepdims=True)
    gradient = tape.gradient(loss, logits).numpy()
    expected = drawn * (upstream - credit) / temperature
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5 / temperature)
    np.testing.assert_allclose(gradient.sum(-1), 0.0, atol=1e-5 / temperature)
    np.testing.assert_allclose(drawn.sum(-1), 1.0, atol=1e-5)
    assert (drawn >= 0).all()


@every_temperature
def test_a_constant_added_to_a_row_changes_nothing(temperature, rng):
    architecture = distribution()
    before = architecture.sample(temperature, SEED), architecture.probabilities()
    for logits in architecture.logits.values():
        logits.assign_add(rng.normal(size=(14, 1)))
    after = architecture.sample(temperature, SEED), architecture.probabilities()
    for left, right in zip(tf.nest.flatten(before), tf.nest.flatten(after), strict=True):
        np.testing.assert_allclose(left, right, atol=2e-6 / temperature)


@every_temperature
def test_the_density_is_the_papers_formula(temperature):
    """(K - 1)! lambda^(K - 1) prod_k alpha_k z_k^-(lambda + 1) / (sum_k alpha_k z_k^-lambda)^K."""
    architecture = distribution()
    samples = architecture.sample(temperature, SEED)
    for kind, logits in architecture.logits.items():
        clipped = np.maximum(samples[kind].numpy().astype("float64"), np.finfo("float32").tiny)
        log_sample, log_alpha = np.log(clipped), logits.numpy().astype("float64")
        terms = log_alpha - temperature * log_sample
        simplex = np.log(5040 * temperature**7) + (terms - log_sample).sum(-1)
        simplex -= 8 * np.log(np.exp(terms).sum(-1))
        expected = simplex + log_sample.sum(-1)
        found = architecture.log_prob(samples, temperature)[kind]
        assert found.shape == (14,)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_log_prob_at_samples_is_log_density_at_log_samples():
    architecture = distribution()
    samples, log_samples = architecture.sample(0.5, SEED), architecture.log_sample(0.5, SEED)
    for kind, logits in architecture.logits.items():
        np.testing.assert_allclose(
            architecture.log_prob(samples, 0.5)[kind],
            log_density(log_samples[kind], tf.convert_to_tensor(logits), 0.5),
            rtol=1e-4,
        )


@pytest.mark.parametrize("temperature", [0.03, 0.01])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_everything_stays_finite_in_1e5_draws(temperature, policy):
    keras.config.set_dtype_policy(policy)
    architecture = distribution(space.CellSpace(MANY_NODES), scale=3.0)
    logits = list(architecture.trainable_variables)
    assert logits[0].shape[0] > 100_000
    with tf.GradientTape(persistent=True) as tape:
        log_samples = architecture.log_sample(temperature, SEED)
        samples = architecture.sample(temperature, SEED)
        log_probs = architecture.log_prob(samples, temperature)
        exact = [
            log_density(log_samples[kind], tf.convert_to_tensor(value), temperature)
            for kind, value in architecture.logits.items()
        ]
        loss = tf.add_n([tf.reduce_sum(sample**2) for sample in samples.values()])
    gradients = [
        tape.gradient(target, [variable.value for variable in logits])
        for target in (loss, list(log_probs.values()), exact)
    ]
    for tensor in tf.nest.flatten([samples, log_samples, log_probs, exact, gradients]):
        assert tensor.dtype == tf.float32 and np.isfinite(tensor).all()
    assert all(np.abs(gradient).max() > 0 for gradient in tf.nest.flatten(gradients))


# === Many draws ===


@every_temperature
def test_the_greatest_weight_is_that_of_gumbel_max(temperature):
    """Frequencies are the probabilities, and choices the same, at every temperature."""
    choices = draws(LOGITS, temperature).argmax(-1)
    frequencies = np.bincount(choices, minlength=4) / len(choices)
    np.testing.assert_allclose(frequencies, PROBABILITIES, atol=4.5e-3)  # 4 sigma
    assert (choices == draws(LOGITS, 0.3).argmax(-1)).mean() > 0.9999
    assert (choices == (LOGITS + noise((len(choices), 4))).argmax(-1)).mean() > 0.9999


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [(1.0, 0.495), (0.5, 0.704), (0.3, 0.817), (0.1, 0.939), (0.03, 0.982)],
)
def test_mean_of_the_greatest_weight(temperature, expected):
    greatest = np.exp(draws(np.zeros(8), temperature)).max(-1)
    assert abs(greatest.mean() - expected) < 0.003


@pytest.mark.parametrize(("temperature", "expected"), [(0.1, 0.21), (0.03, 0.64), (0.01, 0.86)])
def test_share_of_samples_that_are_one_in_float32(temperature, expected):
    greatest = np.exp(draws(np.zeros(8), temperature)).max(-1)
    assert abs((greatest == 1.0).mean() - expected) < 0.01


def test_a_categorical_sample_is_one_hot_and_the_nearest_to_a_relaxed_one_of_its_seed():
    architecture = distribution()
    drawn = architecture.categorical_sample(SEED)
    for name, relaxed in architecture.sample(0.3, SEED).items():
        rows = drawn[name].numpy()
        np.testing.assert_array_equal(rows, np.eye(8)[relaxed.numpy().argmax(-1)])
    wide = distribution(space.CellSpace(MANY_NODES, space.PRIMITIVES[:4]))
    for logits in wide.logits.values():
        logits.assign(np.broadcast_to(LOGITS, logits.shape))
    frequencies = wide.categorical_sample(SEED)["normal"].numpy().mean(axis=0)
    np.testing.assert_allclose(frequencies, PROBABILITIES, atol=6.5e-3)  # 4 sigma


def test_the_categorical_log_prob_is_that_of_the_choice_and_its_gradient_is_z_less_p():
    architecture = distribution()
    chosen = architecture.categorical_sample(SEED)
    logits = architecture.logits["normal"].value
    with tf.GradientTape() as tape:
        log_prob = architecture.categorical_log_prob(chosen)["normal"]
    p, rows = softmax(logits.numpy()), chosen["normal"].numpy()
    np.testing.assert_allclose(log_prob, np.log((p * rows).sum(-1)), rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(log_prob, logits), rows - p, atol=1e-6)


def test_the_mean_is_biased_when_warm_and_the_probabilities_when_cold():
    warm, cold = (np.exp(draws(LOGITS, temperature)).mean(0) for temperature in (1.0, 0.03))
    np.testing.assert_allclose(warm, [0.2468, 0.1389, 0.4001, 0.2141], atol=2e-3)
    assert np.abs(warm - PROBABILITIES).max() > 0.05
    np.testing.assert_allclose(cold, PROBABILITIES, atol=6e-3)


def test_gradient_noise_grows_like_the_inverse_root_of_the_temperature():
    def deviation(temperature):
        sample = np.exp(draws(LOGITS, temperature).astype("float64"))
        credit = (sample * UPSTREAM).sum(-1, keepdims=True)
        return (sample * (UPSTREAM - credit) / temperature).std(0)

    np.testing.assert_allclose(deviation(0.03) / deviation(0.1), 1.9, rtol=0.1)


def test_edges_and_kinds_and_seeds_are_independent():
    architecture = ArchitectureDistribution(space.CellSpace(MANY_NODES))
    first, second = architecture.sample(0.5, SEED), architecture.sample(0.5, SEED + 1)
    normal = first["normal"].numpy()
    bound = 4.5 / np.sqrt(len(normal))
    for other in (first["reduction"].numpy(), second["normal"].numpy(), np.roll(normal, 1, 0)):
        correlations = np.corrcoef(normal.T, other.T)[:8, 8:]
        assert np.abs(correlations).max() < bound


def test_the_same_seed_gives_the_same_bits():
    architecture = distribution()
    sample = tf.function(architecture.sample)
    first = architecture.sample(0.1, SEED)
    for again in (architecture.sample(0.1, SEED), architecture.sample(0.1, tf.constant([3, 5]))):
        for kind in space.KINDS:
            np.testing.assert_array_equal(first[kind], again[kind])
    for left, right in zip(sample(tf.constant(0.1), SEED).values(), first.values(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-7)
    assert np.abs(first["normal"] - architecture.sample(0.1, SEED + 1)["normal"]).max() > 0.1


def test_kinds_of_equal_logits_get_different_draws():
    samples = ArchitectureDistribution(space.CellSpace()).sample(0.1, SEED)
    assert np.abs(samples["normal"] - samples["reduction"]).max() > 0.1


# === Summaries ===


def test_the_start_is_uniform_with_the_greatest_entropy():
    architecture = ArchitectureDistribution(space.CellSpace())
    assert {kind: value.shape for kind, value in architecture.logits.items()} == {
        "normal": (14, 8),
        "reduction": (14, 8),
    }
    for kind in space.KINDS:
        np.testing.assert_allclose(architecture.probabilities()[kind], 1 / 8)
        np.testing.assert_allclose(architecture.entropy()[kind], 14 * np.log(8), rtol=1e-6)
        np.testing.assert_allclose(architecture.entropy()[kind], 29.112, atol=1e-3)


def test_entropy_and_probabilities_are_the_closed_forms():
    architecture = distribution(scale=2.0)
    for kind, logits in architecture.logits.items():
        expected = softmax(logits.numpy().astype("float64"))
        np.testing.assert_allclose(architecture.probabilities()[kind], expected, rtol=1e-5)
        entropy = -(expected * np.log(expected)).sum()
        np.testing.assert_allclose(architecture.entropy()[kind], entropy, rtol=1e-5)


def test_entropy_of_a_certain_architecture_is_zero_and_its_samples_are_one_hot():
    architecture = ArchitectureDistribution(space.CellSpace())
    certain = np.eye(8)[np.arange(14) % 8]
    architecture.logits["normal"].assign(1e4 * certain)
    np.testing.assert_allclose(architecture.entropy()["normal"], 0.0, atol=1e-6)
    np.testing.assert_array_equal(architecture.sample(0.5, SEED)["normal"], certain)
    np.testing.assert_array_equal(architecture.mode()["normal"], certain)


def test_the_mode_is_one_hot_and_ties_keep_the_first():
    architecture = distribution()
    architecture.logits["normal"].assign(np.zeros((14, 8)))
    mode = architecture.mode()
    assert {value.dtype for value in mode.values()} == {tf.float32}
    np.testing.assert_array_equal(mode["normal"], np.eye(8)[[0] * 14])
    best = architecture.logits["reduction"].numpy().argmax(-1)
    np.testing.assert_array_equal(mode["reduction"], np.eye(8)[best])
    assert architecture.genotype().connections("normal") == ()


def test_the_genotype_is_the_mode_even_where_float32_probabilities_tie():
    cells = space.CellSpace(1)
    architecture = ArchitectureDistribution(cells)
    architecture.logits["normal"].assign([[0.0, 1e-9] + [0.0] * 6] * 2)
    assert np.ptp(architecture.probabilities()["normal"]) == 0
    assert architecture.mode()["normal"].numpy().argmax(-1).tolist() == [1, 1]
    assert [edge.operation for edge in architecture.genotype().connections("normal")] == [
        "max_pool_3x3"
    ] * 2


@pytest.mark.parametrize("rule", space.RULES)
def test_the_genotype_follows_the_rule(rule):
    architecture = distribution()
    probabilities = {kind: value.numpy() for kind, value in architecture.probabilities().items()}
    expected = architecture.space.decode(probabilities, rule)
    assert architecture.genotype(rule) == expected
    if rule == "top2":
        assert len(expected.connections("normal")) == 8


# === Keras ===


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16", "bfloat16"])
def test_logits_are_float32_and_get_gradients_in_a_graph(policy):
    keras.config.set_dtype_policy(policy)
    architecture = distribution()
    logits = architecture.trainable_variables
    assert [variable.dtype for variable in logits] == ["float32"] * 2

    @tf.function
    def step(seed):
        with tf.GradientTape() as tape:
            samples = architecture.sample(tf.constant(0.5), seed)
            log_probs = architecture.log_prob(samples, tf.constant(0.5))
            summaries = (architecture.probabilities(), architecture.entropy())
            loss = tf.add_n(
                [
                    tf.reduce_sum(tensor**2)
                    for tensor in tf.nest.flatten((samples, log_probs, summaries))
                ]
            )
        return samples, tape.gradient(loss, [variable.value for variable in logits])

    samples, gradients = step(SEED)
    assert {value.dtype for value in samples.values()} == {tf.float32}
    for gradient in gradients:
        assert gradient.dtype == tf.float32 and np.isfinite(gradient).all()
        assert np.abs(gradient).max() > 0
    names = [variable.name for variable in logits]
    assert names == ["normal_logits", "reduction_logits"]
    assert all(variable.path.startswith("architecture/") for variable in logits)


def test_the_initializer_is_the_users():
    initializer = keras.initializers.RandomNormal(mean=1.0, stddev=0.01, seed=0)
    architecture = ArchitectureDistribution(space.CellSpace(), initializer)
    values = architecture.logits["normal"].numpy()
    assert abs(values.mean() - 1) < 0.01 and 0.005 < values.std() < 0.02


def test_config_round_trip():
    cells = space.CellSpace(2, ("none", "skip_connect", "sep_conv_3x3"))
    architecture = ArchitectureDistribution(cells, keras.initializers.Constant(0.5), name="mine")
    restored = ArchitectureDistribution.from_config(architecture.get_config())
    assert restored.space == cells and restored.name == "mine"
    np.testing.assert_array_equal(restored.logits["reduction"], np.full((5, 3), 0.5))
    config = keras.saving.serialize_keras_object(architecture)
    assert keras.saving.deserialize_keras_object(config).space == cells


@keras.saving.register_keras_serializable(package="tests")
class Holder(keras.Model):
    """A model with a distribution inside."""

    def __init__(self, architecture, **kwargs):
        super().__init__(**kwargs)
        self.architecture = architecture
        self.built = True

    def call(self, inputs):
        return inputs * self.architecture.probabilities()["normal"][0, 0]

    def get_config(self):
        return {"architecture": keras.saving.serialize_keras_object(self.architecture)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config["architecture"]))


def test_saves_and_loads_inside_a_model(tmp_path):
    model = Holder(distribution(space.CellSpace(3)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").architecture
    assert loaded.space == model.architecture.space
    for kind in space.KINDS:
        np.testing.assert_array_equal(loaded.logits[kind], model.architecture.logits[kind])
        np.testing.assert_array_equal(
            loaded.sample(0.1, SEED)[kind], model.architecture.sample(0.1, SEED)[kind]
        )


def test_it_lives_under_replicas(two_replicas):
    with two_replicas.scope():
        architecture = distribution()

    @tf.function
    def step():
        return two_replicas.run(lambda: architecture.sample(tf.constant(0.5), SEED))

    for kind, expected in architecture.sample(0.5, SEED).items():
        for sample in two_replicas.experimental_local_results(step()[kind]):
            np.testing.assert_allclose(sample, expected, rtol=1e-4, atol=1e-6)
