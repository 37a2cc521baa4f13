# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Stateless seeds: the same for the same counters, different for everything else."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from snas_tf.seeds import replica_id, stateless_seed


def seed(*arguments):
    return tuple(stateless_seed(*arguments).numpy().tolist())


def test_is_a_seed_for_stateless_operations():
    value = stateless_seed(3, 1, tf.constant(5, tf.int64), 6)
    assert value.shape == (2,)
    assert value.dtype.is_integer
    assert tf.random.stateless_uniform((3,), value).shape == (3,)


def test_same_arguments_same_seed_in_a_graph_too():
    eager = seed(3, 1, tf.constant(5, tf.int64))
    assert eager == seed(3, 1, tf.constant(5, tf.int64))
    graph = tf.function(lambda step: stateless_seed(3, 1, step))
    assert eager == tuple(graph(tf.constant(5, tf.int64)).numpy().tolist())


def test_takes_a_variable_as_a_counter():
    step = tf.Variable(5, dtype=tf.int64)
    first = seed(3, 1, step)
    step.assign_add(1)
    assert first == seed(3, 1, tf.constant(5, tf.int64)) != seed(3, 1, step)


def test_every_argument_matters():
    arguments = itertools.product((0, 1, 2, 12345), (0, 1, 2), (0, 1, 1000), (0, 1))
    seeds = [seed(*values) for values in arguments]
    assert len(set(seeds)) == len(seeds) == 4 * 3 * 3 * 2


def test_draws_of_neighbouring_seeds_are_uncorrelated():
    """Over seeds, streams and steps; a correlation of n pairs has standard deviation n^-1/2."""
    count = 1000
    for first, second in (((0, 0), (1, 0)), ((0, 0), (0, 1))):
        draws = [
            [
                float(tf.random.stateless_normal((), stateless_seed(*start, step)))
                for step in range(count)
            ]
            for start in (first, second)
        ]
        assert abs(np.corrcoef(draws)[0, 1]) < 4 * count**-0.5
        assert abs(np.corrcoef(draws[0][:-1], draws[0][1:])[0, 1]) < 4 * count**-0.5


def test_the_only_replica_is_number_zero(two_replicas):
    assert replica_id() == 0
    with two_replicas.scope():
        assert replica_id() == 0


@pytest.mark.parametrize("in_a_graph", [False, True])
def test_replicas_differ_and_the_first_is_as_one_device(two_replicas, in_a_graph):
    def draw():
        return two_replicas.run(lambda: (tf.identity(replica_id()), stateless_seed(3, 1, 5)))

    ids, seeds = tf.function(draw)() if in_a_graph else draw()
    assert [int(n) for n in two_replicas.experimental_local_results(ids)] == [0, 1]
    first, second = two_replicas.experimental_local_results(seeds)
    assert tuple(first.numpy().tolist()) == seed(3, 1, 5) != tuple(second.numpy().tolist())
