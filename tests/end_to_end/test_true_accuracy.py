# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A table of true accuracies in the commands: refused, asked, kept; no search depends on it."""

import json
import shutil

import numpy as np
import pytest

from snas_tf import main, space
from tests.end_to_end.processes import SEARCH, assert_same_bits

pytestmark = pytest.mark.slow


@pytest.fixture
def table(uninterrupted, tmp_path):
    """What the search found, in rank 3 of 4."""
    found = space.Genotype.load(uninterrupted / "genotype.json")
    primitives = ("none", "skip_connect", "sep_conv_3x3")
    cells, rng = space.CellSpace(found.num_nodes, primitives), np.random.default_rng(0)
    genotypes = [found]
    while len(genotypes) < 4:
        other = cells.sample(rng)
        genotypes += [] if other in genotypes else [other]
    path = tmp_path / "true.npz"
    texts = np.array([genotype.to_json() for genotype in genotypes])
    np.savez(path, architecture=texts, test_accuracy=[0.5, 0.75, 0.875, 0.25])
    return path


@pytest.mark.parametrize("content", [b"no table", None])
def test_a_wrong_table_is_refused_before_the_search_begins(tmp_path, capsys, content):
    path, workdir = tmp_path / "wrong.npz", tmp_path / "run"
    if content:
        path.write_bytes(content)
    words = (*SEARCH, f"--workdir={workdir}", f"--config.evaluation.table={path}")
    assert main.run(words) == 2
    error = capsys.readouterr().err
    assert "`--config.evaluation.table`: a table must be an .npz" in error
    assert len(error.splitlines()) == 1 and not (workdir / "config.json").exists()


def test_a_finished_run_is_judged_and_remembers(uninterrupted, table, tmp_path, capsys):
    workdir = tmp_path / "run"
    shutil.copytree(uninterrupted, workdir)
    words = ("--mode=report", f"--workdir={workdir}")
    assert main.run((*words, f"--config.evaluation.table={table}")) == 0
    told = "By true.npz, the architecture that the search found has a test accuracy of 0.5000, rank"
    assert f"{told} 3 of 4." in " ".join(capsys.readouterr().out.split())
    kept = json.loads((workdir / "true_accuracy.json").read_text())
    assert len(kept["trajectory"]) == 5 and kept["trajectory"][-1]["rank"] == 3
    assert main.run(words) == 0
    assert told in " ".join(capsys.readouterr().out.split())
    assert told in (workdir / "report.html").read_text()


def test_a_search_with_a_table_has_the_bits_of_one_without(uninterrupted, table, tmp_path, capsys):
    workdir = tmp_path / "run"
    words = (*SEARCH, f"--workdir={workdir}", f"--config.evaluation.table={table}")
    assert main.run(words) == 0
    assert "rank 3 of 4" in " ".join(capsys.readouterr().out.split())
    assert_same_bits(uninterrupted, workdir, "search", 5)
    assert json.loads((workdir / "true_accuracy.json").read_text())["best"]["rank"] == 1
