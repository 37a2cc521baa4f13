# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Decisions are learnt one after another, each with those before it settled."""

import keras
import numpy as np
import pytest

from snas_tf import ResourceCost, space
from snas_tf.errors import InvalidInput
from snas_tf.search import fit_in_sequence
from tests.search.small_models import CELLS, SKELETON, build_compiled, digits


class Watch(keras.callbacks.Callback):
    """The logits after every epoch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append({k: v.numpy() for k, v in self.model.architecture.logits.items()})


@pytest.fixture(scope="module")
def searched():
    model = build_compiled(temperature=0.5)
    watch, kernel = Watch(), model.supernet.classifier.dense.kernel.numpy()
    arrays = digits(0, 64)
    told = fit_in_sequence(
        model, ["normal", "reduction"], *arrays, batch_size=32, verbose=0, callbacks=[watch]
    )
    return model, watch.seen, told, kernel


def test_one_decision_learns_at_a_time(searched):
    _, (first, second), told, _ = searched
    assert len(told) == 2
    assert np.any(first["normal"]) and not np.any(first["reduction"])  # uniform until its turn
    assert np.any(second["reduction"])
    assert {*np.unique(second["normal"])} == {0.0, 40.0}  # settled meanwhile
    best = first["normal"].argmax(axis=1)
    np.testing.assert_array_equal(second["normal"].argmax(axis=1), best)


def test_in_the_end_all_is_settled_and_can_learn_again(searched):
    model, seen, _, kernel = searched
    rows = {k: v.numpy() for k, v in model.architecture.probabilities().items()}
    for values in rows.values():
        np.testing.assert_allclose(values.max(axis=1), 1.0)
    last = {"normal": seen[1]["normal"], "reduction": seen[1]["reduction"]}
    assert model.genotype() == CELLS.decode(last)
    assert len(model.architecture.trainable_variables) == 2
    assert np.any(model.supernet.classifier.dense.kernel.numpy() != kernel)


def test_what_is_settled_leaves_room_for_the_rest_within_a_budget():
    table = space.cell_cost_table(CELLS, SKELETON)
    (limit,) = space.limits(space.Budget(parameters=10**9), table)
    budget = space.Budget(parameters=limit.least + 100)
    cost = ResourceCost(table, budget=budget)
    model = build_compiled(temperature=0.5, resource_cost=cost)
    dear = CELLS.primitives.index("sep_conv_3x3")
    for logits in model.architecture.logits.values():
        logits.assign(3.0 * np.eye(4)[[dear] * CELLS.num_edges])
    fit_in_sequence(model, [("reduction", "normal")], *digits(0, 32), verbose=0)
    found = model.architecture.genotype()
    assert found == model.genotype()  # what is settled keeps to it by itself
    assert space.cost(found, SKELETON).parameters <= limit.least + 100


@pytest.mark.parametrize("groups", [["normal"], ["normal", "normal"], ["normal", "odd"], []])
def test_each_decision_has_one_turn(groups):
    model = build_compiled(temperature=0.5)
    with pytest.raises(InvalidInput, match="`groups` must name each of normal, reduction once"):
        fit_in_sequence(model, groups, *digits(0, 32), verbose=0)
