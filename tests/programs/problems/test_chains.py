# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Chains as a family: what programs may ask of them, and what they refuse in one line."""

import types

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.errors import InvalidInput
from snas_tf.programs import problems
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory

IMAGES = types.SimpleNamespace(num_classes=3, image_shape=(8, 8, 1))
DATASET = {"class_names": ["a", "b", "c"], "image_shape": [8, 8, 1]}


def settings(**changes):
    found = config.get_config()
    found.space.update({"name": "chain", "num_layers": 2, "filters": ("4", "8"), **changes})
    config.check(found)
    return found


@pytest.fixture
def architecture():
    return problems.family(settings()).space_of(settings()).sample(np.random.default_rng(0))


def test_its_network_is_of_the_space_and_costs_what_is_said(architecture):
    problem = problems.of(settings(), "train", IMAGES)
    child = problem.child(architecture, drop_path_steps=9, seed=1)
    assert problem.uses == ("filters", "kernel_size")
    assert child.genotype == architecture and child.cost == problem.cost(architecture)
    problem.refuse_other(child)
    larger = types.SimpleNamespace(num_classes=4, image_shape=(8, 8, 1))
    with pytest.raises(InvalidInput, match="`--config.train.inherit`"):
        problems.of(settings(), "train", larger).refuse_other(child)
    for option, key in (("auxiliary", "auxiliary_weight"), ("drop_path", "drop_path")):
        with pytest.raises(InvalidInput, match=f"`--config.train.{key}` must be 0"):
            problem.child(architecture, **{option: 0.5})


def test_what_only_cells_can_do_is_refused_by_the_key():
    problem = problems.of(settings(), "search", IMAGES)
    for call in (lambda: problem.searchable(settings()), lambda: problem.costs("", "")):
        with pytest.raises(InvalidInput, match="`--config.search.method` must search by trials"):
            call()
    with pytest.raises(InvalidInput, match="`--mode=latency` must be of cells"):
        problem.check_latency()


def test_a_run_reads_its_chain_again(architecture, tmp_path):
    family = problems.FAMILIES["chain"]
    file = tmp_path / "chain.json"
    file.write_text(architecture.to_json())
    assert family.load(file) == architecture == family.find(str(file), settings())
    for name, changes in (("SNAS_MILD", {}), (str(file), {"num_layers": 3})):
        with pytest.raises(InvalidInput):
            family.find(name, settings(**changes))
    begun = settings()
    begun.train.genotype = str(file)
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin("train", begun)
    write_json(directory.dataset_path, DATASET)
    assert problems.of_run(directory, "train", DATASET) == problems.of(begun, "train", IMAGES)
    assert problems.recorded_uses(directory, DATASET) == ("filters", "kernel_size")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"filters": ("4", "x")}, "space.filters"),
        ({"kernel_sizes": ("2",)}, "space.kernel_sizes"),
        ({"num_nodes": 3}, "space.num_nodes"),
        ({"name": "cells"}, "space.num_layers"),
    ],
)
def test_keys_of_chains_are_checked_and_of_no_use_elsewhere(changes, key):
    with pytest.raises(InvalidInput, match=f"`--config.{key}` must be"):
        settings(**changes)


def test_a_chain_is_told_as_a_table(architecture):
    from snas_tf.reports import decision_tables

    chains = space.chain_space(2, ("4", "8"))
    (told,) = decision_tables.tables(architecture, chains, ("filters", "kernel_size"))
    assert told.headings == ("place", "filters", "kernel_size") and len(told.lines) == 2
