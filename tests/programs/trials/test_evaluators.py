# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The evaluator of a run: what it adds to metrics, and what goes to other processes."""

import pickle
import types

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.evaluation import Table
from snas_tf.programs import problems
from snas_tf.programs.trials.evaluators import OfRun, WithCosts
from snas_tf.runs.run_directory import RunDirectory

IMAGES = types.SimpleNamespace(num_classes=10, image_shape=(8, 8, 1))


@pytest.fixture
def problem():
    """Small cells on digits."""
    made = config.get_config()
    made.space.num_nodes = made.network.num_cells = 1
    return problems.of(made, "search", IMAGES)


def test_costs_are_added_and_never_replace_what_was_measured(problem, rng):
    cell = problem.space.sample(rng)
    table = Table([cell], {"accuracy": np.array([0.5]), "parameters": np.array([7.0])})
    judge = WithCosts(table, problem, ("parameters", "multiply_adds"))
    assert not judge.inherits and not judge.keeps_time
    assert judge.evaluate(cell, seed=0) == {
        "accuracy": 0.5,
        "parameters": 7.0,
        "multiply_adds": problem.cost(cell).multiply_adds,
    }


def test_other_processes_get_the_config_and_the_place_alone(tmp_path):
    made = config.get_config()
    made.trials.inherit = True
    made.trials.workers = 64
    told = []

    class Here:
        def evaluate(self, architecture, *, seed, parent=None):
            told.append((architecture, seed, parent))
            return {"accuracy": 1.0}

    judge = OfRun.of(made, RunDirectory(tmp_path), Here)
    assert judge.keeps_time  # it trains
    assert judge.evaluate(space.PUBLISHED["SNAS_MILD"], seed=3) == {"accuracy": 1.0}
    assert told == [(space.PUBLISHED["SNAS_MILD"], 3, None)]
    sent = pickle.loads(pickle.dumps(judge))
    assert (sent.workdir, sent.inherits, sent.here) == (str(tmp_path), True, None)
    assert '"inter_op_threads": 1' in sent.config  # its share of the cores
