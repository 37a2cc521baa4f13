# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A report is made of the files of a run, at every moment of it."""

import pathlib
import sys

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.reports import Result
from snas_tf.runs import report, results
from snas_tf.runs.files import write_json
from snas_tf.runs.history import History
from snas_tf.runs.run_directory import RunDirectory


@pytest.fixture
def directory(tmp_path):
    """A search that was stopped after its second epoch."""
    directory = RunDirectory(tmp_path / "a run")
    with directory:
        directory.begin("search", config.get_config())
    folder = directory.checkpoints_folder / "search-00002"
    folder.mkdir(parents=True)
    probabilities = np.full((14, 8), 0.1, np.float32)
    probabilities[0, 3] = 0.9
    rows = [{"epoch": number, "loss": 1.0 / number, "temperature": 0.5} for number in (1, 2)]
    History(rows, {kind: [probabilities] * 2 for kind in space.KINDS}).save(folder)
    write_json(directory.dataset_path, {"name": "digits"})
    return directory


def test_a_run_that_goes_on_is_reported_with_what_it_would_find_now(directory):
    found = report.assemble(directory)
    assert found.title == "Architecture search on digits"
    assert found.summary == "The search is not finished: 2 of 60 epochs."
    assert found.genotype.connections("normal")[0] == space.Connection(0, 2, "skip_connect")
    assert found.next_commands == ()
    report.write(directory)
    assert "2 of 60 epochs" in directory.report_path.read_text()
    assert directory.picture_path("normal").read_bytes().startswith(b"\x89PNG")


def test_the_next_command_calls_the_python_of_the_folder(directory, monkeypatch):
    directory.mark_finished("train")
    folder = pathlib.Path(sys.executable).parents[2]
    for here, python in (
        (folder, str(pathlib.Path(sys.executable).relative_to(folder))),
        (directory.path, "python"),
    ):
        monkeypatch.chdir(here)
        for command in report.assemble(directory).next_commands:
            assert command.startswith(f"{python} -m snas_tf.main --mode=")


def test_a_finished_search_names_what_it_found_and_what_comes_next(directory, monkeypatch):
    monkeypatch.chdir(directory.path)
    space.PUBLISHED["SNAS_MILD"].save(directory.genotype_path)
    measured = {results.SUPERNET: 0.972, results.CHILD: 0.99}
    results.record(
        directory.results_path("search"),
        [
            Result(name=name, split="validation", accuracy=accuracy, count=100)
            for name, accuracy in measured.items()
        ],
    )
    words = ["--mode=search", "--workdir", "x", "--config", "a b.py", "--config.seed=1"]
    environment = {"search": {"arguments": [*words, "--overwrite", "--noconfig.data.flip"]}}
    write_json(directory.environment_path, environment)
    directory.mark_finished("search")
    found = report.assemble(directory)
    assert found.genotype == space.PUBLISHED["SNAS_MILD"]
    assert "classifies 99.0% of the validation" in found.summary and "97.2%" in found.summary
    train, evaluate, export = found.next_commands
    workdir = f"'--workdir={directory.path}'"
    flags = "--config 'a b.py' --config.seed=1 --noconfig.data.flip"
    assert train == f"python -m snas_tf.main --mode=train {workdir} {flags}"
    assert evaluate.endswith(f"--mode=evaluate {workdir}")
    assert export.endswith(f"--mode=export {workdir}")
