# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A small report with every part, over four epochs."""

import numpy as np
import pytest

from snas_tf import reports, space

EPOCHS = 4


def search_row(epoch):
    return {
        "epoch": epoch,
        "loss": 2.0 / epoch,
        "accuracy": 1 - 0.5 / epoch,
        "temperature": 1.0 / epoch,
        "entropy_normal": 29.0 / epoch,
        "entropy_reduction": 28.0 / epoch,
        "expected_parameters": 40_000.0 / epoch,
        "expected_multiply_adds": 3e6 / epoch,
        "val_loss": 2.1 / epoch,
        "val_accuracy": 1 - 0.6 / epoch,
        "val_sampled_accuracy": 1 - 0.7 / epoch,
        "val_sampled_loss": 2.2 / epoch,
    }


@pytest.fixture(scope="session")
def search_rows():
    return [search_row(epoch) for epoch in range(1, EPOCHS + 1)]


@pytest.fixture(scope="session")
def training_rows():
    columns = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    return [
        {"epoch": epoch, **{column: 0.9 / epoch for column in columns}}
        for epoch in range(1, EPOCHS + 1)
    ]


@pytest.fixture(scope="session")
def probabilities():
    cells, random = space.CellSpace(), np.random.default_rng(0)
    shape = (EPOCHS, cells.num_edges, cells.num_operations)
    scores = {kind: random.random(shape) for kind in space.KINDS}
    return {kind: values / values.sum(axis=-1, keepdims=True) for kind, values in scores.items()}


@pytest.fixture(scope="session")
def report(search_rows, training_rows, probabilities):
    cells = space.CellSpace()
    cost = space.Cost(parameters=43_210, multiply_adds=446_000_000)
    return reports.Report(
        title="Search on digits",
        summary="A network was found.",
        results=(
            reports.Result(
                name="supernet, sampled", split="validation", accuracy=0.9806, count=360
            ),
            reports.Result(
                name="child without retraining",
                split="test",
                accuracy=0.9917,
                count=360,
                cost=cost,
            ),
        ),
        genotype=space.PUBLISHED["SNAS_AGGRESSIVE"],
        cells=cells,
        search_rows=search_rows,
        probabilities=probabilities,
        training_rows=training_rows,
        config={"seed": 7, "search": {"epochs": 60, "estimator": "concrete"}},
        environment={"python": "3.11.9", "devices": ["CPU:0"]},
        dataset={"name": "digits", "class_names": ["zero", "one"]},
        next_commands=(
            "python -m snas_tf.main --mode=train --workdir=a-rather-long-name/" + "x" * 60,
        ),
    )
