# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One suite over every space of decisions."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from tests import own_space

SPACES = {
    "paper": space.CellSpace(),
    "tiny": space.CellSpace(1, ("none", "skip_connect")),
    "without none": space.CellSpace(2, ("skip_connect", "sep_conv_3x3")),
    "NAS-Bench-201": space.nas_bench_201_cells(),
    "product": space.ProductSpace(
        [
            space.Decision("kernel", ["a", "b", "c"], ["1", "3"]),
            space.Decision("depth", ["all"], ["0", "1", "2", "3"]),
        ]
    ),
    "graphs": space.GraphSpace(2, 2),
    "documented": own_space.definitions()["SPACE"],
}

every_space = pytest.mark.parametrize("searched", SPACES.values(), ids=SPACES)
seeds = st.integers(0, 10**9)


@every_space
def test_it_is_one(searched):
    assert isinstance(searched, space.DecisionSpace)
    names = [decision.name for decision in searched.decisions]
    assert names and len({*names}) == len(names)
    assert hash(searched) == hash(type(searched).from_config(searched.get_config()))
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(searched)) == (
        searched
    )


@every_space
@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_what_is_encoded_is_decoded(searched, seed):
    architecture = searched.sample(np.random.default_rng(seed))
    rows = searched.encode(architecture)
    assert {name: z.shape for name, z in rows.items()} == {
        decision.name: decision.shape for decision in searched.decisions
    }
    for z in rows.values():
        assert z.dtype == np.float32
        assert {*z.ravel()} <= {0.0, 1.0}
        np.testing.assert_array_equal(z.sum(axis=1), 1.0)
    assert searched.decode(rows) == architecture
    assert hash(searched.decode(rows)) == hash(architecture)
    assert searched.from_json(architecture.to_json()) == architecture


@every_space
@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_scores_choose_the_best_option_of_every_row(searched, seed):
    generator = np.random.default_rng(seed)
    scores = {d.name: generator.normal(size=d.shape) for d in searched.decisions}
    for name, z in searched.encode(searched.decode(scores)).items():
        np.testing.assert_array_equal(z.argmax(axis=1), scores[name].argmax(axis=1))


@every_space
@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_mutation_changes_one_row(searched, seed):
    generator = np.random.default_rng(seed)
    before = searched.sample(generator)
    rows, others = searched.encode(before), searched.encode(searched.mutate(before, generator))
    assert sum((rows[name] != others[name]).any(axis=1).sum() for name in rows) == 1


@every_space
def test_chance_comes_from_the_generator_alone(searched):
    first, second = (np.random.default_rng(3) for _ in range(2))
    one = [searched.sample(first) for _ in range(4)]
    assert one == [searched.sample(second) for _ in range(4)]
    assert searched.mutate(one[0], first) == searched.mutate(one[0], second)
    many = {searched.sample(first) for _ in range(60)}
    assert len(many) > 10 or len(many) == 16  # all of the smallest


@every_space
def test_nothing_else_is_taken(searched):
    for refuse in (
        lambda: searched.from_json("{}"),
        lambda: searched.decode({d.name: np.ones(d.shape) for d in searched.decisions}, "best"),
        lambda: searched.decode({d.name: np.ones((99, 99)) for d in searched.decisions}),
        lambda: searched.decode({d.name: np.full(d.shape, np.nan) for d in searched.decisions}),
    ):
        with pytest.raises(InvalidInput):
            refuse()
