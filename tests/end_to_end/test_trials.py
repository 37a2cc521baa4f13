# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Searches by trials through the command: judged by a table or by training, stopped and gone on."""

import csv
import itertools
import json
import re
import shutil
import signal

import pytest

from snas_tf import main, space
from tests.end_to_end.processes import FEW_OPERATIONS, finish, start, wait_until

OPTIONS = ("none", "skip_connect")
SMALL = (
    "--mode=search",
    "--config.space.num_nodes=1",
    "--config.network.num_cells=1",
    "--config.network.init_channels=4",
    "--config.data.batch_size=128",
)
BY_TABLE = (
    *SMALL,
    f"--config.space.primitives={OPTIONS}",
    "--config.search.method=evolution",
    "--config.trials.evaluator=table",
    "--config.trials.metric=validation_accuracy",
    "--config.trials.number=40",
    "--config.trials.population=5",
)
BY_TRAINING = (
    *SMALL,
    FEW_OPERATIONS,
    "--config.search.method=random",
    "--config.trials.number=3",
    "--config.trials.epochs=1",
    "--config.trials.workers=0",
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """All 16 cells of two options on four edges, of which the connected ones are the best."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["architecture", "validation_accuracy"])
        for chosen in itertools.product(OPTIONS, repeat=4):
            edges = [
                [(source, 2, op) for source, op in enumerate(pair) if op != "none"]
                for pair in (chosen[:2], chosen[2:])
            ]
            genotype = space.Genotype(
                {"normal": tuple(edges[0]), "reduction": tuple(edges[1])}, num_nodes=1
            )
            writer.writerow([genotype.to_json(), 50 + 10 * chosen.count("skip_connect")])
    return path


@pytest.fixture(scope="module")
def looked_up(table, tmp_path_factory):
    """The run directory of an evolution on the table."""
    workdir = tmp_path_factory.mktemp("looked_up") / "run"
    words = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}")
    assert main.run(words) == 0
    return workdir


def records(workdir):
    """The records of a run's trials, without how long they took."""
    lines = (workdir / "trials.jsonl").read_text().splitlines()[1:]
    found = [json.loads(line) for line in lines]
    return [{k: v for k, v in each.items() if k not in ("crc32", "seconds")} for each in found]


def test_the_best_of_the_table_is_found_and_told(looked_up, capsys):
    found = space.Genotype.load(looked_up / "genotype.json")
    assert len(found.connections("normal")) == len(found.connections("reduction")) == 2
    with (looked_up / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40 and max(float(row["validation_accuracy"]) for row in rows) == 90
    assert "parameters" not in rows[0]  # this run's sizes would mislead beside a table of others
    assert main.run(("--mode=report", f"--workdir={looked_up}")) == 0
    assert "40 of 40 trials" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("mode", ["evaluate", "export"])
def test_a_table_leaves_no_network_which_is_said_in_a_line(looked_up, capsys, mode):
    assert main.run((f"--mode={mode}", f"--workdir={looked_up}")) == 2
    error = capsys.readouterr().err
    assert "holds an architecture and no network" in error and "--mode=train there first" in error
    assert len(error.splitlines()) == 1 and not (looked_up / "child.keras").exists()


@pytest.mark.parametrize("kept", [1, 20, 41])
def test_a_search_whose_log_ends_anywhere_makes_the_same_trials(
    looked_up, table, tmp_path, capsys, kept
):
    workdir = tmp_path / "run"
    workdir.mkdir()
    for name in ("config.json", "environment.json", "manifest.jsonl", "dataset.json"):
        (workdir / name).write_bytes((looked_up / name).read_bytes())
    lines = (looked_up / "trials.jsonl").read_bytes().splitlines(keepends=True)
    (workdir / "trials.jsonl").write_bytes(b"".join(lines[:kept]) + lines[kept][:9])
    words = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}")
    assert main.run(words) == 0, capsys.readouterr().err
    assert records(workdir) == records(looked_up)
    assert (workdir / "genotype.json").read_bytes() == (looked_up / "genotype.json").read_bytes()


def test_a_bayesian_search_finds_a_best_cell_before_half_are_tried(table, tmp_path):
    """One cell of sixteen is worth 90; the search goes on from where its log ends."""
    words = (
        *BY_TABLE,
        "--config.search.method=bayesian",
        "--config.trials.starts=3",
        f"--config.trials.table={table}",
        f"--workdir={tmp_path / 'run'}",
    )
    assert main.run((*words, "--config.trials.number=5")) == 0
    assert main.run((*words, "--config.trials.number=8")) == 0
    whole = (*words[:-1], f"--workdir={tmp_path / 'whole'}", "--config.trials.number=8")
    assert main.run(whole) == 0
    made = records(tmp_path / "run")
    assert made == records(tmp_path / "whole")
    ended = [each["metrics"]["validation_accuracy"] for each in made if "ended" in each]
    assert len(ended) == 8 and max(ended) == 90
    assert "Predicted against observed" in (tmp_path / "run" / "report.html").read_text()


def test_a_finished_search_goes_on_where_there_are_to_be_more_trials(
    looked_up, table, tmp_path, capsys
):
    workdir = tmp_path / "run"
    shutil.copytree(looked_up, workdir)
    words = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}")
    assert main.run((*words, "--config.trials.number=30")) == 2
    assert "trials.number is 40 there, 30 here" in capsys.readouterr().err
    assert main.run((*words, "--config.trials.number=60")) == 0
    assert "Continuing after 40 of 60 trials" in capsys.readouterr().out
    made = records(workdir)
    assert made[:80] == records(looked_up) and len(made) == 120
    assert main.run((*words, "--config.trials.number=60")) == 0
    assert "is finished" in capsys.readouterr().out and records(workdir) == made


