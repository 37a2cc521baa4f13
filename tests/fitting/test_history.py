# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The history of a stage survives on disk, and its table has a row an epoch."""

import csv

import numpy as np

from snas_tf.fitting import generation
from snas_tf.fitting.history import History, newest, write_metrics

ROWS = [{"epoch": 1, "loss": 0.1 + 0.2}, {"epoch": 2, "loss": 1e-17}]


def history(rng):
    probabilities = {
        kind: [rng.random((5, 3), np.float32) for _ in ROWS] for kind in ("normal", "reduction")
    }
    return History(list(ROWS), probabilities)


def test_what_is_saved_is_loaded_bit_for_bit(tmp_path, rng):
    saved = history(rng)
    saved.save(tmp_path)
    loaded = History.load(tmp_path)
    assert loaded.rows == saved.rows and loaded.epochs == 2
    for kind, values in saved.stacked().items():
        assert values.shape == (2, 5, 3)
        np.testing.assert_array_equal(loaded.stacked()[kind], values)


def test_a_training_has_no_probabilities(tmp_path):
    History(list(ROWS)).save(tmp_path)
    assert History.load(tmp_path) == History(list(ROWS))


def test_the_newest_intact_checkpoint_counts(tmp_path):
    assert newest(tmp_path, "search") == History()
    for epochs, steps in ((2, 0), (9, 0), (10, 0), (10, 4), (11, 0)):
        position = generation.Position(epochs, steps)
        folder = tmp_path / generation.folder_name("search", position)
        folder.mkdir()
        History([{"epoch": number + 1} for number in range(epochs)]).save(folder)
        generation.seal(folder, position)
    (tmp_path / "search-00011" / "history.json").write_text("[]")
    assert newest(tmp_path, "search").epochs == 10


def test_the_table_holds_every_number_exactly(tmp_path):
    write_metrics(tmp_path / "metrics.csv", ROWS)
    with (tmp_path / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == ROWS
    write_metrics(tmp_path / "metrics.csv", ROWS[:1])
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 2
