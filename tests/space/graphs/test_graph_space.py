# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of graph cells: its places, what rules keep of it, what is refused, known networks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.graphs.derivation import RULES

SMALL = space.GraphSpace(2, 2)


@given(layers=st.integers(1, 3), states=st.integers(1, 6))
def test_a_chain_has_a_place_for_every_state_before_each(layers, states):
    searched = space.GraphSpace(layers, states)
    assert len(searched.places) == (states**2 + 3 * states) // 2
    assert all(source < state and state >= 2 for source, state in searched.places)
    assert [d.name for d in searched.decisions] == [
        f"layer_{layer}_{chain}" for layer in range(1, layers + 1) for chain in ("entity", "edge")
    ]
    assert all(d.shape == (len(searched.places), 5) for d in searched.decisions)


def test_the_published_cell_has_fourteen_places_a_chain():
    assert len(space.GraphSpace().places) == 14


@pytest.mark.parametrize("rule", ["top2", "greedy"])
@given(seed=st.integers(0, 10**6), states=st.integers(1, 4))
def test_rules_that_count_keep_two_places_a_state(rule, seed, states):
    searched = space.GraphSpace(1, states)
    rng = np.random.default_rng(seed)
    scores = {d.name: rng.dirichlet(np.ones(d.shape[1]), d.shape[0]) for d in searched.decisions}
    found = searched.decode(scores, rule)
    for decision in searched.decisions:
        for state in range(2, states + 2):
            kept = [
                (place, name)
                for place, name in zip(searched.places, found[decision.name], strict=True)
                if place.state == state and name != "none"
            ]
            assert len(kept) == 2
            for place, name in kept:
                row = scores[decision.name][searched.places.index(place)]
                best = max(row[k] for k, option in enumerate(decision.options) if option != "none")
                assert row[decision.options.index(name)] == best


def test_top2_takes_the_strongest_and_greedy_the_clearest():
    targets = np.array([3, 3, 3])
    scores = np.array([[0.1, 0.5, 0.4], [0.2, 0.45, 0.35], [0.55, 0.42, 0.03]])
    assert RULES["argmax"](scores, targets, 0).tolist() == [1, 1, 0]
    assert RULES["top2"](scores, targets, 0).tolist() == [1, 1, 0]
    # Importances 0.9, 0.8, 0.45 and certainties 0.01, 0.01, 0.65: the clearest counts too.
    scores = np.array([[0.1, 0.45, 0.45], [0.2, 0.78, 0.02], [0.3, 0.36, 0.34]])
    assert RULES["greedy"](scores, targets, 0)[1] == 1
    assert RULES["top2"](scores, targets, 0).tolist() == [1, 1, 0]


@pytest.mark.parametrize("rule", ["top2", "greedy"])
def test_rules_that_count_need_none(rule):
    searched = space.GraphSpace(1, 1, ("mean", "sum"), ("none", "cat"))
    scores = {d.name: np.ones(d.shape) for d in searched.decisions}
    with pytest.raises(InvalidInput, match="layer_1_entity"):
        searched.decode(scores, rule)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"num_layers": 0}, "num_layers"),
        ({"num_states": 1.0}, "num_states"),
        ({"entity_operations": ()}, "entity_operations"),
        ({"entity_operations": ("cat",)}, "entity_operations"),
        ({"edge_operations": "gru"}, "edge_operations"),
        ({"edge_operations": ("gru", "gru")}, "edge_operations"),
    ],
)
def test_other_spaces_are_refused(arguments, named):
    with pytest.raises(InvalidInput, match=f"`{named}`"):
        space.GraphSpace(**arguments)


def test_what_is_wrong_with_a_layer_is_told():
    places = len(SMALL.places)
    chosen = {d.name: ["none"] * places for d in SMALL.decisions}
    chosen["layer_2_entity"] = ["identity"] + ["none"] * (places - 1)
    found = space.Selection(chosen)
    told = {d.name: [name for name, _ in SMALL.defects(found, d.name)] for d in SMALL.decisions}
    assert told == {
        "layer_1_entity": ["empty"],
        "layer_1_edge": [],
        "layer_2_entity": ["no_message"],
        "layer_2_edge": [],
    }
    assert SMALL.title("layer_2_edge") == "edges of layer 2"


@pytest.mark.parametrize("name", space.GRAPH_BASELINES)
def test_baselines_are_architectures_whose_states_follow_each_other(name):
    found = space.graph_baseline(name, SMALL)
    SMALL.check(found)
    for layer in (1, 2):
        chosen = dict(SMALL.chosen(found, layer, "entity"))
        messages = {place for place, option in chosen.items() if option != "identity"}
        assert messages == {(1, 2), (2, 3)}
    gated = "cat" in found["layer_1_edge"]
    assert gated == (name == "gated_gcn")


def test_a_baseline_needs_its_operations():
    with pytest.raises(InvalidInput, match="sum of entity"):
        space.graph_baseline("gin", space.GraphSpace(1, 1, ("none", "identity", "mean")))
    with pytest.raises(InvalidInput, match="gcn, gin"):
        space.graph_baseline("gat", SMALL)
