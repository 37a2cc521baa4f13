# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The policy gradient, averaged over a whole tiny space, is the exact one; steps by hand."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.black_box import reinforce
from snas_tf.black_box.controller import RecurrentDecisions
from snas_tf.black_box.policy import IndependentDecisions
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput

SPACE = space.ProductSpace(
    [
        space.Decision("kernel", ["first", "second"], ["1", "3", "5"]),
        space.Decision("pool", ["last"], ["no", "yes"]),
    ]
)
"""All 18 architectures of it are listed."""

EVERY = [
    {"kernel": np.eye(3, dtype=np.float32)[[first, second]], "pool": np.eye(2)[[pool]]}
    for first, second, pool in itertools.product(range(3), range(3), range(2))
]
EVERY = [{name: tf.constant(z, tf.float32) for name, z in each.items()} for each in EVERY]
REWARDS = np.random.default_rng(1).normal(size=len(EVERY))


def networks():
    """Both, somewhere."""
    made = [IndependentDecisions(SPACE), RecurrentDecisions(SPACE, units=3, seed=0)]
    generator = np.random.default_rng(0)
    for network in made:
        for variable in network.trainable_variables:
            variable.assign(generator.normal(size=variable.shape))
    return made


every_network = pytest.mark.parametrize("number", [0, 1], ids=["independent", "recurrent"])


def gradients(network, value):
    """Of a scalar function, by its arguments, all in one vector."""

    @tf.function
    def compute(*arguments):
        variables = [variable.value for variable in network.trainable_variables]
        with tf.GradientTape() as tape:
            result = value(*arguments)
        return tf.concat([tf.reshape(each, [-1]) for each in tape.gradient(result, variables)], 0)

    return compute


@tf.function
def probabilities(network):
    together = {name: tf.stack([each[name] for each in EVERY]) for name in EVERY[0]}
    logs = tf.map_fn(
        lambda z: network.log_prob_and_entropy(z)[0], together, fn_output_signature=tf.float32
    )
    return tf.exp(logs)


def expected_reward(network):
    return tf.reduce_sum(probabilities(network) * REWARDS.astype(np.float32))


@pytest.mark.slow
@every_network
def test_averaged_over_the_space_it_is_the_gradient_of_the_expected_reward(number):
    """Whatever the baseline is."""
    network = networks()[number]
    p = probabilities(network).numpy()
    np.testing.assert_allclose(p.sum(), 1.0, rtol=1e-5)
    exact = gradients(network, lambda: expected_reward(network))()
    assert np.abs(exact).max() > 0.05
    of_trial = gradients(network, lambda z, a: reinforce.surrogate(network, z, a, 0.0))
    for baseline in (0.0, 1.7):
        steps_of_trials = [
            of_trial(z, tf.constant(reward - baseline, tf.float32))
            for z, reward in zip(EVERY, REWARDS, strict=True)
        ]
        np.testing.assert_allclose(p @ np.stack(steps_of_trials), exact, atol=2e-6)


def test_the_exact_gradient_by_hand():
    """dE[R]/dlogit of an option is p (E[R | the option] - E[R])."""
    network = networks()[0]
    p, table = probabilities(network).numpy(), REWARDS
    exact = gradients(network, lambda: expected_reward(network))()
    expected = []
    for name, places in (("kernel", 2), ("pool", 1)):
        for place in range(places):
            for option in range(EVERY[0][name].shape[1]):
                has = np.array([z[name][place, option] for z in EVERY])
                chance = (p * has).sum()
                expected.append(chance * ((p * has * table).sum() / chance - (p * table).sum()))
    np.testing.assert_allclose(exact, expected, atol=2e-6)


@every_network
def test_the_mean_of_the_entropy_is_that_of_the_whole_space(number):
    network = networks()[number]
    p = probabilities(network).numpy()
    entropy = tf.function(lambda z: network.log_prob_and_entropy(z)[1])
    mean = sum(chance * entropy(z).numpy() for chance, z in zip(p, EVERY, strict=True))
    np.testing.assert_allclose(mean, -(p * np.log(p)).sum(), rtol=1e-5)


@every_network
def test_draws_have_the_probabilities_of_the_network(number):
    network = networks()[number]
    p = probabilities(network).numpy()
    draw = tf.function(network.draw)
    counts = np.zeros(len(EVERY))
    rows = [np.concatenate([np.ravel(z["kernel"]), np.ravel(z["pool"])]) for z in EVERY]
    index = {tuple(row): number for number, row in enumerate(rows)}
    for seed in range(2000):
        z = draw(tf.constant([7, seed], tf.int32))
        counts[index[(*np.ravel(z["kernel"]), *np.ravel(z["pool"]))]] += 1
    deviation = np.sqrt(2000 * p * (1 - p))
    assert (np.abs(counts - 2000 * p) < 4.5 * deviation + 1).all()


