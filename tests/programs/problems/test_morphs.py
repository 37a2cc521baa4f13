# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Growing networks as a family: what programs may ask of them, and what they refuse in one line."""

import types

import keras
import numpy as np
import pytest

from snas_tf import config, reports, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import plain
from snas_tf.programs import problems
from snas_tf.reports.morphs.morph_presentation import lines

IMAGES = types.SimpleNamespace(num_classes=3, image_shape=(8, 8, 1))
PIXELS = np.random.default_rng(0).normal(size=(4, 8, 8, 1)).astype(np.float32)


def settings(**changes):
    found = config.get_config()
    found.search.method = "evolution"
    found.space.update({"name": "morphism", "num_blocks": 2, "root_filters": 4, **changes})
    config.check(found)
    return found


def problem_of(**changes):
    return problems.of(settings(**changes), "search", IMAGES)


def answer(network, pixels=PIXELS):
    return network(pixels, training=False).numpy()


@pytest.fixture(scope="module")
def grown():
    return problem_of().space.sample(np.random.default_rng(1))


def test_a_network_costs_what_is_said_and_inherits_what_it_grew_from(grown):
    problem = problem_of()
    child = problem.child(grown, drop_path_steps=9, seed=1)
    assert problem.uses == () and child.genotype == grown
    counted = sum(int(np.prod(weight.shape)) for weight in child.trainable_weights)
    assert child.cost == problem.cost(grown) and child.cost.parameters == counted
    parent = problem.child(problem.space.root)
    problem.inherit(child, grown, parent, problem.space.root, seed=0)
    np.testing.assert_allclose(answer(child), answer(parent), atol=1e-5)
    problem.refuse_other(child)
    other = types.SimpleNamespace(num_classes=4, image_shape=(8, 8, 1))
    with pytest.raises(InvalidInput, match="`--config.train.inherit`"):
        problems.of(settings(), "train", other).refuse_other(child)


def test_networks_keep_to_the_memory_of_a_step():
    searched = problem_of(max_memory=1).space
    assert (searched.max_memory, searched.batch_size) == (2**20, 64)
    with pytest.raises(InvalidInput, match="`max_memory` must leave room for the root"):
        problem_of(max_memory=1, root_filters=64)


def test_a_child_is_saved_copied_and_written_in_plain_keras(grown, tmp_path):
    child = problem_of().child(grown)
    child.refresh_statistics([PIXELS, 2 * PIXELS])
    means = [w for w in child.get_layer("normalization_1").weights if "mean" in w.path]
    assert np.abs(means[0].numpy()).max() > 0
    child.save(tmp_path / "child.keras")
    again = keras.models.load_model(tmp_path / "child.keras")
    assert again.genotype == grown
    for other in (again, child.without_auxiliary()):
        np.testing.assert_array_equal(answer(other), answer(child))
    written = child.to_keras(
        mean=[0.5], deviation=[0.25], class_names=["a", "b", "c"], classifier_activation="softmax"
    )
    pixels = 255 * (0.25 * PIXELS + 0.5)
    softmax = keras.ops.softmax(answer(child)).numpy()
    np.testing.assert_allclose(answer(written, pixels), softmax, atol=1e-5)
    assert plain.metadata(written)["genotype"]["layers"][0]["kind"] == "InputLayer"


def test_a_found_network_is_a_root_whose_weights_all_begin_with(tmp_path):
    cells = space.Genotype.from_json(space.PUBLISHED["SNAS_MILD"].to_json())
    skeleton = space.Skeleton(num_cells=3, init_channels=4, num_classes=3, image_shape=(8, 8, 1))
    from snas_tf.networks import ChildNetwork

    found = ChildNetwork(cells, skeleton)
    found.to_keras(mean=[0.5], deviation=[0.25], classifier_activation="softmax").save(
        tmp_path / "network.keras"
    )
    problem = problem_of(root=str(tmp_path / "network.keras"))
    rng = np.random.default_rng(0)
    architecture = problem.space.mutate(problem.space.mutate(problem.space.root, rng), rng)
    child = problem.child(architecture)
    np.testing.assert_allclose(answer(child), answer(found), atol=1e-5)


def test_files_that_are_no_root_are_refused(tmp_path):
    (tmp_path / "broken.keras").write_bytes(b"PK")
    for name, said in (("none.keras", "must be a .keras file"), ("broken.keras", "loads here")):
        with pytest.raises(InvalidInput, match=said):
            _ = problem_of(root=str(tmp_path / name)).space
    inputs = keras.Input((8, 8, 1))
    other = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    other.save(tmp_path / "other.keras")
    wrong = types.SimpleNamespace(num_classes=4, image_shape=(8, 8, 1))
    with pytest.raises(InvalidInput, match="give 4 numbers"):
        _ = problems.of(settings(root=str(tmp_path / "other.keras")), "search", wrong).space


def test_what_only_cells_can_do_is_refused_by_the_key(grown):
    problem = problem_of()
    for call in (lambda: problem.searchable(settings()), lambda: problem.costs("", "")):
        with pytest.raises(InvalidInput, match="`--config.search.method` must search by trials"):
            call()
    with pytest.raises(InvalidInput, match="`--mode=latency` must be of cells"):
        problem.check_latency()
    for option, key in (("auxiliary", "auxiliary_weight"), ("drop_path", "drop_path")):
        with pytest.raises(InvalidInput, match=f"`--config.train.{key}` must be 0"):
            problem.child(grown, **{option: 0.5})
    with pytest.raises(InvalidInput, match="grow from a root"):
        problems.family(settings()).space_of(settings()).sample(np.random.default_rng(0))


def test_a_run_reads_its_network_again_and_draws_it(grown, tmp_path):
    family = problems.FAMILIES["morphism"]
    file = tmp_path / "network.json"
    file.write_text(grown.to_json())
    assert family.load(file) == grown == family.find(str(file), settings())
    with pytest.raises(InvalidInput, match="must be a JSON file"):
        family.find("SNAS_MILD", settings())
    report = reports.Report(
        title="t",
        summary="s",
        results=(),
        architecture=grown,
        space=problem_of().space,
        config={},
        environment={},
        dataset={},
        presentation=family.presentation(),
    )
    page = reports.to_html(report)
    for name, what, *_ in lines(grown):
        assert name in page and what in page
    ((name, picture),) = report.presentation.drawings(report)
    assert name == "network" and len(picture.axes[0].texts) == 2 * len(grown.layers)
    weights = sum(int(line[-1].replace(",", "") or 0) for line in lines(grown))
    assert weights == space.layer_graph_cost(grown).parameters


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"num_blocks": 0}, "space.num_blocks"),
        ({"max_layers": 1}, "space.max_layers"),
        ({"max_memory": -1}, "space.max_memory"),
        ({"num_layers": 4}, "space.num_layers"),
        ({"name": "cells"}, "space.num_blocks"),
    ],
)
def test_keys_that_are_wrong_are_named(changes, key):
    with pytest.raises(InvalidInput, match=f"`--config.{key}`"):
        settings(**changes)
