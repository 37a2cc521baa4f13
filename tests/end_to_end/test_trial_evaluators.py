# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Trials through the command by every evaluator, wherever they are evaluated."""

import csv
import json

import pytest

from tests.black_box import dask_cluster
from tests.end_to_end.processes import SEARCH, run_to_the_end

pytestmark = pytest.mark.slow

CHAIN = (
    "--mode=search",
    "--config.space.name=chain",
    "--config.space.num_layers=1",
    "--config.data.batch_size=128",
)
TRAINED = (*CHAIN, "--config.search.method=random", "--config.trials.epochs=1")


def records(workdir):
    """What ended, by number, with the number of the parent."""
    lines = [json.loads(line) for line in (workdir / "trials.jsonl").read_text().splitlines()[1:]]
    parents = {each["proposed"]: each.get("parent") for each in lines if "proposed" in each}
    ended = {each["ended"]: each for each in lines if "ended" in each}
    return [{**ended[number], "parent": parents[number]} for number in sorted(ended)]


def measured(workdir):
    """The validation accuracy of the network that was kept."""
    (found,) = json.loads((workdir / "results.json").read_text())
    return found["accuracy"]


def test_area_by_a_score_that_needs_no_training(tmp_path):
    words = (
        "--config.search.method=area",
        "--config.trials.pool=4",
        "--config.trials.population=2",
        "--config.trials.evaluator=zero_cost",
        "--config.trials.metric=naswot",
        "--config.trials.workers=0",
        "--config.trials.number=3",
    )
    run_to_the_end(tmp_path / "run", (*CHAIN, *words))
    with (tmp_path / "run" / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = max(rows, key=lambda row: float(row["naswot"]))
    found = json.loads((tmp_path / "run" / "genotype.json").read_text())
    assert len(rows) == 3 and json.loads(best["architecture"]) == found
    assert all(int(float(row["parameters"])) > 0 for row in rows)
    assert not (tmp_path / "run" / "child.keras").exists()


def test_within_the_supernet_of_a_search_by_gradient(uninterrupted, tmp_path):
    words = (
        "--config.search.method=random",
        "--config.trials.evaluator=weight_sharing",
        f"--config.trials.supernet={uninterrupted}",
        "--config.trials.workers=0",
        "--config.trials.number=2",
    )
    run_to_the_end(tmp_path / "run", (*SEARCH, *words))
    accuracies = [each["metrics"]["accuracy"] for each in records(tmp_path / "run")]
    assert len({*accuracies}) == 2
    # By the running statistics, which the supernet has and a trial does not look at.
    assert measured(tmp_path / "run") > 0.1


def test_in_processes_that_go_on_from_the_weights_of_others(tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)  # with which it is quiet anyway
    words = (
        "--config.trials.number=3",
        "--config.trials.workers=2",
        "--config.trials.inherit=true",
        "--config.trials.limit=300",
        "--config.trials.seconds=600",
    )
    run_to_the_end(tmp_path / "run", (*TRAINED, *words))
    assert capfd.readouterr().err == ""
    made = records(tmp_path / "run")
    assert [each["parent"] for each in made[:2]] == [None, None] and made[2]["parent"] in (0, 1)
    assert all(each["metrics"]["epochs"] == 1 for each in made)
    best = max(each["metrics"]["accuracy"] for each in made)
    assert measured(tmp_path / "run") == pytest.approx(best, abs=1e-6)
    assert len([*(tmp_path / "run" / "trials").iterdir()]) == 3, "any may be inherited from"
    more = (
        "--config.trials.number=4",
        "--config.trials.limit=0.01",
        "--config.trials.inherit=true",
    )
    told = run_to_the_end(tmp_path / "run", (*TRAINED, *more))
    assert "Continuing after 3 of 4 trials" in told
    (failed,) = records(tmp_path / "run")[3:]
    assert failed["failure"].startswith("it took longer than the limit of 0.01 s")
    assert measured(tmp_path / "run") == pytest.approx(best, abs=1e-6)


def test_by_a_worker_of_a_cluster(tmp_path):
    with dask_cluster.cluster(1) as (address, _):
        words = (f"--config.trials.scheduler={address}", "--config.trials.number=2")
        run_to_the_end(tmp_path / "run", (*TRAINED, *words))
    made = records(tmp_path / "run")
    best = max(each["metrics"]["accuracy"] for each in made)
    assert len(made) == 2 and measured(tmp_path / "run") == pytest.approx(best, abs=1e-6)
