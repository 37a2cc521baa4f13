# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Which of several searches is kept, and that it is the run's own afterwards."""

import json

import numpy as np
import pytest

from snas_tf import config, main, reports, space
from snas_tf.programs.ending import selection
from snas_tf.runs import network_files, results
from snas_tf.runs.run_directory import RunDirectory

TINY = (
    "--config.space.num_nodes=1",
    "--config.space.primitives=('none','skip_connect','max_pool_3x3')",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.search.epochs=1",
    "--config.search.num_seeds=2",
    "--config.search.selection_epochs=1",
    "--config.data.batch_size=256",
    "--config.seed=5",
)


def result(seed, child, trained, parameters=10):
    return reports.SeedResult(
        seed=seed,
        supernet_accuracy=0.5,
        child_accuracy=child,
        trained_accuracy=trained,
        cost=space.Cost(parameters=parameters),
    )


@pytest.mark.parametrize(
    ("found", "best"),
    [
        ([result(0, 0.9, 0.91), result(1, 0.8, 0.95), result(2, 0.7, 0.9)], 1),
        ([result(0, 0.8, None), result(1, 0.9, None)], 1),
        ([result(0, 0.8, 0.9, 20), result(1, 0.7, 0.9, 10)], 1),  # the cheaper of equals
        ([result(0, 0.8, 0.9), result(1, 0.9, 0.9)], 0),  # then the first
    ],
)
def test_the_best_after_its_short_training_is_chosen(found, best):
    assert selection.choose(found).seed == best


def test_every_seed_searches_by_itself_on_the_same_images():
    base = config.get_config()
    base.seed, base.search.num_seeds, base.search.selection_epochs = 7, 3, 4
    base.train.genotype, base.train.num_cells = "SNAS_MILD", 20
    base.train.warmup_epochs, base.train.ema_decay = 5, 0.999
    found = dict(selection._configs(base))
    assert list(found) == [7, 8, 9]
    for seed, of_seed in found.items():
        assert (of_seed.seed, of_seed.data.split_seed, of_seed.search.num_seeds) == (seed, 7, 1)
        assert (of_seed.train.epochs, of_seed.train.inherit) == (4, True)
        assert (of_seed.train.genotype, of_seed.train.num_cells) == ("", 0)
        assert (of_seed.train.warmup_epochs, of_seed.train.ema_decay) == (0, 0.0)
    assert (base.seed, base.search.num_seeds, base.train.num_cells) == (7, 3, 20)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("selection") / "run"
    assert main.run(["--mode=search", f"--workdir={folder}", *TINY]) == 0
    return RunDirectory(folder)


def test_what_the_best_search_left_is_the_runs_own(searched):
    assert searched.finished("search")
    seeds = results.recorded_seeds(searched.seeds_path)
    assert [entry.seed for entry in seeds] == [5, 6]
    (chosen,) = (entry for entry in seeds if entry.chosen)
    assert chosen.trained_accuracy == max(entry.trained_accuracy for entry in seeds)
    own = RunDirectory(searched.seed_path(chosen.seed))
    for name in ("genotype.json", "child.keras", "metrics.csv", "results.json", "resources.json"):
        assert (searched.path / name).read_bytes() == (own.path / name).read_bytes()
    network = network_files.load(searched.plain_network_path)
    child = network_files.load(own.network_path("search"))
    kernel = network.get_layer("classifier").kernel
    np.testing.assert_array_equal(kernel, child.get_layer("classifier").dense.kernel)


def test_the_validation_images_of_all_seeds_are_the_same(searched):
    described = {(searched.seed_path(seed) / "dataset.json").read_text() for seed in (5, 6)}
    assert len(described) == 1  # the channels' statistics tell the training images apart


def test_another_seed_has_other_bits(searched):
    one, other = ((searched.seed_path(seed) / "metrics.csv").read_text() for seed in (5, 6))
    assert one.splitlines()[0] == other.splitlines()[0]
    assert one.splitlines()[1] != other.splitlines()[1]


def test_the_report_compares_the_seeds(searched):
    page = searched.report_path.read_text()
    for entry in results.recorded_seeds(searched.seeds_path):
        assert f"{100 * entry.trained_accuracy:.2f}" in page


def test_the_same_command_again_goes_on_with_what_is_not_finished(searched, capsys):
    metrics = searched.seed_path(6) / "metrics.csv"
    before = metrics.read_text()
    state = json.loads(searched.state_path.read_text())
    searched.state_path.write_text(json.dumps({"finished": []}))
    assert main.run(["--mode=search", f"--workdir={searched.path}", *TINY]) == 0
    assert metrics.read_text() == before
    assert "epoch 1/1" not in capsys.readouterr().out
    assert json.loads(searched.state_path.read_text()) == state


def test_the_chosen_network_can_be_evaluated(searched, capsys):
    assert main.run(["--mode=evaluate", f"--workdir={searched.path}"]) == 0
    assert "test" in capsys.readouterr().out