def test_a_search_that_its_time_ended_goes_on_where_there_is_more(table, tmp_path, capsys):
    workdir = tmp_path / "run"
    words = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}")
    words = (*words, "--config.trials.number=1000000")
    assert main.run((*words, "--config.trials.seconds=0.1")) == 0
    before = records(workdir)
    assert main.run((*words, "--config.trials.seconds=0.05")) == 0
    assert "is finished" in capsys.readouterr().out and records(workdir) == before
    assert main.run((*words, "--config.trials.seconds=0.2")) == 0
    told = capsys.readouterr().out
    assert f"Continuing after {len(before) // 2} of 1000000 trials" in told
    made = records(workdir)
    assert made[: len(before)] == before and len(made) > len(before)


def test_a_search_whose_report_fails_is_not_finished_and_goes_on(
    looked_up, table, tmp_path, capsys
):
    workdir = tmp_path / "run"
    shutil.copytree(looked_up, workdir)
    (workdir / "report.html").unlink()
    (workdir / "report.html").mkdir()
    words = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}")
    words = (*words, "--config.trials.number=41")
    assert main.run(words) == 1
    assert "report.html is a directory" in capsys.readouterr().err
    made = records(workdir)
    (workdir / "report.html").rmdir()
    assert main.run(words) == 0
    assert "Continuing after 41 of 41 trials" in capsys.readouterr().out
    assert (workdir / "report.html").is_file() and records(workdir) == made


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (("--config.trials.metric=f1",), "`--config.trials.metric` must be one of validation_acc"),
        (("--config.trials.cost=watts",), "`--config.trials.cost` must be one of validation_acc"),
        (("--config.space.num_nodes=2",), "`--config.trials.table` must have architectures of the"),
        (("--config.trials.table=none.npz",), "`--config.trials.table`: a table must be an .npz"),
    ],
)
def test_what_cannot_be_searched_is_refused_and_nothing_written(
    table, tmp_path, capsys, words, fragment
):
    workdir = tmp_path / "run"
    given = (*BY_TABLE, f"--config.trials.table={table}", f"--workdir={workdir}", *words)
    assert main.run(given) == 2
    error = capsys.readouterr().err
    assert fragment in error and len(error.splitlines()) == 1
    assert not (workdir / "config.json").exists()


def test_trials_that_train_are_killed_interrupted_and_gone_on_with(tmp_path, capsys):
    workdir = tmp_path / "run"

    def ends_after(trials, number):
        process = start(workdir, BY_TRAINING)

        def is_there():
            path = workdir / "trials.jsonl"
            return path.exists() and path.read_text().count('"ended"') >= trials

        wait_until(process, is_there, f"trial {trials}")
        process.send_signal(number)
        return finish(process)

    assert ends_after(1, signal.SIGKILL)[0] == -signal.SIGKILL
    before = records(workdir)
    code, _, err = ends_after(2, signal.SIGINT)
    assert code == 130 and "saving after the trial that runs; again to stop at once" in err
    # The second trial, where the signal came between its record and the look for signals.
    (ended,) = re.findall(r"trials.jsonl \(([23]) trials\); the same command continues", err)
    assert not (workdir / "child.keras").exists()
    assert main.run((*BY_TRAINING, f"--workdir={workdir}")) == 0
    assert f"Continuing after {ended} of 3 trials" in capsys.readouterr().out
    made = records(workdir)
    assert made[: len(before)] == before
    assert sorted(each["ended"] for each in made if "ended" in each) == [0, 1, 2]
    best = max((each for each in made if "ended" in each), key=lambda e: e["metrics"]["accuracy"])
    (measured,) = json.loads((workdir / "results.json").read_text())
    assert measured["accuracy"] == pytest.approx(best["metrics"]["accuracy"], abs=1e-6)
    assert measured["name"] == "network of the best trial"
    assert (workdir / "child.keras").read_bytes() == next(
        path.read_bytes() for path in (workdir / "trials").iterdir()
    )
