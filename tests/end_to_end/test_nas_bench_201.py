# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The space of NAS-Bench-201 by the commands: searched, judged by a table, trained."""

import itertools
import json
import signal

import numpy as np
import pytest
from etils import epath

from snas_tf import main, space
from snas_tf.fitting import history
from tests.end_to_end.processes import OFTEN, assert_same_bits, stop

pytestmark = pytest.mark.slow

NAMES = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
SEARCH = (
    "--config.space.name=nas_bench_201",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.search.epochs=2",
    "--config.search.warmup_epochs=1",
    "--config.data.batch_size=128",
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of all cells, in which the number of skip connections is the accuracy."""
    cells = [
        f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"
        for a, b, c, d, e, f in itertools.product(NAMES, repeat=6)
    ]
    path = tmp_path_factory.mktemp("table") / "skips.npz"
    counts = np.array([cell.count("skip_connect") for cell in cells])
    np.savez(path, architecture=np.array(cells), test_accuracy=counts)
    return path


@pytest.fixture(scope="module")
def searched(table, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("nas_bench_201") / "run"
    words = (*SEARCH, f"--workdir={workdir}", f"--config.evaluation.table={table}")
    assert main.run(("--mode=search", *words)) == 0
    return workdir


def test_the_found_cell_is_of_the_space_and_judged(searched):
    found = space.Genotype.load(searched / "genotype.json")
    told = json.loads((searched / "true_accuracy.json").read_text())
    last = told["trajectory"][-1]
    assert (len(told["trajectory"]), told["count"]) == (2, 15_625)
    assert last["architecture"] == found.to_nas_bench_201()
    assert last["values"] == {"test_accuracy": found.to_nas_bench_201().count("skip_connect")}
    assert told["best"]["values"] == {"test_accuracy": 6.0} and told["best"]["rank"] == 1
    assert "True accuracy, by a table" in (searched / "report.html").read_text()


def test_the_warm_up_leaves_the_logits_as_they_are(searched):
    (probabilities,) = (
        history.newest(epath.Path(searched) / "checkpoints", "search").stacked().values()
    )
    assert (probabilities[0] == np.float32(0.2)).all()
    assert (probabilities[1] != np.float32(0.2)).all()


def test_a_search_that_was_killed_goes_on_with_the_same_bits(searched, tmp_path):
    """Killed three steps after the warm-up of the weights, in a process of its own."""
    workdir = tmp_path / "killed"
    words = ("--mode=search", *SEARCH)
    code, _, err = stop(workdir, (*words, OFTEN), signal.SIGKILL, "search-00001-0000003")
    assert code == -signal.SIGKILL, err
    assert not (workdir / "genotype.json").exists()
    assert main.run((*words, f"--workdir={workdir}")) == 0
    assert_same_bits(searched, workdir, "search", 2)


def test_what_was_found_is_trained(searched, capsys):
    words = (*SEARCH, f"--workdir={searched}", "--config.train.epochs=1")
    assert main.run(("--mode=train", *words)) == 0, capsys.readouterr().err
    assert (searched / "trained.keras").exists()
