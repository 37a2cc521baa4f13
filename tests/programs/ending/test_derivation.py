# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search leaves is chosen as the config says, within its targets, and the run tells how."""

import numpy as np
import pytest
import rich.console

from snas_tf import config, main, space
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import architecture_keys
from snas_tf.fitting.checkpoint import Checkpoints
from snas_tf.programs import problems, search
from snas_tf.programs.datasets import dataset
from snas_tf.programs.ending import derivation
from snas_tf.runs import network_files, results
from snas_tf.runs.run_directory import RunDirectory

VALUES = {
    "space.num_nodes": 1,
    "space.primitives": ("none", "skip_connect", "max_pool_3x3"),
    "network.num_cells": 1,
    "network.init_channels": 4,
    "search.epochs": 1,
    "search.candidates": 2,
    "search.derivation": "samples",
    "data.batch_size": 256,
}
QUIET = rich.console.Console(quiet=True)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A run whose network is the best of two samples."""
    folder = tmp_path_factory.mktemp("derivation") / "run"
    words = [f"--config.{key}={value}" for key, value in VALUES.items()]
    assert main.run(["--mode=search", f"--workdir={folder}", *words]) == 0
    return RunDirectory(folder)


def given(**changes):
    found = config.get_config()
    for key, value in {**VALUES, **changes}.items():
        section, _, name = key.partition(".")
        found[section][name] = value
    config.check(found)
    return found


def chosen(directory, name, **changes):
    """What is chosen at the end of that run in another way; its images and its model, too."""
    here = given(**{"search.derivation": name, **changes})
    images = dataset.load(here)
    model = search.build(here, images, 4)
    Checkpoints(directory.checkpoints_folder, "search").load(model)
    before = [weight.numpy() for weight in model.weights]
    found = derivation.choose(here, model, search._plan(here, images), directory, QUIET)
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)  # the search stays as it ended
    return found, images, model


def test_the_command_keeps_the_best_sample_as_it_was_judged(searched):
    choice = results.recorded_choice(searched.choice_path)
    assert choice.told == "the best of 2 by accuracy" and len(choice.candidates) == 2
    worth = [one.metrics["accuracy"] for one in choice.candidates]
    assert worth == sorted(worth, reverse=True)
    genotype = space.Genotype.load(searched.genotype_path)
    assert choice.candidates[0].architecture == architecture_keys.key(genotype)
    assert network_files.load(searched.network_path("search")).genotype == genotype
    child = {one.name: one for one in results.recorded(searched.results_path("search"))}
    measured = child[results.CHILD]
    assert measured.accuracy == measured.recalibrated == worth[0]
    page = searched.report_path.read_text()
    assert "How the network was chosen" in page and "the best of 2 by accuracy" in page


def test_the_same_choice_again(searched):
    found, *_ = chosen(searched, "samples")
    assert found.architecture == space.Genotype.load(searched.genotype_path)
    assert found.choice == results.recorded_choice(searched.choice_path)


@pytest.mark.parametrize("name", ["argmax", "top2"])
def test_what_is_read_needs_no_choice(searched, name):
    found, _, model = chosen(searched, name)
    assert found.choice is None and found.architecture == model.architecture.genotype(name)
    expected = model.supernet.child(found.architecture)
    for one, other in zip(found.child.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_short_training_judges_the_most_probable_and_leaves_the_weights_of_the_search(searched):
    found, _, model = chosen(searched, "short_training")
    rows = {k: v.numpy() for k, v in model.architecture.probabilities().items()}
    expected = space.most_probable(rows, model.supernet.space, 2)
    assert {one.architecture for one in found.choice.candidates} == {
        architecture_keys.key(one) for one in expected
    }
    kernel = model.supernet.classifier.dense.kernel
    np.testing.assert_array_equal(found.child.get_layer("classifier").dense.kernel, kernel)


def test_scores_rank_draws_without_training(searched):
    scores = ("naswot", "parameters")
    found, *_ = chosen(searched, "zero_cost", **{"search.derivation_scores": scores})
    assert found.choice.told == "the best of 2 by naswot and parameters"
    assert {*found.choice.candidates[0].metrics} == {*scores}


def test_perturbation_learns_on_between_its_decisions(searched):
    moved, _, model = chosen(searched, "perturbation")
    kernel = model.supernet.classifier.dense.kernel
    again, *_ = chosen(searched, "perturbation")
    assert moved.architecture == again.architecture and moved.choice.candidates == ()
    for one, other in zip(moved.child.weights, again.child.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.any(moved.child.get_layer("classifier").dense.kernel != kernel)


@pytest.mark.parametrize("name", ["samples", "perturbation"])
def test_what_is_judged_keeps_to_the_targets(searched, name):
    here = given()
    problem = problems.of(here, "search", dataset.load(here))
    even = {d.name: np.ones(d.shape) for d in problem.space.decisions}
    costs = [
        problem.cost(one).multiply_adds for one in space.most_probable(even, problem.space, 81)
    ]
    assert len({*costs}) > 2
    changes = {"search.derivation_epochs": 0, "search.target_multiply_adds": min(costs) + 1}
    found, _, model = chosen(searched, name, **changes)
    kernel = model.supernet.classifier.dense.kernel  # nothing learns without epochs for it
    np.testing.assert_array_equal(found.child.get_layer("classifier").dense.kernel, kernel)
    assert problem.cost(found.architecture).multiply_adds == min(costs)


def test_scores_of_graphs_are_refused():
    class Graphs:
        dtype = "graphs"

    with pytest.raises(InvalidInput, match="`--config.search.derivation` must be another"):
        derivation.check(given(**{"search.derivation": "zero_cost"}), Graphs())
