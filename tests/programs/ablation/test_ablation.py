# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The command searches with every variant and seed, goes on where it was stopped, and compares."""

import csv
import json

import pytest

from snas_tf import main
from snas_tf.runs import results
from snas_tf.runs.run_directory import RunDirectory

pytestmark = pytest.mark.slow

TOGGLE = "search.derivation=samples; search.candidates=2"
TINY = (
    "--mode=ablate",
    "--config.space.num_nodes=1",
    "--config.space.primitives=('skip_connect','max_pool_3x3')",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.data.batch_size=512",
    "--config.search.epochs=1",
    f"--config.ablate.toggles=('{TOGGLE}',)",
    "--config.ablate.seeds=1",
    "--config.seed=3",
)


@pytest.fixture(scope="module")
def ablated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablation") / "run"
    assert main.run([*TINY, f"--workdir={folder}"]) == 0
    return RunDirectory(folder)


def test_every_search_is_a_row_of_what_its_run_recorded(ablated):
    rows = [*csv.DictReader(ablated.ablation_path("csv").read_text().splitlines())]
    assert [(row["variant"], row["seed"]) for row in rows] == [("as it is", "3"), (TOGGLE, "3")]
    folders = ("as_it_is", "search.derivation=samples_search.candidates=2")
    for row, folder in zip(rows, folders, strict=True):
        own = RunDirectory(ablated.ablation_folder / folder / "3")
        measured = {one.name: one for one in results.recorded(own.results_path("search"))}
        assert float(row["accuracy"]) == measured[results.CHILD].accuracy
        assert int(row["parameters"]) == measured[results.CHILD].cost.parameters
        assert row["epochs"] == "1" and row["truth"] == ""
        assert own.choice_path.exists() == (folder != "as_it_is")


def test_variants_share_their_images_and_their_search(ablated):
    runs = [folder / "3" for folder in ablated.ablation_folder.iterdir()]
    for name in ("dataset.json", "metrics.csv"):  # the choice comes after the search
        assert len(runs) == 2 and len({(run / name).read_text() for run in runs}) == 1


def test_a_page_and_a_summary_compare_them(ablated):
    page = ablated.ablation_path("html").read_text()
    assert "What each trick is worth" in page and TOGGLE in page and "<svg" in page
    told = json.loads(ablated.ablation_path("json").read_text())
    assert [one["search"] for one in told["variants"]] == ["as it is", TOGGLE]
    assert told["planned"] == 2 and told["variants"][1]["better"].endswith(" of 1")


def test_the_same_command_goes_on_with_what_is_missing(ablated, capsys):
    lost = RunDirectory(ablated.ablation_folder / "as_it_is" / "3")
    metrics, table = lost.metrics_path("search"), ablated.ablation_path("csv").read_text()
    before = metrics.read_text()
    lost.state_path.write_text(json.dumps({"finished": []}))
    capsys.readouterr()
    assert main.run([*TINY, f"--workdir={ablated.path}"]) == 0
    assert metrics.read_text() == before and ablated.ablation_path("csv").read_text() == table
    told = capsys.readouterr().out
    assert told.count("Searching") == 1 and "as it is, seed 3: search 1 of 2" in told


def test_another_config_is_refused(ablated, capsys):
    before = ablated.ablation_path("csv").read_text()
    words = [*TINY, f"--workdir={ablated.path}", "--config.search.epochs=2"]
    assert main.run(words) == 2
    assert "search.epochs is 1 there, 2 here" in capsys.readouterr().err
    assert ablated.ablation_path("csv").read_text() == before
