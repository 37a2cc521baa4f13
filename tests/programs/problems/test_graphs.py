# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs as a family: what programs may ask of them, and what they refuse in one line."""

import types

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.errors import InvalidInput
from snas_tf.programs import problems
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory

GRAPHS = types.SimpleNamespace(num_classes=3, image_shape=(6, 4, 9, 2))
DATASET = {"class_names": ["a", "b", "c"], "image_shape": [6, 4, 9, 2]}


def settings(**changes):
    found = config.get_config()
    found.space.update({"name": "graph", "num_layers": 1, "num_states": 1})
    found.data.source, found.data.task = "graphs:cluster", "node"
    found.network.update({"width": 6, "edge_width": 4})
    for key, value in changes.items():
        section, name = key.split("__")
        found[section][name] = value
    config.check(found)
    return found


@pytest.fixture
def architecture():
    return problems.family(settings()).space_of(settings()).sample(np.random.default_rng(0))


def test_its_networks_are_of_the_space_and_cost_what_is_said(architecture):
    problem = problems.of(settings(), "train", GRAPHS)
    child = problem.child(architecture, drop_path_steps=9, seed=1)
    assert child.genotype == architecture
    assert child.cost == problem.cost(architecture)
    assert child.output_shape == (None, None, 3)
    assert (child.skeleton.node_features, child.skeleton.edge_features) == (4, 2)
    assert (child.skeleton.typical_nodes, child.skeleton.typical_edges) == (6, 9)
    problem.refuse_other(child)
    wider = problems.of(settings(network__width=8), "train", GRAPHS)
    with pytest.raises(InvalidInput, match="given width = 8, and one of 6 was searched"):
        wider.refuse_other(child)
    for option, key in (("auxiliary", "auxiliary_weight"), ("drop_path", "drop_path")):
        with pytest.raises(InvalidInput, match=f"`--config.train.{key}` must be 0"):
            problem.child(architecture, **{option: 0.5})


def test_a_chain_that_no_network_has_is_no_part_of_it():
    problem = problems.of(settings(), "search", GRAPHS)
    assert problem.uses == ("layer_1_entity", "layer_1_edge")
    without = problems.of(settings(network__edge_states=False), "search", GRAPHS)
    assert without.uses == ("layer_1_entity",)


def test_a_step_needs_more_memory_for_more_graphs_and_for_all_operations():
    problem = problems.of(settings(), "search", GRAPHS)
    all_of_them, one = (problem.search_memory(one_hot=each) for each in (False, True))
    assert all_of_them(20).total > all_of_them(10).total > one(10).total
    supernet = problem.searchable(settings())
    trained = sum(int(np.prod(weight.shape)) for weight in supernet.trainable_variables)
    # Scale and shift of the operations' normalisations are there in the child alone.
    assert trained <= all_of_them(1).weights / 4 < 1.3 * trained


@pytest.mark.parametrize("name", [*space.GRAPH_BASELINES])
def test_known_networks_are_found_by_name(name):
    given = settings(space__num_states=2)
    found = problems.FAMILIES["graph"].find(name, given)
    assert found == space.graph_baseline(name, problems.FAMILIES["graph"].space_of(given))


def test_a_random_architecture_is_that_of_its_seed():
    family, given = problems.FAMILIES["graph"], settings()
    first, again, other = (family.find(f"random:{seed}", given) for seed in (3, 3, 4))
    assert first == again != other
    for wrong in ("random", "random:", "random:-1", "random:x"):
        with pytest.raises(InvalidInput, match="and random:SEED with"):
            family.find(wrong, given)


def test_a_run_reads_its_architecture_again(architecture, tmp_path):
    family = problems.FAMILIES["graph"]
    file = tmp_path / "graph.json"
    file.write_text(architecture.to_json())
    assert family.load(file) == architecture == family.find(str(file), settings())
    with pytest.raises(InvalidInput, match="a JSON file or one of gcn, gin, gated_gcn"):
        family.find("SNAS_MILD", settings())
    begun = settings(train__genotype=str(file))
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("train", begun)
    write_json(directory.dataset_path, DATASET)
    assert problems.of_run(directory, "train", DATASET) == problems.of(begun, "train", GRAPHS)
    assert problems.recorded_uses(directory, DATASET) == ("layer_1_entity", "layer_1_edge")


def test_what_only_cells_can_do_is_refused_by_the_key():
    problem = problems.of(settings(), "search", GRAPHS)
    with pytest.raises(InvalidInput, match="`--mode=latency` must be of cells"):
        problem.check_latency()
    with pytest.raises(InvalidInput, match="`--config.search.latency_table` must be left out"):
        problem.costs("table.json")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data__source": "digits"}, "`--config.data.source` must be graphs:cluster, tu:"),
        ({"data__task": ""}, "`--config.data.task` must be graph, node or edge"),
        ({"data__task": "nodes"}, "`--config.data.task`"),
        ({"data__fold": 1}, "`--config.data.fold` must be 0 without data.folds"),
        ({"data__task": "edge", "network__edge_states": False}, "`--config.network.edge_states`"),
        ({"space__entity_operations": ("mean", "median")}, "`--config.space.entity_operations`"),
        ({"space__name": "cells"}, "left out with `--config.space.name=cells`"),
        ({"space__num_nodes": 3}, "`--config.space.num_nodes` must be left out"),
    ],
)
def test_a_config_that_cannot_be_is_refused_by_its_key(changes, words):
    with pytest.raises(InvalidInput, match=words):
        settings(**changes)
