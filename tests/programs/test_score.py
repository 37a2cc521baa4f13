# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""--mode=score: untrained networks in a table, the best first."""

import csv

import keras
import pytest

from snas_tf import command_line, config
from snas_tf.errors import InvalidInput
from snas_tf.evaluation import zero_cost
from snas_tf.programs import score
from snas_tf.runs.run_directory import RunDirectory

SMALL = {
    "space.num_nodes": 1,
    "space.primitives": ("none", "skip_connect", "sep_conv_3x3"),
    "network.num_cells": 1,
    "network.init_channels": 2,
    "score.num_networks": 3,
    "score.batch_size": 8,
}


def scored(path, *, files=(), **changes):
    changed = config.get_config()
    changed.update_from_flattened_dict({**SMALL, **changes})
    with RunDirectory(path) as directory:
        score.run(changed, directory, files=files)
    with open(path / "scores.csv") as file:
        return list(csv.DictReader(file))


def network(path, shape=(8, 8, 1)):
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Conv2D(2, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10),
        ]
    )
    model.save(path)
    return str(path)


def test_random_networks_are_ranked_with_their_sizes_beside(tmp_path, capsys):
    rows = scored(tmp_path, **{"score.scores": ("naswot", "snip")})
    columns = ("naswot", "snip", "parameters", "multiply_adds", "rank_sum")
    assert len(rows) == 3 and tuple(rows[0]) == ("network", *columns)
    both = {name: [float(row[name]) for row in rows] for name in ("naswot", "snip")}
    assert [float(row["rank_sum"]) for row in rows] == zero_cost.rank_sum(both).tolist()
    assert sorted(rows, key=lambda row: -float(row["rank_sum"])) == rows
    told = capsys.readouterr().out
    assert "Spearman" in told and "the number of parameters alone" in told
    assert scored(tmp_path, **{"score.scores": ("naswot", "snip")}) == rows


def test_networks_of_files_are_ranked(tmp_path):
    path = network(tmp_path / "own.keras")
    rows = scored(tmp_path / "scores", files=[path])
    assert [row["network"] for row in rows] == [path]
    assert float(rows[0]["parameters"]) == 20 + 730


def test_what_was_scored_is_not_scored_again(tmp_path, monkeypatch):
    """A score takes its time: one that was stopped, or is to have more networks, goes on."""
    built = []
    scores = zero_cost.scores

    def interrupted(model, *arguments, **options):
        if len(built) == 2:
            raise KeyboardInterrupt
        built.append(model)
        return scores(model, *arguments, **options)

    monkeypatch.setattr(zero_cost, "scores", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scored(tmp_path / "run")
    log = tmp_path / "run" / "scores.jsonl"
    with log.open("a") as file:
        file.write('{"network":"torn')
    monkeypatch.undo()
    own = [network(tmp_path / "own.keras")]
    (alone,) = scored(tmp_path / "own", files=own)
    before = log.read_bytes().splitlines()[:3]
    rows = scored(tmp_path / "run")
    assert log.read_bytes().splitlines()[:3] == before
    assert len(log.read_bytes().splitlines()) == 4
    assert rows == scored(tmp_path / "whole")
    monkeypatch.setattr(zero_cost, "scores", None)
    assert scored(tmp_path / "run") == rows and scored(tmp_path / "own", files=own) == [alone]
    for other in ({"seed": 1}, {"score.batch_size": 9}, {"network.init_channels": 4}):
        with pytest.raises(TypeError):
            scored(tmp_path / "run", **other)
    network(tmp_path / "own.keras", (8, 8, 1))  # of other weights
    with pytest.raises(TypeError):
        scored(tmp_path / "own", files=own)


def test_files_that_are_no_such_networks_are_refused(tmp_path):
    (tmp_path / "none.keras").write_text("no network")
    with pytest.raises(InvalidInput, match="must be a network that Keras saved"):
        scored(tmp_path / "a", files=[str(tmp_path / "none.keras")])
    with pytest.raises(InvalidInput, match="must take images of the data set"):
        scored(tmp_path / "b", files=[network(tmp_path / "other.keras", (4, 4, 3))])


def test_the_command_line_takes_networks_for_this_mode_alone(tmp_path):
    words = [f"--workdir={tmp_path}", "a.keras"]
    assert command_line.parse(["--mode=score", *words]).files == ("a.keras",)
    with pytest.raises(InvalidInput, match="'a.keras' must be a flag"):
        command_line.parse(["--mode=latency", *words])
    with pytest.raises(InvalidInput, match="score.num_networks"):
        command_line.parse(["--mode=score", "--config.score.num_networks=1"])
