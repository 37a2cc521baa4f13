# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search stops before its last epoch, says why, keeps the best, and ends the same if resumed."""

import csv
import json

import numpy as np
import pytest

from snas_tf import config, main, space
from snas_tf.fitting import history
from snas_tf.programs.ending import early_stop
from snas_tf.runs.run_directory import RunDirectory

TINY = (
    "--mode=search",
    "--config.space.num_nodes=1",
    "--config.space.primitives=('skip_connect','max_pool_3x3')",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.data.batch_size=512",
    "--config.search.epochs=9",
    "--config.search.architecture_learning_rate=0.5",
)
SHARP = ("--config.search.stop_curvature=1.000001", "--config.search.stop_window=1")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that stops as soon as its loss is sharper than an epoch before."""
    folder = tmp_path_factory.mktemp("early_stop") / "run"
    assert main.run([*TINY, *SHARP, f"--workdir={folder}"]) == 0
    return RunDirectory(folder)


def rows(directory):
    return [*csv.DictReader(directory.metrics_path("search").read_text().splitlines())]


@pytest.mark.slow
def test_it_stops_where_the_eigenvalue_first_grows_and_keeps_what_was_before(stopped):
    values = [float(row["hessian_eigenvalue"]) for row in rows(stopped)]
    assert 2 <= len(values) < 9
    grown = [now > 1.000001 * before for before, now in zip(values, values[1:], strict=False)]
    assert grown == [False] * (len(values) - 2) + [True]
    assert stopped.finished("search")
    past = history.newest(stopped.checkpoints_folder, "search")
    kept = {name: epochs[-2] for name, epochs in past.probabilities.items()}
    cells = space.CellSpace(1, ("skip_connect", "max_pool_3x3"))
    assert space.Genotype.load(stopped.genotype_path) == cells.decode(kept)
    page = stopped.report_path.read_text()
    assert f"{len(values)} of 9 epochs, stopped after epoch {len(values)}: the dominant" in page
    assert f"the probabilities of epoch {len(values) - 1} are kept" in page


@pytest.mark.slow
def test_it_ends_the_same_when_it_is_resumed(stopped, capsys):
    genotype, table = stopped.genotype_path.read_text(), stopped.metrics_path("search").read_text()
    stopped.state_path.write_text(json.dumps({"finished": []}))
    stopped.genotype_path.unlink()
    assert main.run([*TINY, *SHARP, f"--workdir={stopped.path}"]) == 0
    assert stopped.genotype_path.read_text() == genotype
    assert stopped.metrics_path("search").read_text() == table
    assert "The search stopped after epoch" in " ".join(capsys.readouterr().out.split())


def given(**changes):
    search = config.get_config().search
    for key, value in changes.items():
        search[key] = value
    return search


def test_nothing_stops_a_search_by_default_or_one_of_an_earlier_version():
    cells = space.CellSpace(1, ("skip_connect", "max_pool_3x3"))
    past = history.History([{"epoch": 1}], {kind: [np.eye(2)[[0, 0]]] for kind in cells.kinds})
    default = given()
    assert early_stop.policies(default) == ()
    assert early_stop.stop(default, past, cells, cells.kinds) is None
    old = {"warmup_epochs": 0, "epochs": 60, "derivation": "argmax"}
    assert early_stop.stop(old, past, cells, cells.kinds) is None
    asked = given(stop_skips=0.5, epochs=60)
    found = early_stop.stop(asked, past, cells, cells.kinds)
    assert (found.epoch, early_stop.kept(found, past)) == (1, None)
    assert early_stop.stop(given(stop_skips=0.5, epochs=1), past, cells, cells.kinds) is None
    assert early_stop.stop(given(stop_skips=0.5, warmup_epochs=1), past, cells, ()) is None


def test_probabilities_of_an_earlier_epoch_are_kept_for_all_decisions():
    cells = space.CellSpace(1, ("skip_connect", "max_pool_3x3"))
    few, many = np.eye(2)[[0, 1]], np.eye(2)[[0, 0]]
    past = history.History(
        [{"epoch": 1}, {"epoch": 2}], {kind: [few, many] for kind in cells.kinds}
    )
    found = early_stop.stop(given(stop_skips=0.5), past, cells, ("normal",))
    assert (found.epoch, found.kept) == (2, 1)
    for kind, values in early_stop.kept(found, past).items():
        np.testing.assert_array_equal(values, few, err_msg=kind)
