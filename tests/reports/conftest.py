# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A small report of a search over four epochs, and one with all that a report can tell."""

import dataclasses

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


def cost(parameters):
    return space.Cost(parameters=parameters, multiply_adds=100 * parameters)


@pytest.fixture(scope="session")
def classes():
    """Ten classes of 100 images each, of which "8" is the weakest by far."""
    right = (99, 98, 97, 96, 95, 94, 93, 92, 55, 91)
    return tuple(
        reports.ClassResult(name=str(name), right=count, count=100)
        for name, count in enumerate(right)
    )


@pytest.fixture(scope="session")
def seeds():
    """Three searches, the second of them chosen."""
    return tuple(
        reports.SeedResult(
            seed=7 + number,
            supernet_accuracy=0.95 + 0.01 * number,
            child_accuracy=0.96 + 0.01 * number,
            trained_accuracy=trained,
            cost=cost(40_000 + 1_000 * number),
            chosen=number == 1,
        )
        for number, trained in enumerate((0.97, 0.99, 0.98))
    )


@pytest.fixture(scope="session")
def trade_off():
    """Two groups of three searches each, and the children of a search's four epochs."""
    groups = [
        reports.TradeOffPoint(
            label=label, cost=cost(parameters + 500 * shift), accuracy=accuracy + 0.004 * shift
        )
        for label, parameters, accuracy in (("mild", 40_000, 0.98), ("aggressive", 12_000, 0.94))
        for shift in (-1, 0, 1)
    ]
    path = [
        reports.TradeOffPoint(
            label=reports.TradeOffPoint.EPOCHS,
            cost=cost(60_000 / epoch),
            accuracy=1 - 0.5 / epoch,
        )
        for epoch in range(1, EPOCHS + 1)
    ]
    return (*groups, *path)


def degeneracy(kind, epoch, until, sentence):
    what = "empty cell" if "empty" in sentence else "skip connections"
    return space.Degeneracy(what=what, decision=kind, epoch=epoch, until=until, sentence=sentence)


@pytest.fixture(scope="session")
def degeneracies():
    """One that was over soon, and one that came back to stay."""
    return (
        degeneracy("normal", 1, 1, "the normal cell drowns: 8 of 9; do less"),
        degeneracy("reduction", 1, 1, "the reduction cell is empty, once; do lower it"),
        degeneracy("reduction", 3, None, "the reduction cell is empty, again; do lower it"),
    )


@pytest.fixture(scope="session")
def gradient_shares():
    random = np.random.default_rng(1)
    return {kind: random.random((14, 2)) for kind in space.KINDS}


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
        architecture=space.PUBLISHED["SNAS_AGGRESSIVE"],
        space=cells,
        presentation=reports.CellPresentation(),
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


@pytest.fixture(scope="session")
def full_report(report, classes, seeds, trade_off, gradient_shares, degeneracies):
    """All parts; results are as wide as they can be."""
    measured = {"count": 1000, "classes": classes, "accuracy": 0.91, "top_5_accuracy": 0.987}
    measured |= {"cost": cost(43_210), "latency": 1.234}
    names = ("child without retraining", "child, trained")
    results = tuple(reports.Result(name=name, split="test", **measured) for name in names)
    return dataclasses.replace(
        report,
        results=(report.results[0], *results),
        seeds=seeds,
        trade_off=trade_off,
        gradient_shares=gradient_shares,
        target="at most 40,000 parameters; the network has 43,210.",
        target_missed=True,
        warnings=degeneracies,
    )


def standing(architecture, test, validation, rank):
    values = {"test_accuracy": test, "validation_accuracy": validation}
    return reports.Standing(architecture=architecture, values=values, rank=rank)


@pytest.fixture(scope="session")
def truth():
    """Four epochs, of which the second and third stand at a better architecture than the last."""
    better = standing("|better|", 93.75, 91.25, 2)
    return reports.Truth(
        table="small.npz",
        count=15_625,
        accuracies=("test_accuracy", "validation_accuracy"),
        trajectory=(
            standing("|first|", 0.5425, 0.3025, 900),
            better,
            better,
            standing("|worse|", 91.5, 89.0, 3),
        ),
        best=standing("|best|", 94.37, 91.5, 1),
    )