@every_network
def test_every_architecture_is_as_probable_at_first(number):
    network = [IndependentDecisions(SPACE), RecurrentDecisions(SPACE, units=3, seed=0)][number]
    np.testing.assert_allclose(probabilities(network), 1 / 18, rtol=1e-5)


# === Steps ===


def trials(rewards, architectures):
    """That ended so."""
    return [
        Trial(
            number,
            SPACE.decode(EVERY[row]),
            metrics={"r": reward} if reward is not None else {},
            rewards=() if reward is None else (reward,),
            failure="" if reward is not None else "it broke",
        )
        for number, (reward, row) in enumerate(zip(rewards, architectures, strict=True))
    ]


def steps(**kwargs):
    given = {"learning_rate": 0.1, "entropy_weight": 0.0, "window": 0, "baseline_decay": 0.5}
    return reinforce.Steps(**{**given, **kwargs})


def logits(learner):
    return np.concatenate([np.ravel(each) for each in learner.network.trainable_variables])


def test_steps_by_hand():
    """The first trial is no better than itself and moves nothing. Adam's second step, of its first
    gradient g = A (Z - p), is 0.1 (0.1 g / 0.19) / sqrt(0.001 g^2 / 0.001999), whatever A is."""
    learner = reinforce.Learner(IndependentDecisions(SPACE), steps(), SPACE)
    learner.follow(trials([0.5], [0]))
    np.testing.assert_array_equal(logits(learner), 0)
    learner.follow(trials([0.5, 0.9], [0, 17]))
    step = 0.1 * (0.1 / 0.19) / np.sqrt(0.001 / 0.001999)
    signs = [-1, -1, 1, -1, -1, 1, -1, 1]
    np.testing.assert_allclose(logits(learner), np.multiply(step, signs), rtol=1e-4)


def test_the_entropy_bonus_leads_back_to_the_uniform_distribution():
    learner = reinforce.Learner(IndependentDecisions(SPACE), steps(entropy_weight=1.0), SPACE)
    learner.network.distribution.logits["pool"].assign([[2.0, 0.0]])
    learner.follow(trials([1.0] * 60, [0] * 60))  # no advantage in any
    uneven = logits(learner)[-2:]
    assert abs(uneven[0] - uneven[1]) < 0.3


@every_network
def test_steps_are_a_function_of_the_trials(number):
    """Taken at once, one by one, or after others that never were; and of their order."""
    made = [
        IndependentDecisions(SPACE) if number == 0 else RecurrentDecisions(SPACE, units=3, seed=0)
        for _ in range(2)
    ]
    learner, other = (reinforce.Learner(network, steps(window=5), SPACE) for network in made)
    history = trials([0.5, 0.9, None, 0.1, 0.7, 0.2], [0, 5, 9, 17, 5, 3])
    learner.follow(trials([0.3, 0.4, 0.9], [5, 6, 7]))
    for count in (2, 3, 6):
        learner.follow(history[:count])
    other.follow(history)
    np.testing.assert_array_equal(logits(learner), logits(other))
    other.follow(history[::-1])
    assert (logits(other) != logits(learner)).any()


@pytest.mark.parametrize("window", [0, 5])
def test_a_failure_counts_as_the_worst(window):
    network = IndependentDecisions(SPACE)
    learner = reinforce.Learner(network, steps(window=window), SPACE)
    history = trials([0.5, 0.9, None], [0, 5, 9])
    failed = EVERY[9]
    learner.follow(history[:2])
    before = network.log_prob_and_entropy(failed)[0].numpy()
    learner.follow(history)
    assert network.log_prob_and_entropy(failed)[0].numpy() < before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learning_rate": 0.0}, "`learning_rate` must be a positive number: given 0.0"),
        ({"entropy_weight": -1}, "`entropy_weight` must be a number, at least 0: given -1"),
        ({"window": 1}, "`window` must be 0, or a whole number of 2 or more: given 1"),
        ({"window": 2.5}, "`window` must be 0, or a whole number of 2 or more: given 2.5"),
        ({"baseline_decay": 1.0}, r"`baseline_decay` must be in \[0, 1\): given 1.0"),
    ],
)
def test_what_are_no_steps_is_refused(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        steps(**wrong)
