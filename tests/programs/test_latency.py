# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=latency: the table of the config's skeleton, what it predicts, and where it may write."""

import collections
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from snas_tf import config, space
from snas_tf.errors import InvalidInput
from snas_tf.networks import device_name
from snas_tf.programs import latency
from snas_tf.runs.run_directory import RunDirectory

ROOT = pathlib.Path(__file__).parents[2]
SMALL = {
    "space.num_nodes": 1,
    "space.primitives": ("none", "skip_connect", "sep_conv_3x3"),
    "network.num_cells": 1,
    "network.init_channels": 2,
    "latency.batch_size": 2,
    "latency.repetitions": 2,
    "latency.num_children": 3,
}
CELLS = space.CellSpace(1, SMALL["space.primitives"])
SKELETON = space.Skeleton(num_cells=1, init_channels=2, num_classes=10, image_shape=(8, 8, 1))


def small(**changes):
    changed = config.get_config()
    changed.update_from_flattened_dict({**SMALL, **changes})
    return changed


def measured(path, with_config):
    with RunDirectory(path) as directory:
        latency.run(with_config, directory)
    return directory


def files(path):
    return sorted(entry.name for entry in path.iterdir() if not entry.name.startswith(".lock"))


@pytest.mark.slow
def test_a_table_of_the_searchs_skeleton_and_its_check(tmp_path, capsys):
    directory = measured(tmp_path / "latency", small())
    assert files(directory.path) == [
        "latency_check.json",
        "latency_check.png",
        "latency_table.json",
    ]
    table = space.LatencyTable.load(directory.latency_table_path)
    table.check_device(device_name())
    assert tuple(table.milliseconds) == space.pieces(CELLS, SKELETON)
    assert (table.batch_size, table.repetitions) == (2, 2)
    check = json.loads(directory.latency_check_path.read_text())
    assert len(check["networks"]) == 3
    for entry in check["networks"]:
        genotype = space.Genotype.from_json(json.dumps(entry["genotype"]))
        assert entry["predicted"] == pytest.approx(table.predict(genotype, SKELETON))
        assert entry["measured"] > 0
    assert directory.latency_chart_path.read_bytes().startswith(b"\x89PNG")
    told = capsys.readouterr().out
    assert f"{len(table.milliseconds)} entries" in told and "sep_conv_3x3" in told
    assert "3 random networks" in told and device_name() in told
    assert f"--config.search.latency_table={directory.latency_table_path}" in told


@pytest.mark.slow
def test_measuring_again_replaces_the_table_and_says_so(tmp_path, capsys):
    measured(tmp_path, small())
    assert "Replaces" not in capsys.readouterr().out
    directory = measured(tmp_path, small(**{"latency.num_children": 0, "latency.batch_size": 1}))
    assert f"Replaces {directory.latency_table_path}" in capsys.readouterr().out
    # The check was of the table before.
    assert files(tmp_path) == ["latency_table.json"]
    assert space.LatencyTable.load(directory.latency_table_path).batch_size == 1


def test_a_folder_with_a_table_may_hold_a_run(tmp_path):
    with RunDirectory(tmp_path) as directory:
        directory.claim()
        directory.latency_table_path.write_text("{}")
        (tmp_path / ".latency_check.json.123").write_text("")
        directory.check("search", config.get_config())
        directory.begin("search", config.get_config())
        directory.check_folder()
    assert directory.latency_table_path.exists()


@pytest.mark.parametrize("name", ["thesis.txt", "config.json"])
def test_a_foreign_folder_is_refused_before_anything_is_written(tmp_path, name):
    (tmp_path / name).write_text("{}")
    for act in (RunDirectory(tmp_path).check_folder, RunDirectory(tmp_path).claim):
        with pytest.raises(InvalidInput, match=name):
            act()
    assert files(tmp_path) == [name]


def test_one_process_at_a_time(tmp_path):
    with RunDirectory(tmp_path) as directory:
        directory.claim()
        with pytest.raises(InvalidInput, match=f"in use by process {os.getpid()}"):
            RunDirectory(tmp_path).claim()


def test_random_networks_follow_from_the_seed():
    cells = space.CellSpace()
    genotypes = latency.random_genotypes(cells, 4, seed=7)
    assert genotypes == latency.random_genotypes(cells, 6, seed=7)[:4]
    assert len({*genotypes}) == 4
    assert not {*genotypes} & {*latency.random_genotypes(cells, 4, seed=8)}


def test_random_networks_have_every_operation_as_often():
    cells = space.CellSpace()
    genotypes = latency.random_genotypes(cells, 60, seed=0)
    for kind in space.KINDS:
        counts = collections.Counter(
            connection.operation for g in genotypes for connection in g.connections(kind)
        )
        counts["none"] = 60 * 14 - counts.total()
        # 840 edges: 105 each, with a deviation of 9.6.
        assert {*counts} == {*space.PRIMITIVES}
        assert all(abs(count - 105) < 48 for count in counts.values())


def test_agreement_in_closed_form():
    exact = latency.agreement([1.0, 2.0, 4.0], [1.0, 2.0, 4.0])
    assert exact == pytest.approx({"pearson": 1.0, "spearman": 1.0, "error": 0.0, "bias": 0.0})
    found = latency.agreement([1.1, 1.8, 5.0], [1.0, 2.0, 4.0])
    assert found["spearman"] == pytest.approx(1.0) and 0.9 < found["pearson"] < 1.0
    assert found["error"] == pytest.approx((0.1 + 0.1 + 0.25) / 3)
    assert found["bias"] == pytest.approx((0.1 - 0.1 + 0.25) / 3)
    turned = latency.agreement([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
    assert turned["spearman"] == pytest.approx(-1.0)


@pytest.mark.parametrize("predicted", [[1.0], [1.0, 2.0], [1.0, 1.0, 1.0]])
def test_a_correlation_of_too_little_is_none(predicted):
    found = latency.agreement(predicted, np.arange(1.0, 1.0 + len(predicted)))
    assert found["pearson"] is None and found["spearman"] is None


@pytest.mark.slow
def test_the_command(tmp_path):
    """In a process of its own, as threads are set once: one operation after the other."""
    words = [f"--config.{key}={value}" for key, value in SMALL.items()]
    command = [sys.executable, "-m", "snas_tf.main", "--mode=latency", "--workdir=here", *words]
    answer = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr
    assert "one operation after the other" in answer.stdout
    table = space.LatencyTable.load(tmp_path / "here" / "latency_table.json")
    assert table.predict(space.Genotype({"normal": (), "reduction": ()}, num_nodes=1), SKELETON) > 0
