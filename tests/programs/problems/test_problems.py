# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A family knows all of its space, and nothing else does."""

import pathlib
import re
import types

import numpy as np
import pytest

from snas_tf import config, programs, space
from snas_tf.config.space_keys import OF_CELLS, SPACE
from snas_tf.errors import InvalidInput
from snas_tf.programs import problems
from snas_tf.runs.files import write_json
from snas_tf.runs.run_directory import RunDirectory

IMAGES = types.SimpleNamespace(num_classes=3, image_shape=(8, 8, 1))
DATASET = {"class_names": ["a", "b", "c"], "image_shape": [8, 8, 1]}
CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"


def settings(name, **network):
    found = config.get_config()
    found.space.name = name
    found.network.update({"num_cells": 1, "init_channels": 4, **network})
    config.check(found)
    return found


@pytest.fixture(params=OF_CELLS)
def name(request):
    return request.param


def test_every_space_of_the_config_has_a_family():
    assert {*problems.FAMILIES} == {*SPACE["name"].allowed}


def test_programs_know_no_space():
    of_a_family = re.compile(
        r"\bspace\.(CellSpace|Skeleton|Genotype|Connection|PUBLISHED|PRIMITIVES|KINDS|cost|"
        r"cell_cost_table|step_memory|child_step_memory|nas_bench_201_\w+|chain_\w+|ChainPlan)\b"
        r"|\b(Supernet|ChildNetwork|ChainNetwork)\(|draw_cell\("
    )
    folder = pathlib.Path(programs.__file__).parent
    files = [path for path in folder.rglob("*.py") if path.parent.name != "problems"]
    assert len(files) > 15
    knowing = {
        path.name: found for path in files if (found := of_a_family.findall(path.read_text()))
    }
    assert not knowing


@pytest.mark.slow
def test_its_networks_are_those_of_the_space_and_cost_what_is_said(name):
    problem = problems.of(settings(name), "search", IMAGES)
    architecture = problem.space.sample(np.random.default_rng(0))
    supernet, child = problem.searchable(settings(name)), problem.child(architecture)
    assert supernet.space == problem.space and supernet.child(architecture).genotype == architecture
    assert child.cost == problem.cost(architecture) == supernet.child(architecture).cost
    assert problem.cost(architecture).parameters == sum(
        int(np.prod(weight.shape)) for weight in child.trainable_weights
    )
    assert {*problem.uses} == {*problem.costs().uses}
    assert problem.search_memory(one_hot=False)(8).total > 0
    assert problem.training_memory(architecture)(8).total > 0


@pytest.mark.parametrize("stage", ["search", "train"])
def test_a_run_has_the_problem_that_it_was_begun_with(name, stage, tmp_path):
    begun = settings(name, num_cells=2)
    begun.train.num_cells = 3
    begun.train.genotype = "DARTS_V2" if name == "cells" else CELL
    with RunDirectory(tmp_path / "run") as directory:
        directory.begin(stage, begun)
    write_json(directory.dataset_path, DATASET)
    expected = problems.of(begun, stage, IMAGES)
    assert problems.of_run(directory, stage, DATASET) == expected
    assert problems.recorded_space(directory) == expected.space
    assert problems.recorded_uses(directory, DATASET) == expected.uses
    cells = 2 if stage == "search" else 3
    assert expected.skeleton.num_cells == (cells if name == "cells" else 3 * cells)
    all_of_them = tuple(decision.name for decision in expected.space.decisions)
    assert problems.recorded_uses(directory, {}) == all_of_them


def test_a_training_builds_a_published_cell_one_in_a_file_and_one_in_the_benchmarks_words(tmp_path):
    family, darts, bench = problems.FAMILIES["cells"], settings("cells"), settings("nas_bench_201")
    assert family.find("SNAS_MILD", darts) == space.PUBLISHED["SNAS_MILD"]
    space.PUBLISHED["DARTS_V1"].save(tmp_path / "a.json")
    assert family.find(str(tmp_path / "a.json"), darts) == space.PUBLISHED["DARTS_V1"]
    assert family.find(CELL, bench).to_nas_bench_201() == CELL
    for name, of in (
        (CELL, darts),
        ("SNAS_MILD", bench),
        ("nowhere.json", darts),
        ("|none", bench),
    ):
        with pytest.raises(InvalidInput) as refused:
            family.find(name, of)
        assert "\n" not in str(refused.value)


def test_only_a_child_of_the_same_sizes_is_inherited_from(name):
    searched = settings(name, num_cells=2)
    problem = problems.of(searched, "train", IMAGES)
    architecture = problem.space.sample(np.random.default_rng(0))
    child = problems.of(searched, "search", IMAGES).child(architecture)
    problem.refuse_other(child)
    searched.train.num_cells = 1
    with pytest.raises(InvalidInput, match="`--config.train.num_cells` as in the search, or 0"):
        problems.of(searched, "train", IMAGES).refuse_other(child)


def test_the_page_tells_of_all_that_programs_ask():
    page = pathlib.Path(__file__).parents[3] / "docs" / "networks.md"
    told = {*re.findall(r"`(\w+)(?:\([^`]*\))?`", page.read_text().partition("## A family")[2])}
    for protocol in (problems.Family, problems.Problem):
        asked = {name for name in {*vars(protocol), *protocol.__annotations__} if name[0] != "_"}
        assert asked and asked <= told, asked - told
