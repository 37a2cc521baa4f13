# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.morphs.morph import DEEPEN, WIDEN, apply

ROOT = space.convolutional_root((8, 8, 1), 10, num_blocks=2, filters=8)
MORPHS = space.MorphSpace(ROOT)
SEEDS = st.integers(0, 2**16)


def grown(seed):
    return MORPHS.sample(np.random.default_rng(seed))


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_a_network_that_was_sampled_is_in_the_space_and_the_same_for_the_same_chance(seed):
    network = grown(seed)
    assert network == grown(seed)
    assert MORPHS.from_json(network.to_json()) == network
    assert hash(pickle.loads(pickle.dumps(network))) == hash(network)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_every_neighbor_grows_from_all_that_its_network_grew_from_and_not_back(seed):
    network = grown(seed)
    shape = network.shapes[network.output.name]
    for morph, neighbor in list(MORPHS.morphs(network))[seed % 5 :: 5]:
        assert MORPHS.descends(network, neighbor), str(morph)
        assert MORPHS.descends(ROOT, neighbor), str(morph)
        assert not MORPHS.descends(neighbor, network), str(morph)
        assert neighbor.shapes[neighbor.output.name] == shape
        assert neighbor.by_name.keys() >= network.by_name.keys()
        more = space.layer_graph_cost(neighbor).parameters
        less = space.layer_graph_cost(network).parameters
        assert more > less or (more == less and morph.detail in ("dropout",))


def test_neighbors_come_in_one_order_and_are_different():
    once, again = ([*MORPHS.neighbors(ROOT)] for _ in range(2))
    assert once == again
    assert len({*once}) == len(once) > 20


def test_a_mutation_is_a_neighbor():
    mutated = MORPHS.mutate(ROOT, np.random.default_rng(3))
    assert mutated in {*MORPHS.neighbors(ROOT)}


def test_every_kind_of_morph_is_as_likely():
    rng = np.random.default_rng(0)
    added = [len(MORPHS.mutate(ROOT, rng).layers) == len(ROOT.layers) for _ in range(300)]
    assert 70 < sum(added) < 130  # widenings, of 2 places; there are 14 deepenings and 8 skips


def test_networks_keep_to_the_bounds():
    bounded = space.MorphSpace(
        ROOT, max_layers=14, max_parameters=2000, max_width=16, kernel_sizes=(3,)
    )
    rng = np.random.default_rng(0)
    for _ in range(20):
        network = bounded.sample(rng)
        assert len(network.layers) <= 14
        assert space.layer_graph_cost(network).parameters <= 2000
        widths = [layer.config.get("filters", 0) for layer in network.layers]
        assert max(widths) <= 16
        assert not any("conv_5x5" in layer.name for layer in network.layers)


def test_a_step_needs_what_the_rule_says_and_networks_keep_to_it():
    """Of 23 weights, and of 4 + 3 + 3 + 2 numbers an image."""
    table = space.dense_root(4, 2, num_layers=1, units=3)
    assert space.training_bytes(table, 10) == 4 * (4 * 23 + 2 * 10 * 12)
    most = 2 * space.training_bytes(ROOT, 32)
    bounded = space.MorphSpace(ROOT, max_memory=most, batch_size=32)
    rng = np.random.default_rng(0)
    found = [space.training_bytes(bounded.sample(rng), 32) for _ in range(20)]
    assert max(found) <= most
    free = [space.training_bytes(MORPHS.sample(rng), 32) for _ in range(20)]
    assert max(free) > most
    large = next(each for each in MORPHS.neighbors(ROOT) if space.training_bytes(each, 32) > 0)
    with pytest.raises(InvalidInput, match="keep to `max_memory`, at most "):
        space.MorphSpace(ROOT, max_memory=space.training_bytes(ROOT, 32), batch_size=32).check(
            large
        )


def test_where_the_bounds_leave_no_morph_a_mutation_is_the_network_itself():
    full = space.MorphSpace(
        ROOT, max_parameters=space.layer_graph_cost(ROOT).parameters, max_layers=len(ROOT.layers)
    )
    assert full.mutate(ROOT, np.random.default_rng(0)) == ROOT
    assert [*full.neighbors(ROOT)] == []


def test_morphs_of_different_places_give_the_same_network_in_either_order():
    wide, deep = space.Morph(WIDEN, "conv_1"), space.Morph(DEEPEN, "relu_2", "conv_3x3")
    assert apply(apply(ROOT, wide), deep) == apply(apply(ROOT, deep), wide)


def test_the_config_restores_the_space():
    again = space.MorphSpace.from_config(MORPHS.get_config())
    assert again == MORPHS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"max_layers": 0}, "max_layers"),
        ({"max_parameters": 10}, "room for the root"),
        ({"kernel_sizes": (2,)}, "odd"),
        ({"max_memory": 100}, "`max_memory` must leave room for the root, which has"),
        ({"max_memory": -1}, "`max_memory` must be a whole number, at least 0: given -1"),
        ({"batch_size": 0}, "`batch_size`"),
        ({"skip_weight": 0.0}, "skip_weight"),
    ],
)
def test_bounds_out_of_range_are_refused(arguments, said):
    with pytest.raises(InvalidInput, match=said):
        space.MorphSpace(ROOT, **arguments)


def test_a_network_of_another_root_is_refused():
    other = space.convolutional_root((8, 8, 1), 10, num_blocks=3, filters=8)
    with pytest.raises(InvalidInput, match="grow by morphs from the root"):
        space.MorphSpace(other).from_json(ROOT.to_json())
    with pytest.raises(InvalidInput, match="must be a JSON object"):
        MORPHS.from_json("[]")
    network = MORPHS.sample(np.random.default_rng(1))
    small = space.MorphSpace(ROOT, max_layers=len(ROOT.layers))
    with pytest.raises(InvalidInput, match="keep to `max_layers`, at most"):
        small.from_json(network.to_json())
